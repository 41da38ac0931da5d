"""Which buckets are due: those that all posts which came in their time are on disk of."""

import asyncio
from datetime import datetime, timedelta

import structlog

from forecasting.life import LONGEST
from forecasting.records import BUCKET
from forecasting.watch import floor_bucket
from infra.answer import Answer
from infra.kafka import KafkaUnavailable
from infra.series import EPOCH, Clock, earliest_post, latest_post, line_clock
from streams.background import Background
from streams.stage import Place
from streams.watermark import LineMark

log = structlog.get_logger()
SETTLING = timedelta(seconds=15)
"""How long after a bucket's end its posts may still be on their way to the broker."""
BEHIND = timedelta(minutes=10)
"""How far the line may lag on the wall clock before the log says that watch waits for it."""
LOOK_EVERY = 2.0
LONGEST_PASS = timedelta(days=1)
"""Buckets judged before the results are written: bounds what a crash makes it judge again."""
STILL = LONGEST + timedelta(hours=7)
"""Without a post for so long no incident is open: one may open in windows of six hours that reach
back to the last post."""


class WatchClock:
    """The clock that watch goes by: what feeds report, or on the wall clock how far the line is."""

    def __init__(self, place: Place) -> None:
        self._place = place
        settings = place.settings
        on_the_wall = settings.clock == "wall" and bool(settings.kafka)
        self._mark = LineMark(settings, place.now) if on_the_wall else None
        self._told = Answer(
            place.store, ("feed_progress",), lambda: line_clock(place.store, place.feed)
        )
        self._waits: tuple[datetime | None, datetime] | None = None  # where nothing was due yet
        self._began = place.now()
        self._is_behind = False
        self._work = Background("watermark", self._run)

    async def start(self) -> None:
        """Begin to follow the line in the background."""
        if self._mark is not None:
            self._work.start()

    async def stop(self) -> None:
        """End."""
        if self._mark is not None:
            await self._work.stop()
            self._mark.close()

    def due(self, judged: datetime | None) -> tuple[datetime, datetime] | None:
        """The buckets to judge next, after those before `judged`; None if none is due."""
        on_the_wall = self._place.settings.clock == "wall"
        clock = self._wall_clock() if on_the_wall else self._told.now()
        if clock is None:
            return None
        until = floor_bucket(clock.at if clock.running else clock.at + BUCKET)
        if (judged, until) == self._waits:
            return None
        since = judged
        if since is None or until - since > LONGEST_PASS:
            since = self._after_silence(since or EPOCH, until)
        if since is None:
            return None
        if until <= since:
            self._waits = judged, until
            return None
        return since, min(until, since + LONGEST_PASS)

    def _after_silence(self, since: datetime, until: datetime) -> datetime | None:
        """`since`, or after STILL without any post the bucket of the next one.

        So long a silence has closed every incident, and a detector takes buckets that are missing
        for empty ones: leaving them out changes nothing but the time it takes.
        """
        store = self._place.store
        before = latest_post(store, until=since) if since > EPOCH else None
        if before is not None and since - before < STILL:
            return since
        after = earliest_post(store, since=since)
        if after is None:
            return None if before is None else until - BUCKET
        return min(floor_bucket(after), until)

    def _wall_clock(self) -> Clock | None:
        now = self._place.now()
        if self._mark is None:
            return Clock(at=now - SETTLING, running=True)
        behind = now - (self._mark.at or self._began) > BEHIND
        if behind != self._is_behind:
            log.warning("the line is behind" if behind else "the line has caught up", stage="watch")
            self._is_behind = behind
        if self._mark.at is None:
            return None
        return Clock(at=min(now, self._mark.at) - SETTLING, running=True)

    async def _run(self) -> None:
        assert self._mark is not None
        while True:
            try:
                await asyncio.to_thread(self._mark.look)
            except KafkaUnavailable as error:
                log.warning("waiting", stage="watch", error=str(error))
            await asyncio.sleep(LOOK_EVERY)
