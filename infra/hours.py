"""Posts by the hour, counted before they are asked for, and true whenever they are.

A month of all brands is too much to read from posts each time. `hour_counts` has the counts of
each brand and hour, written by whoever watches; `shown` reads those that still hold, and the rest
from posts (infra/hours_held.py). Dashboards do so by views that say the same in SQL
(migrations/0020_hour_looks.sql).
Nothing depends on somebody counting, or on when: an hour that nobody has counted since it changed
is read from posts, so killing whoever counts, at any statement, costs time only.

Which hours still hold is not asked of a stamp of the writer's. ClickHouse numbers the inserts of a
table under the lock that makes them visible: whoever sees insert n sees all before it. So
- `hour_counts.block` is read before the hour is counted: the count knows of every insert up to it;
- the mark is written after every hour that an insert up to it wrote to was counted so;
- a reader takes the mark first. In what it then sees of posts, an hour without a row of a later
  insert was counted after all of its rows were there. An hour with one is read from posts.
Several may count at once: of two counts the one that knew of the later insert stays.

Rows also change without an insert:
- a brand is switched to another scoring: a count names the scoring that it was made under;
- files are rewritten (a new retention, a purge): a count names its partition's era, which is
  another afterwards, and while it is being done no count is believed;
- time passes: no count holds from the moment when the first row below it may be past its time. A
  row that came later and hides others may itself be gone after a day: a mark holds for LASTS.
What is taken away by hand, such as a whole partition, is not seen: empty `hour_marks` after it.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from infra import hour_looks
from infra.hours_held import Found, shown_held
from infra.reports import Place
from infra.scorings import switched_scorings
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

AT_ONCE: Final = 48
"""Hours counted in a step at most: whoever counts has other work, such as alerts."""
PLACES: Final = 5_000
"""Hours of brands after which a step is full: bounds its memory, to about 100 MB."""
BUCKETS: Final = 12
BUCKET: Final = timedelta(minutes=5)
HOUR: Final = BUCKETS * BUCKET
LASTS: Final = 12
"""Hours for which a mark holds: less than any post is kept."""
MARGIN: Final = 2
"""Hours within which a row's end is too near: a count takes as long at most, and a clock that
jumped back no more."""
REMARKED: Final = timedelta(hours=1)
"""How old a mark may be before it is written again, also if nothing has come."""
NEVER: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""When an hour without rows is past its time."""
COLUMNS: Final = (
    "brand",
    "hour",
    "block",
    "era",
    "scoring",
    "expires_at",
    "volumes",
    "negatives",
    *hour_looks.COLUMNS,
)

Shown = tuple[int, int]
"""All posts, and the negative ones."""


def shown(
    store: Store, *, since: datetime, until: datetime, step: timedelta = HOUR
) -> dict[str, dict[datetime, Shown]]:
    """Brand -> start of a step -> posts that count now, for steps that have any.

    A step is one to twelve times five minutes, and a part of an hour. Raises StoreError.
    """
    asked: dict[str, Param] = {
        "since": to_ms(since),
        "until": to_ms(until),
        "step": round(step / timedelta(minutes=1)),
    }
    found: Found | None = None
    known = _known(store)
    if known.marked:
        first = min(_hour_of(since + HOUR - timedelta(microseconds=1)), until)
        ends = {"first": to_ms(first), "last": to_ms(max(_hour_of(until), first))}
        found = shown_held(store, {**asked, **ends, "block": known.marked}, newest=known.newest)
    if found is None:
        found = {}
        for brand, start, volume, negative in store.query(load("posts_shown"), asked):
            found.setdefault(brand, {})[start] = volume, negative
    # The brands have the same few.
    moments = {at: datetime.fromtimestamp(at, UTC) for at in set().union(*found.values())}
    return {
        brand: {moments[at]: counts[at] for at in sorted(counts)} for brand, counts in found.items()
    }


class _Known(Struct, frozen=True):
    """The newest insert; whether inserts can be relied on now; the mark, 0 for none that holds."""

    newest: int
    is_settled: int
    marked: int


