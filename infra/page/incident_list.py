"""Incidents in one line each, with what their newest change says."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from forecasting.records import IncidentEvent
from infra.asked import hexed
from infra.deliver import people
from infra.sql import load
from infra.store import Store
from infra.times import to_ms

MOST = 1_000
EPOCH = datetime.fromtimestamp(0, UTC)
LATE = datetime(2262, 1, 1, tzinfo=UTC)


class Head(Struct, frozen=True, kw_only=True):
    """An incident; numbers are those of its newest change, severity is its worst."""

    id: str
    brand: str
    kind: str
    severity: int
    since: datetime
    opened_at: datetime
    resolved_at: datetime | None
    observed: int
    expected: float
    expected_lower: float
    expected_upper: float
    share: float
    growing: bool
    alerts: bool
    headline: str
    sentence: str
    acknowledged_by: str  # empty: nobody
    simulated: bool


class Asked(Struct, frozen=True, kw_only=True):
    """Which incidents; those that were open at any time in [since, until)."""

    brands: Iterable[str] | None = None  # None: all
    incident_id: str = ""
    open: bool | None = None
    since: datetime = EPOCH
    until: datetime = LATE
    limit: int = MOST


def heads(store: Store, asked: Asked) -> list[Head]:
    """The newest first. Raises StoreError."""
    brands = None if asked.brands is None else list(asked.brands)
    if brands == []:
        return []
    rows = store.query(
        load("incident_heads"),
        {
            "incident_id": asked.incident_id,
            "brands": hexed(brands or ()),
            "open": 2 if asked.open is None else int(asked.open),
            "since": to_ms(asked.since),
            "until": to_ms(asked.until),
            "limit": asked.limit,
        },
    )
    seen = {one.incident_id: one.by for one in people.acknowledgements(store)} if rows else {}
    return [
        _head(
            msgspec.json.decode(body, type=IncidentEvent),
            worst=worst,
            resolved_at=resolved_at if ends else None,
            acknowledged_by=seen.get(incident_id, ""),
        )
        for incident_id, _, _, ends, resolved_at, worst, body in rows
    ]


def _head(
    event: IncidentEvent, *, worst: int, resolved_at: datetime | None, acknowledged_by: str
) -> Head:
    change = event.change
    return Head(
        id=change.incident_id,
        brand=change.brand,
        kind=change.kind,
        severity=worst,
        since=change.since,
        opened_at=change.opened_at,
        resolved_at=resolved_at,
        observed=change.observed,
        expected=change.expected,
        expected_lower=change.expected_lower,
        expected_upper=change.expected_upper,
        share=change.share,
        growing=change.growing,
        alerts=change.alerts,
        headline=event.headline,
        sentence=event.sentence,
        acknowledged_by=acknowledged_by,
        simulated=event.simulated,
    )
