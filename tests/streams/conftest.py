"""Figures and brands to show."""

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from forecasting.records import IncidentEvent, Verdict
from infra.incidents import Incident
from infra.metrics import Reading
from infra.progress import Progress
from streams.snapshot import BrandView, Snapshot
from streams.summary import IncidentLine, Summary
from tests.incidents import evidence_of, surge_of

CLOCK = datetime(2026, 3, 1, 20, 25, tzinfo=UTC)


def verdict(**changed: Any) -> Verdict:
    fields: dict[str, Any] = {
        "learning": False,
        "score": 0.3,
        "hour_volume": 140,
        "hour_negative": 28,
        "share": 0.20,
        "share_expected": 0.21,
        "share_lower": 0.14,
        "share_upper": 0.29,
    }
    return Verdict(**{**fields, **changed})


def incident(**changed: Any) -> Incident:
    fields: dict[str, Any] = {
        "incident_id": "inc_1",
        "kind": "negative_surge",
        "brand": "Northwind",
        "opened_at": CLOCK - timedelta(minutes=5),
        "resolved_at": None,
        "severity": 7,
    }
    return Incident(**{**fields, **changed})


def calm(name: str = "Contoso", **changed: Any) -> BrandView:
    fields: dict[str, Any] = {
        "name": name,
        "verdict": verdict(),
        "incident": None,
        "since": None,
        "recent": (1, 2, 3, 2, 1, 0, 2, 1, 2, 3, 1, 2, 1, 2),
    }
    return BrandView(**{**fields, **changed})


def urgent(name: str = "Northwind", severity: int = 7) -> BrandView:
    return calm(
        name,
        verdict=verdict(hour_volume=331, hour_negative=214, share=0.64, score=9.0),
        incident=incident(brand=name, severity=severity),
        since=CLOCK - timedelta(minutes=20),
        recent=(1, 2, 3, 2, 1, 0, 2, 1, 2, 3, 30, 40, 50, 60),
    )


def snapshot(*brands: BrandView, **changed: Any) -> Snapshot:
    names = ("refine", "score", "store")
    fields: dict[str, Any] = {
        "progress": Progress(feed="f", clock=CLOCK, sent=6200, durable=6120, state="running"),
        "judged_until": CLOCK,
        "quiet": timedelta(0),
        "brands": brands,
        "incidents": tuple(brand.incident for brand in brands if brand.incident),
        "readings": {
            name: Reading(
                stage=name, posts=1, lag_seconds=0.4, busy_seconds=1.0, waiting=0, reasons={}
            )
            for name in names
        },
    }
    return Snapshot(**{**fields, **changed})


def figures(**changed: Any) -> Summary:
    fields: dict[str, Any] = {
        "posts_read": 14640,
        "posts_stored": 14485,
        "repeats_dropped": 155,
        "dead_letters": 0,
        "dropped": {},
        "seconds": 41.2,
        "posts_per_second": 355.3,
        "brands": {
            "Northwind": {"posts": 2320, "negative": 705, "neutral": 961, "positive": 654},
            "北风汽车": {"posts": 765, "negative": 134, "neutral": 414, "positive": 217},
        },
        "incidents": [],
    }
    return Summary(**{**fields, **changed})


def incident_line(**changed: Any) -> IncidentLine:
    fields: dict[str, Any] = {
        "id": "inc_1",
        "kind": "negative_surge",
        "brand": "Northwind",
        "opened_at": CLOCK,
        "resolved_at": CLOCK + timedelta(hours=3),
        "severity": 6,
    }
    return IncidentLine(**{**fields, **changed})


def incident_event(number: int = 1, change: Any = "opened") -> IncidentEvent:
    """A change of the incident `northwind.1`."""
    return IncidentEvent(
        change=surge_of(
            CLOCK - timedelta(minutes=5),
            incident_id="northwind.1",
            change=change,
            number=number,
            since=CLOCK - timedelta(minutes=20),
            at=CLOCK + (number - 2) * timedelta(minutes=5),
            severity=6,
        ),
        evidence=evidence_of(authors=1),
    )


def shown(*parts: Any, width: int = 80) -> str:
    """What a terminal of that width shows; `parts` are drawn or called with the console."""
    console = Console(
        record=True,
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system=None,
        legacy_windows=False,
    )
    for part in parts:
        if callable(part):
            part(console)
        else:
            console.print(part)
    return console.export_text()


@pytest.fixture(scope="session")
def show() -> SimpleNamespace:
    """What there is to show, and `shown`."""
    return SimpleNamespace(
        clock=CLOCK,
        verdict=verdict,
        incident=incident,
        incident_event=incident_event,
        calm=calm,
        urgent=urgent,
        snapshot=snapshot,
        figures=figures,
        incident_line=incident_line,
        shown=shown,
    )
