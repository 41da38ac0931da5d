"""What a run prints below the screen: incidents as they are told, and the figures at the end."""

from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from forecasting.records import IncidentEvent
from processors.simulate_plan import Truth
from streams.summary import IncidentLine, Summary
from streams.view import CALM, NEGATIVE, QUIET

STYLE = {"opened": NEGATIVE, "updated": NEGATIVE, "resolved": CALM, "recorded": QUIET}


def print_event(console: Console, change: str, message: str, note: str) -> None:
    """Print an incident's message as its receiver gets it."""
    text = Text(message.rstrip())
    text.append(f"\n{note}", style=QUIET)
    console.print(Panel(text, border_style=STYLE.get(change, ""), box=box.ROUNDED))


def print_webhook(console: Console, body: dict[str, Any]) -> None:
    """Print a webhook that the demo's receiver got and verified."""
    data = body["data"]
    change = body["type"].removeprefix("incident.")
    note = f"webhook {data['event_id']} received, signature verified"
    print_event(console, change, data["message"], note)


def print_incident(console: Console, event: IncidentEvent) -> None:
    """Print an incident of a replay, with its evidence."""
    note = event.change.event_id
    if not event.change.alerts:
        note += " · recorded only, alerts nobody"
    change = event.change.change if event.change.alerts else "recorded"
    print_event(console, change, event.message, note)


def print_summary(console: Console, figures: Summary, *, truth: Truth | None = None) -> None:
    """Print the figures of a run; with a known truth, what they should be."""
    table = Table(box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("brand", "posts", "negative", "neutral", "positive"):
        table.add_column(name, justify="left" if name == "brand" else "right")
    for brand, counts in figures.brands.items():
        table.add_row(brand, *(f"{counts[name]:,}" for name in list(counts)))
    console.print(table)
    dropped = "".join(f", {count:,} dropped ({why})" for why, count in figures.dropped.items())
    dead = ", ".join(f"{count:,} {why}" for why, count in figures.dead.items())
    life = "".join(
        f", {count:,} {what}"
        for what, count in (("edits", figures.edited), ("erasures", figures.erased))
        if count
    )
    console.print(
        f"{figures.posts_read:,} posts read: {figures.posts_stored:,} stored, "
        f"{figures.repeats_dropped:,} repeats, {figures.dead_letters:,} dead letters"
        f"{f' ({dead})' if dead else ''}{dropped}{life}; "
        f"{figures.seconds:.0f} s, {figures.posts_per_second:,.0f} posts/s",
        highlight=False,
        soft_wrap=True,
    )
    for incident in figures.incidents:
        span = f"{incident.opened_at:%a %d %b %H:%M} {_end(incident)}"
        console.print(
            f"incident {incident.id}: {incident.brand}, {incident.kind.replace('_', ' ')}, "
            f"severity {incident.severity}, {span}"
            f"{'' if incident.alerts else ' (recorded only)'}",
            highlight=False,
            soft_wrap=True,
        )
    if not figures.incidents:
        console.print("no incident")
    if truth is not None:
        _print_truth(console, figures, truth)


def _end(incident: IncidentLine) -> str:
    if incident.resolved_at is None:
        return "UTC, still open"
    same_day = incident.resolved_at.date() == incident.opened_at.date()
    return f"- {incident.resolved_at:{'%H:%M' if same_day else '%a %d %b %H:%M'}} UTC"


def _print_truth(console: Console, figures: Summary, truth: Truth) -> None:
    same = all(figures.brands[name]["posts"] == brand.posts for name, brand in truth.brands.items())
    exact = "as generated, to the post" if same else "NOT what was generated"
    console.print(f"simulated: {truth.posts:,} posts; the counts of every brand are {exact}")
    for event in truth.events:
        inside = [i for i in figures.incidents if event.start <= i.opened_at <= event.end]
        found = [i for i in inside if not event.brand or i.brand == event.brand]
        what = (
            f"incident opened {_after(found[0].opened_at, event.start)}" if found else "no incident"
        )
        console.print(
            f"  {event.kind:<7} {event.brand:<10} {event.start:%H:%M} - {event.end:%H:%M}  "
            f"{event.posts:>4} posts  {what}",
            highlight=False,
            soft_wrap=True,
        )


def _after(moment: datetime, start: datetime) -> str:
    return f"{round((moment - start).total_seconds() / 60)} min after it began"
