"""The outbox -> the topics its rows are for, until each row has its outcome on disk.

What is sent and has no outcome yet is known here only, bounded; a process that starts again, or
on a new broker, sends it again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec
import structlog

from infra.intake import Key, Waiting, forget, given, sizes, waiting, with_outcome
from infra.kafka import KafkaUnavailable, Producer, open_producer
from infra.store import StoreUnavailable
from streams.background import Background
from streams.given import Messages, messages
from streams.stage import Place

Send = Callable[[str, Messages], None]
log = structlog.get_logger()
MOST_IN_FLIGHT = 4_000
"""Rows sent and not yet on disk: bounds the line's memory and what a fault makes it do again."""
MOST_AT_ONCE = 2_000
MOST_BYTES = 8 << 20
"""Bytes read at once, unless one row has more."""
LOOK_EVERY = 0.1
"""Seconds between two looks at an outbox that had nothing new."""
SETTLE_EVERY = 0.3
"""Seconds between two looks at the receipts."""
FORGET_EVERY = 3.0
"""Seconds that a finished row may stay: each deletion rewrites a part of the table."""
GONE_WITHIN = 20.0
"""Seconds after which a row that was deleted and is still there was given again, and is new."""
AGAIN_AFTER = 60.0
"""Seconds in flight without an outcome after which a row goes again: it may have had one that was
taken back (`groundswell dlq retry`) before it was seen here."""
MOST_AGAIN = 100
"""Rows that go again in as many seconds: a line that is merely slow gets little more to do."""


class OutboxFeed(msgspec.Struct, frozen=True, kw_only=True, tag="outbox"):
    """What givers have handed over."""

    name: str = "outbox"


class OutboxStage:
    """Sends rows of the outbox, oldest first, and takes out those that have an outcome."""

    def __init__(
        self,
        place: Place,
        send: Send | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`send` puts (partition, value) pairs into a topic, acknowledged; default: the broker."""
        self._place = place
        self._send = send or self._to_broker
        self._clock = clock
        self._producer: Producer | None = None
        self._in_flight: dict[Key, tuple[Waiting, float]] = {}  # sent when, in that order
        self._finished: dict[Key, Waiting] = {}
        self._going: dict[Key, tuple[Waiting, float]] = {}  # deleted when, perhaps still seen
        self._settled = self._forgot = self._gave_up = clock()
        self._work = Background("feed", self._run)

    async def start(self) -> None:
        """Begin in the background."""
        self._work.start()

    async def stop(self) -> None:
        """Stop sending; what has no outcome is sent again next time."""
        await self._work.stop()
        if self._producer is not None:
            self._producer.close()

    async def _run(self) -> None:
        pause = LOOK_EVERY
        while True:
            try:
                sent = await asyncio.to_thread(self.work)
                pause = LOOK_EVERY
            except (KafkaUnavailable, StoreUnavailable) as error:
                log.warning("waiting", stage="feed", error=str(error))
                sent, pause = 0, min(2 * pause, 2.0)
            if not sent:
                await asyncio.sleep(pause)

    def work(self) -> int:
        """One round; returns how many rows were new in it.

        Raises as the store and the broker do: the same rows come again in the next round.
        """
        now = self._clock()
        if self._in_flight and now - self._settled >= SETTLE_EVERY:
            self._settle(now)
        if now - self._gave_up >= AGAIN_AFTER:
            self._give_up(now)
        crowded = len(self._finished) >= MOST_IN_FLIGHT
        if self._finished and (crowded or now - self._forgot >= FORGET_EVERY):
            self._forget(now)
        room = MOST_IN_FLIGHT - len(self._in_flight)
        new = self._new(min(room, MOST_AT_ONCE), now) if room else []
        self._send_on(new, now)
        self._place.meter.waiting(len(self._in_flight))
        return len(new)

    def _settle(self, now: float) -> None:
        """Look which rows have an outcome."""
        for key in with_outcome(self._place.store, self._in_flight):
            self._finished[key], _ = self._in_flight.pop(key)
        self._settled = now

    def _give_up(self, now: float) -> None:
        """Stop waiting for the outcome of rows sent long ago: they are new, if they are there."""
        late = [key for key, (_, sent) in self._in_flight.items() if now - sent >= AGAIN_AFTER]
        for key in islice(late, MOST_AGAIN):
            del self._in_flight[key]
        self._gave_up = now

    def _forget(self, now: float) -> None:
        """Delete what is finished; a row whose outcome was taken back since is new instead."""
        done = with_outcome(self._place.store, self._finished)
        forget(self._place.store, list(done))
        self._going.update((key, (self._finished[key], now)) for key in done)
        self._finished.clear()
        self._forgot = now

    def _new(self, most: int, now: float) -> list[Waiting]:
        """The oldest rows that are not known here."""
        known = len(self._in_flight) + len(self._finished) + len(self._going)
        seen = waiting(self._place.store, known + most)
        self._prune({row.key for row in seen}, seen[-1] if len(seen) == known + most else None, now)
        unknown = (row for row in seen if not self._knows(row.key))
        return self._within_bytes(list(islice(unknown, most)))

    def _knows(self, key: Key) -> bool:
        return key in self._in_flight or key in self._finished or key in self._going

    def _within_bytes(self, rows: Sequence[Waiting]) -> list[Waiting]:
        """As many as may be read at once, the first in any case."""
        found = sizes(self._place.store, [row.key for row in rows])
        total = 0
        for count, row in enumerate(rows):
            total += found.get(row.key, 0)
            if count and total > MOST_BYTES:
                return list(rows[:count])
        return list(rows)

    def _prune(self, seen: set[Key], last: Waiting | None, now: float) -> None:
        """Let go of rows that are gone from the outbox, of which `last` was the newest looked at.

        One that was given again after its deletion is still there: it is new.
        """
        for key, (row, since) in list(self._going.items()):
            is_gone = key not in seen and (last is None or row.age <= last.age)
            if is_gone or (key in seen and now - since > GONE_WITHIN):
                del self._going[key]

    def _send_on(self, new: Sequence[Waiting], now: float) -> None:
        """Send rows; those that have an outcome from an earlier life are finished."""
        store, place = self._place.store, self._place
        by_key = {row.key: row for row in new}
        done = with_outcome(store, by_key)
        rows = given(store, [key for key in by_key if key not in done])
        for topic, some in messages(rows, partitions=place.settings.partitions).items():
            self._send(topic, some)
        self._finished.update((key, by_key[key]) for key in done)
        for row in rows:
            key = row.feed, row.position
            self._in_flight[key] = by_key[key], now
        oldest = min((row.arrived_at for row in rows), default=None)
        place.meter.posts(len(rows), oldest=oldest, now=place.now())

    def _to_broker(self, topic: str, some: Messages) -> None:
        if self._producer is None:
            self._producer = open_producer(self._place.settings)
        self._producer.send(topic, some)
