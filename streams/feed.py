"""A feed -> posts.raw, from where it durably stands; tells how far it has come.

The embedded broker keeps nothing over its own death, so a row counts as handed over only when its
receipt is in the database. What was sent and has none is known here, bounded; a feed that starts
again sends it again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import ParamSpec, TypeVar

import msgspec
import structlog

from infra.kafka import KafkaUnavailable, Producer, open_producer
from infra.progress import FeedState, Progress, progress_of, receipts_from, report
from infra.store import StoreUnavailable
from processors.arrivals import Arrival, BadRow
from processors.records import DeadLetter, RawPost
from streams import topics
from streams.background import Background
from streams.stage import Place
from streams.window import Window
from streams.wire import encode, partition_of

P = ParamSpec("P")
T = TypeVar("T")
Batches = AsyncIterator[tuple[Sequence[Arrival], datetime]]
Source = Callable[[Callable[[int], bool]], Batches]
"""Gives batches and the feed's clock, without the rows for which the argument says True."""

log = structlog.get_logger()
MOST_IN_FLIGHT = 12_000
"""Rows sent and not yet on disk: bounds the line's memory and what a fault makes it do again."""
PORTION = 1_500
"""Rows that should have got a receipt between two looks at them: a look costs a query."""
LOOK_EVERY = (0.4, 1.0)
"""Seconds between two looks at the receipts, where rows get them fast and where they do not."""
REPORT_EVERY = 1.0
"""Seconds between two reports of how far it has come; each costs a write."""


class FeedStage:
    """Sends batches of arrivals and follows their receipts."""

    def __init__(self, place: Place, feed: str, source: Source) -> None:
        self._place = place
        self._feed = feed
        self._source = source
        self._window = Window(done=set(), durable=0)
        self._producer: Producer | None = None
        self._looked = 0.0
        self._pause = min(LOOK_EVERY)
        self._reported = 0.0
        self._version: int | None = None  # of the last report
        self._work = Background("feed", self._run)
        self.finished = asyncio.Event()

    async def start(self) -> None:
        """Begin in the background."""
        self._work.start()

    async def stop(self) -> None:
        """Stop sending; what has no receipt is sent again next time."""
        await self._work.stop()
        if self._producer is not None:
            self._producer.close()

    async def _run(self) -> None:
        await self._patiently(self._resume)
        clock: datetime | None = None
        async for arrivals, clock in self._source(self._window.is_done):
            await self._patiently(self._send, arrivals)
            await self._follow(clock, most=MOST_IN_FLIGHT)
        if clock is not None:
            await self._follow(clock, most=0)
            await self._patiently(self._report, clock, "finished")
        self.finished.set()

    async def _follow(self, clock: datetime, *, most: int) -> None:
        """Look at the receipts if it is time, and until at most `most` rows are in flight."""
        while self._window.in_flight > most or time.monotonic() - self._looked > self._pause:
            pause = self._pause - (time.monotonic() - self._looked)
            await asyncio.sleep(max(pause, 0))
            await self._patiently(self._report, clock, "running")

    async def _patiently(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do it in a thread, again and again while the broker or the database is away."""
        pause = 0.1
        while True:
            try:
                return await asyncio.to_thread(work, *arguments, **named)
            except (KafkaUnavailable, StoreUnavailable) as error:
                log.warning("waiting", stage="feed", error=str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, 2.0)

    def _resume(self) -> None:
        store = self._place.store
        before = progress_of(store, self._feed)
        durable = before.durable if before else 0
        self._window = Window(done=receipts_from(store, self._feed, durable), durable=durable)

    def _send(self, arrivals: Sequence[Arrival]) -> None:
        settings = self._place.settings
        if self._producer is None:
            self._producer = open_producer(settings)
        posts: dict[int, list[RawPost]] = defaultdict(list)
        bad: list[DeadLetter] = []
        now = self._place.now()
        for arrival in arrivals:
            if isinstance(arrival.item, BadRow):
                bad.append(self._dead_letter(arrival, arrival.item, now))
                continue
            post = self._received(arrival.position, arrival.item, now)
            partition = partition_of(f"{post.source}:{post.native_id}", settings.partitions)
            posts[partition].append(post)
        self._producer.send(
            topics.RAW,
            [(partition, value) for partition, some in posts.items() for value in encode(some)],
        )
        self._producer.send(topics.DLQ, [(0, value) for value in encode(bad)])
        for arrival in arrivals:
            self._window.sent(arrival.position, arrival.at)
        self._place.meter.posts(len(arrivals), oldest=now if arrivals else None, now=now)

    def _received(self, position: int, post: RawPost, now: datetime) -> RawPost:
        return msgspec.structs.replace(
            post,
            feed=self._feed,
            position=position,
            received_at=post.received_at or now,
        )

    def _dead_letter(self, arrival: Arrival, row: BadRow, now: datetime) -> DeadLetter:
        return DeadLetter(
            feed=self._feed,
            position=arrival.position,
            reason=row.reason,
            detail=row.detail,
            payload=row.payload,
            arrived_at=now,
        )

    def _report(self, clock: datetime, state: FeedState) -> None:
        store, window = self._place.store, self._window
        before, looked = window.in_flight, self._looked
        if window.in_flight:
            window.settle(receipts_from(store, self._feed, window.durable))
        self._looked = time.monotonic()
        rate = (before - window.in_flight) / max(self._looked - looked, 0.001)
        self._pause = pause_before(window.in_flight, rate)
        self._place.meter.waiting(window.in_flight)
        if state == "running" and time.monotonic() - self._reported < REPORT_EVERY:
            return
        progress = Progress(
            feed=self._feed,
            clock=window.clock(clock),
            sent=window.next,
            durable=window.durable,
            state=state,
        )
        self._version = report(store, progress, self._place.now(), last=self._version)
        self._reported = time.monotonic()


def pause_before(in_flight: int, rate: float) -> float:
    """Seconds until a look at the receipts of these rows is worth it, that get `rate` a second."""
    least, most = LOOK_EVERY
    return max(least, min(most, min(in_flight, PORTION) / max(rate, 1.0)))
