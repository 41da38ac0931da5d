"""What is owed to whom, read from what happened: no queue that could disagree with the facts.

An event is owed to a receiver until an attempt delivered it or gave it up. The events of one
incident go to one receiver in order: a change waits until the one before it has ended.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from infra.receivers import Receiver
from infra.sql import load
from infra.store import Store

Outcome = Literal["delivered", "retry", "gave_up"]

GRACE = timedelta(days=1)
"""A receiver added to a running installation is sent what fired this long before it came."""

MOST = 100
"""Incidents of a receiver looked at together, the most overdue: bounds memory after an outage."""

COLUMNS = ("event_id", "receiver", "attempt", "at", "outcome", "status", "detail", "next_at")


class Due(Struct, frozen=True, kw_only=True):
    """An attempt to make."""

    event_id: str
    incident_id: str
    receiver: str  # name
    attempt: int  # 1 is the first
    due_at: datetime
    body: str  # JSON of an IncidentEvent

    def is_due(self, now: datetime) -> bool:
        """Whether to attempt it at `now`; a first attempt never waits, whoever's clock is ahead."""
        return self.attempt == 1 or self.due_at <= now


class Delivery(Struct, frozen=True, kw_only=True):
    """An attempt made."""

    event_id: str
    receiver: str
    attempt: int
    at: datetime
    outcome: Outcome
    status: int  # HTTP status, 0 without an answer
    detail: str
    next_at: datetime  # of a retry; otherwise `at`


def join(store: Store, receivers: Sequence[Receiver], now: datetime) -> None:
    """Note since when new receivers are owed events. Raises StoreError.

    In a new installation that is the beginning; later it is `now` less GRACE, so that a receiver
    added after months does not ring for every incident of those months.
    """
    known = {name for (name,) in store.query(load("receiver_names"))}
    since = now - GRACE if known else datetime.fromtimestamp(0, UTC)
    new = {"", *(receiver.name for receiver in receivers)} - known
    if new:
        store.insert("receivers", ("name", "since"), [(name, since) for name in sorted(new)])


def owed(store: Store, receivers: Sequence[Receiver]) -> list[Due]:
    """The next attempt for each receiver and unfinished incident, soonest first, due or not."""
    found = [
        Due(
            event_id=event_id,
            incident_id=incident_id,
            receiver=receiver.name,
            attempt=attempts + 1,
            due_at=due_at,
            body=body,
        )
        for receiver in receivers
        for event_id, incident_id, attempts, due_at, body in store.query(
            load("owed_events"), {"receiver": receiver.name, "limit": MOST}
        )
    ]
    return sorted(found, key=lambda due: (due.due_at, due.event_id, due.receiver))


def record(store: Store, deliveries: Iterable[Delivery]) -> None:
    """Remember attempts, all or none; twice is once. Raises StoreError."""
    rows = [tuple(getattr(each, name) for name in COLUMNS) for each in deliveries]
    if rows:
        store.insert("deliveries", COLUMNS, rows)
