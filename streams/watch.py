"""Reads counts, judges every bucket once the line's clock has passed it, records and announces.

An incident's change is written before it is announced, what was counted after that, and the
detector's state last, so a watcher killed anywhere judges the bucket again, comes to the same
change with the same id, and nothing is told twice.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import msgspec
import structlog

from forecasting.incident import IncidentState
from forecasting.records import Bucket, IncidentChange, IncidentEvent, Policy, Quality
from forecasting.verdicts import CrisisVerdict, by_brand, tuning
from forecasting.watch import advance, empty_bucket, held_open
from infra.calendars import calendars
from infra.incidents import events, write_events
from infra.quality import write_quality
from infra.reports import Report, write_judged
from infra.series import (
    Memory,
    counts,
    memories,
    remember,
)
from infra.settings import Settings
from infra.store import StoreUnavailable
from infra.verdicts import read_verdicts
from streams.background import Background
from streams.drift import DriftStage
from streams.explain import explain
from streams.follow import following
from streams.foresee import Foreseer
from streams.hours import Hours
from streams.lead import Lead
from streams.orphans import orphans
from streams.pipe import PipeWatch
from streams.restate import Restater
from streams.stage import Place
from streams.watch_clock import WatchClock

Announce = Callable[[Sequence[IncidentEvent]], None]
log = structlog.get_logger()
BEFORE_THE_FIRST = 4
"""Times as long between two looks until anything was judged: while there is no post, each asks for
the first one."""


class Seen(NamedTuple):
    """What was counted of a brand, and which of it is not what the crowd said."""

    buckets: dict[datetime, Bucket]
    quality: Mapping[datetime, Quality]


class WatchStage:
    """Judges all brands as the clock of the line moves."""

    def __init__(
        self, place: Place, announce: Announce, *, every: float = 0.3, lead: Lead | None = None
    ) -> None:
        """`announce` hears of what alerts, after it is on disk; `every`: seconds between looks."""
        self._place = place
        self._every = every
        self._foreseer = Foreseer(place.store, calendars(place.settings.brands))
        self._restater = Restater(place.store, place.now)
        self._hours = Hours(place.store)
        self._drift = DriftStage(place.store, place.meter)
        self._pipe = PipeWatch(place.store, place.settings.brands, place.settings.feeds)
        self._clock = WatchClock(place)
        self._lead = lead or Lead(place.store if place.settings.clickhouse else None)
        self._kept: dict[str, Memory] | None = None
        self._has_orphans = True  # until looked for
        self._announce = announce
        self._work = Background("watch", self._run)
        self._news: deque[Settings] = deque(maxlen=1)
        self._following = following(place.settings, "watch", self._news.append)

    async def start(self) -> None:
        """Begin in the background."""
        await self._clock.start()
        self._work.start()
        self._following.start()

    async def stop(self) -> None:
        """End; a pass in hand is judged again by the next process."""
        await self._following.stop()
        await self._work.stop()
        await self._clock.stop()

    async def _run(self) -> None:
        while True:
            try:
                moved = await asyncio.to_thread(self.judge_pass)
                if self._kept is not None:
                    await asyncio.to_thread(self._foreseer.refresh, self._kept)
                    await asyncio.to_thread(self.restate_pass)
                    await asyncio.to_thread(self._hours.refresh)
            except StoreUnavailable as error:
                log.warning("waiting", stage="watch", error=str(error))
                moved = False
            if not moved:
                begun = "" in (self._kept or {})
                await asyncio.sleep(self._every if begun else BEFORE_THE_FIRST * self._every)

    def judge_pass(self) -> bool:
        """Judge what the clock has passed since the last time; False if nothing was due."""
        if self._news:
            self._take(self._news.pop())
        store = self._place.store
        if not self._lead.leads():
            self._kept = None  # whoever leads moves on
            self._pipe.forget()
            self._foreseer.forget()
            return False
        if self._kept is None:
            self._kept = memories(store)
            self._has_orphans = True
        span = self._clock.due(self._kept[""].bucket if "" in self._kept else None)
        if span is None:
            return False
        with self._place.meter.busy():
            self._judge_span(*span)
        return True

    def _judge_span(self, since: datetime, until: datetime) -> None:
        """What one pass does, of buckets from `since` up to `until`."""
        assert self._kept is not None
        store = self._place.store
        found = counts(store, since=since, until=until)
        verdicts = by_brand(read_verdicts(store))
        quality = self._pipe.judge(since, until)
        kept = [Memory(brand="", bucket=until, state="", verdict="")]
        changes: list[IncidentChange] = []
        told: list[Report] = []
        for brand in sorted(found.keys() | self._kept.keys() - {""}):
            buckets = found.get(brand, {})
            policy = self._policy(brand, verdicts.get(brand, ()))
            seen = Seen(buckets, quality.get(brand, {}))
            memory, some, held = self._judge(brand, seen, (since, until), policy)
            kept.append(memory)
            changes.extend(some)
            told.extend(_reports(brand, buckets, held, self._place.now()))
        self._tell(sorted(changes, key=lambda change: (change.at, change.brand, change.number)))
        write_judged(store, told)
        write_quality(store, quality, self._place.now())
        # After the alerts, which it must not hold up; before the pass counts as done.
        self._drift.judge(since, until)
        remember(store, [*kept, self._pipe.memory()])
        self._pipe.remembered()
        self._kept.update((memory.brand, memory) for memory in kept)
        if self._has_orphans:
            self._close_orphans(until)
        self._place.meter.posts(
            sum(bucket.shown for each in found.values() for bucket in each.values()),
            oldest=None,
            now=self._place.now(),
        )

    def _take(self, settings: Settings) -> None:
        """Between two passes: brands as the user's file has them by now."""
        self._place = replace(self._place, settings=settings)
        self._pipe.watch(settings.brands)
        self._foreseer.plan(calendars(settings.brands))

    def restate_pass(self) -> None:
        """Tell anew what has changed of judged buckets, now and then."""
        if self._kept and "" in self._kept:
            self._restater.refresh(self._kept[""].bucket)

    def _judge(
        self,
        brand: str,
        seen: Seen,
        span: tuple[datetime, datetime],
        policy: Policy,
    ) -> tuple[Memory, Sequence[IncidentChange], Collection[datetime]]:
        """The brand's memory, its changes, and the buckets that were inside an open incident."""
        assert self._kept is not None
        since, until = span
        memory = self._kept.get(brand)
        if memory is None:  # a new brand begins with its first post
            state, since = IncidentState(), min(seen.buckets)
        else:
            state = msgspec.json.decode(memory.state, type=IncidentState)
        moved = advance(
            state,
            brand,
            seen.buckets,
            since=since,
            until=until,
            quality=seen.quality,
            policy=policy,
        )
        kept = Memory(
            brand=brand,
            bucket=until,
            state=msgspec.json.encode(moved.state).decode(),
            verdict=msgspec.json.encode(moved.verdict).decode(),
        )
        held = held_open(state, moved.changes, since=since, until=until)
        return kept, moved.changes, held

    def _policy(self, brand: str, verdicts: Sequence[CrisisVerdict]) -> Policy:
        factor = tuning(verdicts, now=self._place.now()).factor
        watched = next((b for b in self._place.settings.brands if b.name == brand), None)
        if watched is None:
            return Policy(factor=factor)
        return Policy(sensitivity=watched.sensitivity, alert_on=watched.alert_on, factor=factor)

    def _close_orphans(self, judged: datetime) -> None:
        """Once a process is past all that was told before it began."""
        assert self._kept is not None
        told = events(self._place.store)
        self._tell(orphans(told, self._kept, judged))
        self._has_orphans = any(event.change.at > judged for event in told)

    def _tell(self, changes: Sequence[IncidentChange]) -> None:
        if not changes:
            return
        fired = self._place.now()
        explained = explain(self._place, changes, fired)
        write_events(self._place.store, explained, fired)
        stamps = [event.evidence.stamps for event in explained]
        self._place.meter.arrived(
            [(one.fired - one.published).total_seconds() for one in stamps if one],
            objective=self._place.settings.objective_seconds,
        )
        for event in explained:
            examples = [one.post_id for one in event.evidence.examples if not one.is_erased]
            now = self._place.now()
            self._place.traces.incident(event.change.incident_id, examples, fired, now)
        alerts = [event for event in explained if event.change.alerts]
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
