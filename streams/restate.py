"""What was told of a bucket is told again when it is no longer true.

Posts come late, are fetched later, edited, erased or scored by another model: then the numbers of
buckets that were judged long ago change, and a report with the reason is added. Nothing here opens
an incident.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from forecasting.watch import floor_bucket
from infra.reports import (
    Place,
    Reason,
    Report,
    Told,
    first_report,
    looked_at,
    note_looked_at,
    reported_buckets,
    told_and_shown,
    touched,
    write_reports,
)
from infra.scorings import switched_scorings
from infra.store import Store

PRECEDENCE: Final[tuple[Reason, ...]] = ("erased", "edited", "rescored", "backfill", "late")
"""Which reason is told where there are several."""
NEAR: Final = timedelta(minutes=5)
"""How far each look goes back behind the last one: a row is stamped some time before it is there,
by the clock of its process."""
DEEP: Final = timedelta(hours=2)
"""How far the first look of a process and one each DEEP_EVERY go back: a clock may be wrong."""
DEEP_EVERY: Final = 600.0
PAUSE: Final = 5.0
SHARE: Final = 20.0
"""Pauses are this many times as long as looks: they must not hold up alerts."""
NOTED_EVERY: Final = timedelta(minutes=1)

Touches = dict[Reason, datetime]


class Restater:
    """Looks for buckets whose numbers are no longer those told last."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` is the wall clock, `clock` a monotonic one in seconds."""
        self._store = store
        self._now = now
        self._clock = clock
        self._next = self._next_deep = float("-inf")
        self._seen: dict[Place, Touches] = {}
        self._switched: dict[str, int] = {}
        self._looked: datetime | None = None
        self._noted: datetime | None = None

    def refresh(self, judged: datetime) -> int:
        """`look`, if it is time for one."""
        begun = self._clock()
        if begun < self._next:
            return 0
        count = self.look(judged)
        ended = self._clock()
        self._next = ended + max(PAUSE, SHARE * (ended - begun))
        return count

    def look(self, judged: datetime) -> int:
        """Tell anew what has changed of buckets before `judged`; return how many that were.

        Killed anywhere, the next look comes to the same: only what differs is told. Raises
        StoreError.
        """
        first = first_report(self._store)
        if first is None:
            return 0
        since, first_told = first
        now = self._now()
        deep = self._clock() >= self._next_deep
        last = self._looked or looked_at(self._store) or first_told
        stored = min(last, now) - (DEEP if deep else NEAR)
        found = touched(self._store, stored=stored, since=since, until=judged)
        changed = {
            place: touches
            for place, touches in found.items()
            if deep or self._seen.get(place) != touches
        }
        switched = self._add_switched(changed, stored, judged)
        count = self._tell(changed, now)
        self._seen = found
        self._switched.update(switched)
        self._looked = now
        if deep:
            self._next_deep = self._clock() + DEEP_EVERY
        if count or self._noted is None or now - self._noted >= NOTED_EVERY:
            note_looked_at(self._store, now)
            self._noted = now
        return count

    def _add_switched(
        self, changed: dict[Place, Touches], stored: datetime, judged: datetime
    ) -> dict[str, int]:
        """Add every bucket told of brands that were switched to another scoring since."""
        switched: dict[str, int] = {}
        for brand, (number, at) in switched_scorings(self._store).items():
            if at < stored or self._switched.get(brand) == number:
                continue
            switched[brand] = number
            for bucket in reported_buckets(self._store, brand):
                if bucket < judged:
                    changed[brand, bucket] = {**changed.get((brand, bucket), {}), "rescored": at}
        return switched

    def _tell(self, changed: Mapping[Place, Touches], now: datetime) -> int:
        count = 0
        hours = {floor_bucket(bucket, timedelta(hours=1)) for _, bucket in changed}
        for told, shown in told_and_shown(self._store, hours):
            reports = [
                Report(
                    brand=place[0],
                    bucket=place[1],
                    number=last.number + 1,
                    volume=numbers[0],
                    negative=numbers[1],
                    at=now,
                    reason=_reason(changed[place], last.at),
                )
                for place in (told.keys() | shown.keys()) & changed.keys()
                for last, numbers in [(told.get(place, Told()), shown.get(place, (0, 0)))]
                if numbers != (last.volume, last.negative)
                # Posts that were taken away since they are past their time are no news.
                if place in shown or changed[place].keys() != {"rescored"}
            ]
            write_reports(self._store, reports)
            count += len(reports)
        return count


def _reason(touches: Touches, told_at: datetime) -> Reason:
    """The first of PRECEDENCE that has happened since; of all, if clocks say that none has."""
    fresh = [reason for reason in PRECEDENCE if touches.get(reason, told_at) > told_at]
    return fresh[0] if fresh else next(reason for reason in PRECEDENCE if reason in touches)
