"""Reads counts, judges every bucket once the line's clock has passed it, records and announces.

An incident's change is written before it is announced, what was counted after that, and the
detector's state last, so a watcher killed anywhere judges the bucket again, comes to the same
change with the same id, and nothing is told twice.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from forecasting.incident import IncidentState
from forecasting.records import BUCKET, Bucket, IncidentChange, IncidentEvent, Policy
from forecasting.watch import advance, empty_bucket, floor_bucket, held_open
from infra.incidents import write_events
from infra.reports import Report, write_judged
from infra.series import (
    EPOCH,
    Clock,
    Memory,
    counts,
    earliest_post,
    latest_post,
    line_clock,
    memories,
    remember,
)
from infra.store import StoreUnavailable
from streams.background import Background
from streams.drift import DriftStage
from streams.explain import explain
from streams.foresee import Foreseer
from streams.restate import Restater
from streams.stage import Place

Announce = Callable[[Sequence[IncidentEvent]], None]
log = structlog.get_logger()
SETTLING = timedelta(seconds=15)
"""How long after a bucket's end its posts may still be on their way, on the wall clock."""
BEFORE_THE_FIRST = 4
"""Times as long between two looks until anything was judged: they go over all posts there are."""
LONGEST_PASS = timedelta(days=1)
"""Buckets judged before the results are written: bounds what a crash makes it judge again."""


class WatchStage:
    """Judges all brands as the clock of the line moves."""

    def __init__(self, place: Place, announce: Announce, *, every: float = 0.3) -> None:
        """`announce` hears of what alerts, after it is on disk; `every`: seconds between looks."""
        self._place = place
        self._every = every
        self._foreseer = Foreseer(place.store)
        self._restater = Restater(place.store, place.now)
        self._drift = DriftStage(place.store, place.meter)
        self._kept: dict[str, Memory] | None = None
        self._announce = announce
        self._work = Background("watch", self._run)

    async def start(self) -> None:
        """Begin in the background."""
        self._work.start()

    async def stop(self) -> None:
        """End; a pass in hand is judged again by the next process."""
        await self._work.stop()

    async def _run(self) -> None:
        while True:
            try:
                moved = await asyncio.to_thread(self.judge_pass)
                await asyncio.to_thread(self._foreseer.refresh, self._kept or {})
                await asyncio.to_thread(self.restate_pass)
            except StoreUnavailable as error:
                log.warning("waiting", stage="watch", error=str(error))
                moved = False
            if not moved:
                begun = "" in (self._kept or {})
                await asyncio.sleep(self._every if begun else BEFORE_THE_FIRST * self._every)

    def judge_pass(self) -> bool:
        """Judge what the clock has passed since the last time; False if nothing was due."""
        store = self._place.store
        if self._kept is None:
            self._kept = memories(store)
        span = self._due()
        if span is None:
            return False
        since, until = span
        found = counts(store, since=since, until=until)
        kept = [Memory(brand="", bucket=until, state="", verdict="")]
        changes: list[IncidentChange] = []
        told: list[Report] = []
        for brand in sorted(found.keys() | self._kept.keys() - {""}):
            buckets = found.get(brand, {})
            memory, some, held = self._judge(brand, buckets, since, until)
            kept.append(memory)
            changes.extend(some)
            told.extend(_reports(brand, buckets, held, self._place.now()))
        self._tell(sorted(changes, key=lambda change: (change.at, change.brand, change.number)))
        write_judged(store, told)
        # After the alerts, which it must not hold up; before the pass counts as done.
        self._drift.judge(since, until)
        remember(store, kept)
        self._kept.update((memory.brand, memory) for memory in kept)
        self._place.meter.posts(
            sum(bucket.shown for each in found.values() for bucket in each.values()),
            oldest=None,
            now=self._place.now(),
        )
        return True

    def restate_pass(self) -> None:
        """Tell anew what has changed of judged buckets, now and then."""
        if self._kept and "" in self._kept:
            self._restater.refresh(self._kept[""].bucket)

    def _due(self) -> tuple[datetime, datetime] | None:
        assert self._kept is not None
        if self._place.settings.clock == "wall":
            clock: Clock | None = Clock(at=self._place.now() - SETTLING, running=True)
        else:
            clock = line_clock(self._place.store, self._place.feed)
        if clock is None:
            return None
        until = floor_bucket(clock.at if clock.running else clock.at + BUCKET)
        since = self._kept[""].bucket if "" in self._kept else None
        if since is None or until - since > LONGEST_PASS:
            since = self._after_silence(since or EPOCH, until)
        return (since, min(until, since + LONGEST_PASS)) if since and until > since else None

    def _after_silence(self, since: datetime, until: datetime) -> datetime | None:
        """`since`, or after a day without any post the bucket of the next one.

        A day of silence has closed every incident, and a detector takes buckets that are missing
        for empty ones: leaving them out changes nothing but the time it takes.
        """
        store = self._place.store
        before = latest_post(store, until=since) if since > EPOCH else None
        if before is not None and since - before < LONGEST_PASS:
            return since
        after = earliest_post(store, since=since)
        if after is None:
            return None if before is None else until - BUCKET
        return min(floor_bucket(after), until)

    def _judge(
        self, brand: str, found: dict[datetime, Bucket], since: datetime, until: datetime
    ) -> tuple[Memory, Sequence[IncidentChange], Collection[datetime]]:
        """The brand's memory, its changes, and the buckets that were inside an open incident."""
        assert self._kept is not None
        memory = self._kept.get(brand)
        if memory is None:  # a new brand begins with its first post
            state, since = IncidentState(), min(found)
        else:
            state = msgspec.json.decode(memory.state, type=IncidentState)
        moved = advance(state, brand, found, since=since, until=until, policy=self._policy(brand))
        kept = Memory(
            brand=brand,
            bucket=until,
            state=msgspec.json.encode(moved.state).decode(),
            verdict=msgspec.json.encode(moved.verdict).decode(),
        )
        held = held_open(state, moved.changes, since=since, until=until)
        return kept, moved.changes, held

    def _policy(self, brand: str) -> Policy:
        watched = next((b for b in self._place.settings.brands if b.name == brand), None)
        if watched is None:
            return Policy()
        return Policy(sensitivity=watched.sensitivity, alert_on=watched.alert_on)

    def _tell(self, changes: Sequence[IncidentChange]) -> None:
        if not changes:
            return
        fired = self._place.now()
        events = [explain(self._place, change, fired) for change in changes]
        write_events(self._place.store, events, fired)
        alerts = [event for event in events if event.change.alerts]
        if alerts:
            self._announce(alerts)


def _reports(
    brand: str, buckets: Mapping[datetime, Bucket], held: Collection[datetime], now: datetime
) -> Iterator[Report]:
    """What is told of the brand: its buckets that have posts or were inside an open incident."""
    for start in sorted({*buckets, *held}):
        bucket = buckets.get(start) or empty_bucket(start)
        yield Report(
            brand=brand,
            bucket=start,
            number=0,
            volume=bucket.shown,
            negative=bucket.shown_negative,
            at=now,
            reason="judged",
        )
