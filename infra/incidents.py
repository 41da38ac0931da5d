"""Incident changes on disk: written whole by watch, read by deliver, the page and summaries."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from forecasting.records import IncidentEvent
from infra.sql import load
from infra.store import Store

COLUMNS = ("event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body")


class Incident(Struct, frozen=True, kw_only=True):
    """An incident in one line."""

    incident_id: str
    kind: str
    brand: str
    opened_at: datetime
    resolved_at: datetime | None  # None: still open
    severity: int  # the worst so far, 1 to 10
    alerts: bool = True  # receivers are told; else it is only recorded


def write_events(store: Store, events: Sequence[IncidentEvent], fired_at: datetime) -> None:
    """Keep changes, decided at `fired_at` (wall clock). Raises StoreError.

    A change that is already there stays as it was first written: a watcher that judges a bucket
    again may find other examples, but what was sent and what is on disk have to agree.
    """
    known = {
        row[0]
        for incident_id in {event.change.incident_id for event in events}
        for row in store.query(load("incident_event_ids"), {"incident_id": incident_id})
    }
    rows = [
        (
            event.change.event_id,
            event.change.incident_id,
            event.change.brand,
            event.change.number,
            event.change.change,
            event.change.at,
            fired_at,
            msgspec.json.encode(event).decode(),
        )
        for event in events
        if event.change.event_id not in known
    ]
    if rows:
        store.insert("incident_events", COLUMNS, rows)


def events(store: Store) -> list[IncidentEvent]:
    """Every change, in the order they happened. Raises StoreError."""
    return [
        msgspec.json.decode(body, type=IncidentEvent)
        for (body,) in store.query(load("incident_events"))
    ]


def incidents(store: Store) -> list[Incident]:
    """Every incident, newest first. Raises StoreError."""
    return [
        Incident(
            incident_id=incident_id,
            kind=kind,
            brand=brand,
            opened_at=opened_at,
            resolved_at=resolved_at if ends else None,
            severity=severity,
            alerts=alerts > 0,
        )
        for incident_id, kind, brand, opened_at, ends, resolved_at, severity, alerts in store.query(
            load("incidents")
        )
    ]