def _known(store: Store) -> _Known:
    return _Known(*store.query(load("hours_known"), {"hours": LASTS})[0])


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class _Round(Struct, frozen=True):
    """What was known before the first hour of a round was counted, and what is left to count."""

    newest: int
    eras: Mapping[int, int]  # month as YYYYMM -> era
    scorings: Mapping[str, int]
    left: dict[datetime, set[str]]  # hour -> brands


class HourCounter:
    """Counts hours whose counts are missing or no longer hold, some at a time."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float] = time.monotonic,
        at_once: int = AT_ONCE,
        places: int = PLACES,
    ) -> None:
        """`clock` gives seconds that never go back; `at_once`, `places`: most of a step."""
        self._store = store
        self._clock = clock
        self._at_once = at_once
        self._places = places
        self._round: _Round | None = None
        self._next_deep = float("-inf")

    def step(self) -> bool:
        """Count some hours; True if there are more to count now. Raises StoreError.

        After an error, or in another process, the next step begins a round anew.
        """
        running, self._round = self._round or self._begun(), None
        if running is None:
            return False
        if some := self._portion(running):
            self._count(running, {hour: running.left.pop(hour) for hour in some})
        if running.left:
            self._round = running
            return True
        # Only now: every hour that an insert up to this one wrote to is on disk.
        self._store.insert("hour_marks", ("name", "block"), [("posts", running.newest)])
        return False

    def _portion(self, running: _Round) -> list[datetime]:
        """Hours to count in a step: one at least, if any are left."""
        some: list[datetime] = []
        places = 0
        for hour in sorted(running.left)[: self._at_once]:
            places += len(running.left[hour])
            if some and places > self._places:
                break
            some.append(hour)
        return some

    def _begun(self) -> _Round | None:
        """A round, None if there is nothing to do. What is read here is read before any count."""
        # Before it is asked whether files are being rewritten: else a count that is made meanwhile
        # may name the era of what is rewritten already, and be of what is not.
        eras: dict[int, int] = dict(self._store.query(load("hour_eras")))
        known = _known(self._store)
        deep = self._clock() >= self._next_deep
        if not known.is_settled or not (deep or known.newest != known.marked):
            return None
        scorings = {brand: number for brand, (number, _) in switched_scorings(self._store).items()}
        left: dict[datetime, set[str]] = {}
        asked: dict[str, Param] = {"block": known.marked, "expired": int(deep)}
        for brand, hour in self._store.query(load("hours_stale"), asked):
            left.setdefault(hour, set()).add(brand)
        if deep:
            self._next_deep = self._clock() + REMARKED.total_seconds()
        return _Round(known.newest, eras, scorings, left)

    def _count(self, running: _Round, wanted: Mapping[datetime, set[str]]) -> None:
        hours = sorted(wanted)
        asked: dict[str, Param] = {
            "since": to_ms(hours[0]),
            "until": to_ms(hours[-1] + HOUR),
            "hours": ",".join(str(to_ms(hour) // 1000) for hour in hours),
        }
        # Before the counts: then no row that they take from is missed, see hours_expire.sql.
        expire = {
            (brand, hour): at
            for brand, hour, _, at in self._store.query(
                load("hours_expire"), {**asked, "margin": MARGIN}
            )
        }
        volumes: dict[Place, list[int]] = {}
        negatives: dict[Place, list[int]] = {}
        for brand, bucket, volume, negative in self._store.query(load("shown_counts"), asked):
            hour = _hour_of(bucket)
            at = (bucket - hour) // BUCKET
            volumes.setdefault((brand, hour), [0] * BUCKETS)[at] = volume
            negatives.setdefault((brand, hour), [0] * BUCKETS)[at] = negative
        looks = hour_looks.looks(self._store, asked)
        rows = [
            (
                *place,
                running.newest,
                running.eras.get(hour.year * 100 + hour.month, 0),
                running.scorings.get(brand, 0),
                expire.get(place, NEVER),
                volumes.get(place, [0] * BUCKETS),
                negatives.get(place, [0] * BUCKETS),
                *looks.get(place, hour_looks.NOTHING),
            )
            for hour, brands in wanted.items()
            for brand in sorted(brands)
            for place in [(brand, hour)]
        ]
        self._store.insert("hour_counts", COLUMNS, rows)
