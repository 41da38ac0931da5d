"""What a run prints below the screen."""

import io
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from processors.simulate_plan import BrandTruth, EventTruth, Truth
from streams.report import print_event, print_summary, print_webhook


def test_the_figures_add_up_on_the_page(show: Any) -> None:
    figures = show.figures(dead_letters=1, dropped={"no_brand": 2, "empty_text": 3})
    text = " ".join(show.shown(lambda console: print_summary(console, figures)).split())
    assert (
        "14,640 posts read: 14,485 stored, 155 repeats, 1 dead letters, 2 dropped (no_brand), "
        "3 dropped (empty_text); 41 s, 355 posts/s"
    ) in text
    assert "Northwind 2,320 705 961 654" in text
    assert "no incident" in text


def test_why_rows_are_dead_letters_is_told(show: Any) -> None:
    figures = show.figures(dead_letters=3, dead={"not_json": 2, "missing_field": 1})
    text = " ".join(show.shown(lambda console: print_summary(console, figures)).split())
    assert "3 dead letters (2 not_json, 1 missing_field); " in text


def test_edits_and_erasures_are_told_where_there_are_any(show: Any) -> None:
    figures = show.figures(edited=3, erased=2)
    text = " ".join(show.shown(lambda console: print_summary(console, figures)).split())
    assert "0 dead letters, 3 edits, 2 erasures; " in text
    plain = show.shown(lambda console: print_summary(console, show.figures()))
    assert "edits" not in plain
    assert "erasures" not in plain


def test_incidents_with_and_without_an_end(show: Any) -> None:
    lines = [show.incident_line(), show.incident_line(id="inc_2", resolved_at=None)]
    figures = show.figures(incidents=lines)
    text = show.shown(lambda console: print_summary(console, figures), width=132)
    assert (
        "incident inc_1: Northwind, negative surge, severity 6, Sun 01 Mar 20:25 - 23:25 UTC"
        in text
    )
    assert "Sun 01 Mar 20:25 UTC, still open" in text
    assert "no incident" not in text
    assert "recorded only" not in text
    figures = show.figures(incidents=[show.incident_line(kind="silence", alerts=False)])
    assert "(recorded only)" in show.shown(lambda console: print_summary(console, figures))


def truth(show: Any, posts: int) -> Truth:
    def event(kind: Any, brand: str, hour: int) -> EventTruth:
        start = show.clock.replace(hour=hour, minute=0)
        return EventTruth(
            kind=kind, brand=brand, start=start, end=start + timedelta(hours=1), posts=300
        )

    brand = BrandTruth(posts=posts, negative=0, neutral=0, positive=0, copies=0)
    return Truth(
        posts=3085,
        brands={"Northwind": brand},
        events=(event("crisis", "Northwind", 20), event("hype", "北风汽车", 18)),
    )


def test_a_known_truth_is_compared(show: Any) -> None:
    figures = show.figures(incidents=[show.incident_line()])
    text = show.shown(lambda console: print_summary(console, figures, truth=truth(show, 2320)))
    assert "as generated, to the post" in text
    crisis, hype = (
        next(line for line in text.splitlines() if line.split()[:1] == [kind])
        for kind in ("crisis", "hype")
    )
    assert "incident opened 25 min" in crisis
    assert "no incident" in hype
    wrong = show.shown(lambda console: print_summary(console, figures, truth=truth(show, 2321)))
    assert "NOT what was generated" in wrong


def test_a_webhook_as_its_receiver_reads_it(show: Any) -> None:
    body = {
        "type": "incident.opened",
        "data": {
            "event_id": "inc_1.1",
            "message": "🔴 Northwind · negative surge · severity 7 of 10\n"
            "214 negative posts in the last hour [sic], 31 expected (18-52).\n",
        },
    }
    text = show.shown(lambda console: print_webhook(console, body))
    assert "webhook inc_1.1 received, signature verified" in text
    assert "severity 7 of 10" in text
    assert "[sic]" in text  # words of posts are never markup
    assert {cell_len(line) for line in text.splitlines()} == {80}


@pytest.mark.parametrize("change", ["opened", "updated", "resolved", "another"])
def test_every_change_can_be_printed(change: str, show: Any) -> None:
    assert "told" in show.shown(lambda console: print_event(console, change, "told", "note"))


def test_a_pipe_gets_no_control_codes(show: Any) -> None:
    out = io.StringIO()
    print_summary(Console(file=out, width=80), show.figures(incidents=[show.incident_line()]))
    assert "\x1b" not in out.getvalue()
    assert "severity 6" in out.getvalue()
