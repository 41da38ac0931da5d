"""The line on a terminal: the same words, order and colours as the page."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from infra.deliver.failing import WARN_AFTER
from infra.metrics import Reading
from streams.snapshot import BrandView, Snapshot

NEGATIVE: Final = "#c2410c"
CALM: Final = "#0f766e"
QUIET: Final = "grey62"
WARN: Final = "#a16207"
QUIET_FEED: Final = timedelta(minutes=10)
"""Silence of all brands together after which the screen says so."""
BARS: Final = "▁▂▃▄▅▆▇█"
STAGES: Final = ("refine", "score", "store")


class Screen:
    """What is shown of one run; give it news with `update`, rich draws it."""

    def __init__(self, *, title: str, total: int | None, simulated: bool) -> None:
        self._title = title
        self._total = total
        self._simulated = simulated
        self._snapshot: Snapshot | None = None
        self._rate = 0.0
        self._note = "starting"
        self._trouble = ""

    def update(
        self, snapshot: Snapshot | None, *, rate: float, restarts: int, trouble: str = ""
    ) -> None:
        """Show this from now on. `rate` is posts stored a second, `trouble` what a person can mend
        besides what the snapshot tells."""
        self._trouble = trouble
        self._snapshot = snapshot or self._snapshot
        self._rate = rate
        again = f"{restarts} restarts" if restarts != 1 else "1 restart"
        self._note = again if restarts else "" if self._snapshot else "starting"

    def plain(self) -> str:
        """One line for where no screen can be drawn."""
        return "  ".join([self._figures(), *self._warnings()])

    def _warnings(self) -> list[str]:
        failing = failing_line(self._snapshot.readings) if self._snapshot else ""
        return [words for words in (self._trouble, failing) if words]

    def _figures(self) -> str:
        snapshot = self._snapshot
        if snapshot is None or (clock := clock_of(snapshot)) is None:
            return self._note or "waiting for posts"
        some = [f"{brand.name} {_percent(brand)}" for brand in snapshot.brands]
        total = f" of {self._total:,}" if self._total else ""
        return (
            f"{clock:%Y-%m-%d %H:%M} UTC  {on_disk(snapshot):,}{total} on disk  "
            f"{self._rate:,.0f} posts/s  negative: {', '.join(some) or '-'}"
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw."""
        yield Group(*self._parts(options.max_width))

    def _parts(self, width: int) -> list[RenderableType]:
        snapshot = self._snapshot
        parts: list[RenderableType] = [Text(), self._head(snapshot)]
        parts += [Text(f"  {words}", style=WARN) for words in self._warnings()]
        if snapshot is None or not snapshot.brands:
            return [*parts, Text(f"  {self._note}", style=QUIET)]
        urgent = [brand for brand in snapshot.brands if brand.incident]
        calm = [brand for brand in snapshot.brands if not brand.incident]
        urgent.sort(key=lambda brand: -(brand.incident.severity if brand.incident else 0))
        if snapshot.quiet >= QUIET_FEED:
            minutes = round(snapshot.quiet.total_seconds() / 60)
            parts.append(
                Text(f"  No posts for {minutes} min: the last hour is not complete.", style=WARN)
            )
        if urgent:
            parts.append(Text("  NEEDS ATTENTION", style=f"bold {NEGATIVE}"))
            parts.append(brand_table(urgent, width))
        parts.append(Text("  CALM", style="bold"))
        parts.append(brand_table(calm, width))
        parts.append(self._foot(snapshot, width))
        return parts

    def _head(self, snapshot: Snapshot | None) -> Text:
        text = Text.assemble(("  Groundswell", "bold"), ("  ", ""), (self._title, ""))
        if self._simulated:
            text.append("  simulated posts", style=f"italic {QUIET}")
        if snapshot and (clock := clock_of(snapshot)):
            text.append(f"   {clock:%a %d %b %H:%M} UTC", style="bold")
        text.append(f"   {self._note}", style=QUIET)
        return text

    def _foot(self, snapshot: Snapshot, width: int) -> Group:
        durable = on_disk(snapshot)
        line = Text(f"  {self._rate:,.0f} posts/s · {durable:,}", style=QUIET)
        line.append(f" of {self._total:,} on disk" if self._total else " on disk")
        line.append(f" · {stage_line(snapshot.readings)}")
        if not self._total:
            return Group(line)
        bar = ProgressBar(
            total=self._total,
            completed=durable,
            width=max(width - 4, 10),
            complete_style=CALM,
            finished_style=CALM,
        )
        return Group(Padding(bar, (0, 2)), line)


