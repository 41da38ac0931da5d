"""The life of one feed: read, hand over, remember, and begin again after whatever went wrong.

What a feed gave is handed over, then its cursor is saved: a process killed in between reads the
same again, and posts that come twice count once. A feed that fails, for any reason, waits and
begins again at its cursor; nothing that it does reaches the others.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar
from uuid import uuid4

import structlog
from msgspec.structs import replace

from infra.feeds.feed import Batch, Feed, FeedError, FeedRefused, FeedUnavailable, Start
from infra.feeds.fetch import feed_client
from infra.feeds.settings import FeedSettings
from infra.feeds.state import (
    NEVER,
    FeedState,
    State,
    feed_states,
    write_state,
    write_stretches,
)
from infra.intake import OutboxFull
from infra.kafka import KafkaUnavailable
from infra.store import StoreUnavailable
from processors.arrivals import BadRow
from processors.records import RawErasure, RawPost
from streams.feed_gaps import FeedGaps
from streams.feed_items import FeedItems
from streams.stage import Place
from streams.takers import Line, Taker

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger()
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
REFUSED_PAUSE = 300.0
"""Seconds until what a person has to mend is tried again."""
SAVE_EVERY = 1.0
"""Seconds between two savings of a stream's cursor; each is a write."""
RATE_OVER = 300.0


