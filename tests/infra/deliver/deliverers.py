"""What tests of a deliverer share: a clock that stands, a store that may be away, a tick."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from forecasting.records import IncidentEvent
from infra.deliver.decider import Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.outbox import Delivery
from infra.deliver.records import Attempt
from infra.receivers import Receiver, WebhookReceiver
from infra.store import Param, Row, Store, StoreUnavailable

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds until a test gives up: no more than what a busy machine may need."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = Attempt(outcome="delivered", status=200)
DOWN = Attempt(outcome="retry", detail="connection refused or unreachable")
GONE = Attempt(outcome="gave_up", status=410, detail="the receiver is gone (410)", gone=True)
MakeEvent = Callable[..., IncidentEvent]
MakeReceiver = Callable[..., WebhookReceiver]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Flaky:
    """A store that is away while told to be, for everything or for one table's inserts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False
        self.refuses: set[str] = set()
        self.refused = 0
        self.inserted: list[tuple[str, Sequence[Any]]] = []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._maybe(table in self.refuses)
        self._store.insert(table, columns, rows)
        self.inserted += [(table, row) for row in rows]

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self._maybe(False)
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._store.command(sql, params)

    def close(self) -> None:
        self._store.close()

    def _maybe(self, refuse: bool) -> None:
        if self.away or refuse:
            self.refused += 1
            raise StoreUnavailable("away")


def deliverer(
    store: Store, ways: Any, receivers: Sequence[Receiver], clock: Any, **around: Any
) -> Deliverer:
    return Deliverer(store, ways, Setup(receivers), Around(clock=clock, random=Random(5), **around))


def tick(
    store: Store, ways: Any, receivers: Sequence[Receiver], clock: Clock, **around: Any
) -> int:
    """A tick of a new deliverer: each call is a restart."""
    return asyncio.run(deliverer(store, ways, receivers, clock, **around).tick())


def rows(store: Store, columns: str) -> list[Row]:
    return store.query(
        f"SELECT {columns} FROM deliveries FINAL ORDER BY event_id, receiver, attempt"
    )


def decided(store: Store, columns: str = "receiver, decision, reason, event_ids[1]") -> list[Row]:
    return store.query(f"SELECT {columns} FROM notices FINAL ORDER BY receiver, notice_id")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another task or thread brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


def a_retry(event_id: str, receiver: str, next_at: datetime) -> Delivery:
    return Delivery(
        event_id=event_id,
        receiver=receiver,
        attempt=1,
        at=NOW,
        outcome="retry",
        status=500,
        detail="",
        next_at=next_at,
    )