def clock_of(snapshot: Snapshot) -> datetime | None:
    """What time it is on the line: its feed's time, or as far as it has judged."""
    return snapshot.progress.clock if snapshot.progress else snapshot.judged_until


def on_disk(snapshot: Snapshot) -> int:
    """Posts known to be on disk, of the feed or since the start."""
    if snapshot.progress:
        return snapshot.progress.durable
    store = snapshot.readings.get("store")
    return store.posts if store else 0


def brand_table(brands: Sequence[BrandView], width: int) -> Table:
    """One row a brand: how bad against normal, since when, the curve.

    Where `width` is too little, the curve and then the counts are left out: names stay whole.
    """
    rows = [_row(brand, narrow=width < 90) for brand in brands]
    needed = [max(row[column].cell_len for row in rows) + 3 for column in range(6)] if rows else []
    for column in (4, 2):
        if rows and sum(needed) > width:
            rows = [(*row[:column], *row[column + 1 :]) for row in rows]
            del needed[column]
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False, padding=(0, 1))
    for column in range(len(needed)):
        table.add_column(no_wrap=True, min_width=0 if column else min(needed[0] - 3, width // 2))
    for row in rows:
        table.add_row(*row)
    return table


def _row(brand: BrandView, *, narrow: bool) -> tuple[Text, ...]:
    verdict, incident = brand.verdict, brand.incident
    name = Text(f"{'▌' if incident else ' '}{brand.name}", style=NEGATIVE if incident else "")
    if verdict is None:
        return name, Text("-"), Text(), Text(), Text(), Text()
    curve = Text(sparkline(brand.recent), style=NEGATIVE if incident else QUIET)
    hour = Text(f"{verdict.hour_negative} negative of {verdict.hour_volume}/h", justify="right")
    if verdict.learning:
        return name, Text("learning", style=QUIET), hour, Text(), curve, Text()
    status = Text("-", style=QUIET)
    if incident and brand.since:
        # "negative surge", or "surge" where there is little room.
        what = incident.kind.split("_")
        named = what[-1] if narrow else " ".join(what)
        status = Text(f"{incident.severity}  {named} since {brand.since:%H:%M}")
        status.stylize(f"bold {NEGATIVE}")
    low, high = (round(100 * share) for share in (verdict.share_lower, verdict.share_upper))
    share = Text(f"voices {round(100 * verdict.share)} % neg", style=NEGATIVE if incident else "")
    band = Text(f"expected {low}-{high} %", style=QUIET)
    return name, status, hour, share, curve, band


def _percent(brand: BrandView) -> str:
    return f"{round(100 * brand.verdict.share)} %" if brand.verdict else "-"


def sparkline(values: Sequence[int]) -> str:
    """Counts as bars, the highest at the top.

    >>> sparkline([0, 1, 2, 4])
    '▁▂▄█'
    """
    top = max(values, default=0) or 1
    return "".join(BARS[(len(BARS) - 1) * value // top] for value in values)


def stage_line(readings: Mapping[str, Reading]) -> str:
    """How long a post takes to come through each stage, in seconds since its receipt."""
    parts = [
        f"{stage} {readings[stage].lag_seconds:.1f} s" if stage in readings else f"{stage} …"
        for stage in STAGES
    ]
    return "lag: " + " · ".join(parts)


def failing_line(readings: Mapping[str, Reading]) -> str:
    """Receivers that have taken nothing for WARN_AFTER or more; empty if there are none.

    >>> failing_line({})
    ''
    """
    failing = readings["deliver"].failing if "deliver" in readings else {}
    long = [
        f"{name} takes nothing for {seconds / 3600:.0f} h"
        for name, seconds in sorted(failing.items())
        if seconds >= WARN_AFTER.total_seconds()
    ]
    return f"{', '.join(long)}: see `groundswell receivers list`" if long else ""