class FeedRun:
    """One feed, from start to stop."""

    def __init__(
        self,
        place: Place,
        settings: FeedSettings,
        taker: Callable[[str], Taker],
        find: Callable[[FeedSettings], Feed],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`taker` makes one from the name of a giver, `find` says what reads the feed; `jitter`
        gives numbers from 0 to 1."""
        self._place = place
        self._settings = settings
        self._find = find
        self._sleep = sleep
        self._jitter = jitter
        # Positions are of this life only, so it has a name of its own.
        self._taker = taker(f"{settings.name}@{uuid4().hex[:12]}")
        self._items = FeedItems(settings.name, place.settings.dead_share)
        self._gaps = FeedGaps(settings)
        self._state = FeedState(feed=settings.name, source=settings.source)
        self._resumed = False
        self._saved = NEVER
        self._recent: deque[tuple[datetime, int]] = deque()

    @property
    def state(self) -> FeedState:
        """As of now, on disk or not."""
        return self._state

    async def run(self) -> None:
        """Read until cancelled."""
        failures = 0
        while True:
            before = self._state.at
            try:
                await self._read(failures)
                error: FeedError = FeedUnavailable("the feed ended")
            except FeedError as found:
                error = found
            except Exception as bug:
                log.exception("a bug in a feed", feed=self._settings.name)
                error = FeedUnavailable(f"{type(bug).__name__}: {bug}")
            failures = 1 if self._state.at != before else failures + 1
            await self._failed(error)
            await self._sleep(self._pause(error, failures))

    async def finish(self) -> None:
        """Say on disk that it has stopped, if that can be said. After `run` was cancelled."""
        if self._resumed:
            self._note(state="stopped", rate=0.0)
            try:
                await asyncio.to_thread(write_state, self._place.store, self._state)
            except StoreUnavailable as error:
                log.warning("not told", feed=self._settings.name, error=str(error))
        self._taker.close()

    async def _read(self, failures: int) -> None:
        if not self._resumed:
            states = await self._patiently(feed_states, self._place.store)
            self._state = states.get(self._settings.name, self._state)
            # The pause since it was seen last is judged with what it was allowed then.
            self._note(source=self._settings.source, state="starting")
            self._resumed = True
        read = self._find(self._settings)
        async with feed_client(self._place.settings.allow_hosts) as http:
            start = Start(
                cursor=self._state.cursor,
                at=self._state.at if self._state.at != NEVER else None,
                now=self._place.now,
                sleep=self._sleep,
                http=http,
                failures=failures,
            )
            async with aclosing(read(self._settings, start)) as batches:
                async for batch in batches:
                    await self._take(batch)

    async def _take(self, batch: Batch) -> None:
        """Hand the batch over, then remember it."""
        now = self._place.now()
        lines, letters = self._items.split(batch, now)
        refused: Sequence[Line] = ()
        if lines:
            refused = await self._patiently(self._taker.take, lines)
        if letters:
            await self._patiently(self._taker.bury, letters)
        for line in refused:
            log.error("larger than the broker takes", feed=self._settings.name, post=line.post_id)
        found = self._gaps.found(batch, self._state, now)
        if found:
            await self._patiently(write_stretches, self._place.store, found, now)
        self._count(batch, len(refused), now)
        is_due = (now - self._saved).total_seconds() >= SAVE_EVERY
        if is_due or self._settings.every or found:
            await self._save(now)

    def _count(self, batch: Batch, refused: int, now: datetime) -> None:
        posts = [item for item in batch.items if isinstance(item, RawPost)]
        self._recent.append((now, len(posts)))
        while now - self._recent[0][0] > timedelta(seconds=RATE_OVER):
            self._recent.popleft()
        span = max((now - self._recent[0][0]).total_seconds(), 1.0)
        before, bad = self._state, sum(isinstance(item, BadRow) for item in batch.items)
        newest = max((min(post.published_at, now) for post in posts), default=NEVER)
        self._note(
            cursor=batch.cursor or before.cursor,
            at=max(batch.at, before.at),
            live_until=max(min(batch.at, now), before.live_until),
            tolerance=self._gaps.tolerance,
            state="live" if self._gaps.is_live else "catching_up",
            last_post=max(newest, before.last_post),
            posts=before.posts + len(posts) - refused,
            erasures=before.erasures + sum(isinstance(item, RawErasure) for item in batch.items),
            unreadable=before.unreadable + bad + refused,
            skipped=before.skipped + batch.skipped,
            errors=before.errors + len(batch.errors),
            rate=sum(count for _, count in self._recent) / span,
        )
        if batch.errors:
            self._note(error=batch.errors[-1][:500], error_at=now)
            log.warning("a part of a feed fails", feed=self._settings.name, error=batch.errors[-1])
        meter = self._place.meter
        meter.posts(len(batch.items), oldest=min(batch.at, now), now=now)

    async def _failed(self, error: FeedError) -> None:
        name, now = self._settings.name, self._place.now()
        log.warning("a feed failed", feed=name, error=str(error))
        self._place.meter.left_out(f"feed_error_{name}")
        state: State = "refused" if isinstance(error, FeedRefused) else "retrying"
        self._note(
            state=state,
            errors=self._state.errors + 1,
            error=str(error)[:500],
            error_at=now,
            rate=0.0,
        )
        self._recent.clear()
        if self._resumed:
            await self._save(now)

    def _pause(self, error: FeedError, failures: int) -> float:
        longest = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
        if isinstance(error, FeedRefused):
            longest = REFUSED_PAUSE
        return max(error.wait, longest / 2) + self._jitter() * longest / 2

    def _note(self, **changed: object) -> None:
        version = max(self._state.version + 1, round(self._place.now().timestamp() * 1000))
        self._state = replace(self._state, version=version, updated_at=self._place.now(), **changed)

    async def _save(self, now: datetime) -> None:
        await self._patiently(write_state, self._place.store, self._state)
        self._saved = now

    async def _patiently(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do it in a thread, again and again while what it needs is away or full."""
        pause = 0.1
        while True:
            try:
                return await asyncio.to_thread(work, *arguments, **named)
            except (KafkaUnavailable, StoreUnavailable) as error:
                log.warning("waiting", stage="feeds", feed=self._settings.name, error=str(error))
                if isinstance(error, OutboxFull) and self._state.state != "waiting":
                    self._note(state="waiting")
                    await self._patiently(write_state, self._place.store, self._state)
                await self._sleep(pause)
                pause = min(2 * pause, 5.0)
