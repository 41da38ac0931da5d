"""Counted hours that still hold, and posts of all others: why that is exact says infra/hours.py.

In this order, so that what is read later may only know more:
1. the mark is there already;
2. counted hours: each knows at least of all that was written to it up to the mark;
3. posts of hours that were written to after the mark, and of those whose counts do not hold, in one
   statement: what is shown is true of the moment of this one. To the other hours nothing was
   written after the mark, so their counts know exactly of what posts had then;
4. the scorings and eras: these only rise, and a count names those that it was made under. Where
   they are still the same, nothing was switched and no files were rewritten in between. Of hours
   where they are not, posts are read as well, from 3 on; counts that are left get fewer each time.
Where nobody had written after the mark at 1, nor has at 4, there is nothing to read at 3.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from infra.asked import hex_of
from infra.sql import load
from infra.store import Param, Row, Store

MOST: Final = 2_000
"""Hours of brands that are looked up in posts: of more, all posts of the span are read as fast."""
HOUR: Final = 3_600

Place = tuple[str, int]
"""A brand, and the epoch second at which an hour begins."""
Found = dict[str, dict[int, tuple[int, int]]]
"""Brand -> epoch second at which a step begins -> all posts, and the negative ones."""


class _Alike(Struct, frozen=True, gc=False):
    """Hours of a brand and month that were counted alike, with one or twelve volumes for each."""

    brand: str
    month: int  # as YYYYMM
    era: int
    scoring: int
    holds: int
    expires: int
    hours: list[int]
    volumes: list[int]
    negatives: list[int]


class _State(Struct, frozen=True):
    """What a count has to agree with."""

    eras: Mapping[int, int]
    scorings: Mapping[str, int]
    newest: int  # insert into posts
    now: int

    def allows(self, alike: _Alike) -> bool:
        return (
            alike.era == self.eras.get(alike.month, 0)
            and alike.scoring == self.scorings.get(alike.brand, 0)
            and alike.expires > self.now
        )


def shown_held(store: Store, asked: Mapping[str, Param], *, newest: int) -> Found | None:
    """What counts now, of steps that have any posts; None if too many hours do not hold.

    `asked`: the parameters of hours_shown.sql but `loose`, of which `block` is the mark; `newest`:
    the newest insert when the mark was read. Raises StoreError.
    """
    counted = [_Alike(*row) for row in store.query(load("hours_counted"), asked)]
    held = [alike for alike in counted if alike.holds]
    loose = _places(alike for alike in counted if not alike.holds)
    whole = asked["since"] == asked["first"] and asked["last"] == asked["until"]
    while len(loose) <= MOST:
        rows: list[Row] = []
        if needed := bool(loose) or not whole or newest != asked["block"]:
            names = ",".join(f"{hex_of(brand)}:{hour}" for brand, hour in loose)
            rows = store.query(load("hours_shown"), {**asked, "loose": names})
        state = _state(store)
        newest = state.newest
        allowed = [alike for alike in held if state.allows(alike)]
        if len(allowed) == len(held) and (needed or newest == asked["block"]):
            return _together(held, rows, 60 * int(asked["step"]))
        loose |= _places(alike for alike in held if not state.allows(alike))
        held = allowed
    return None


def _places(some: Iterable[_Alike]) -> set[Place]:
    return {(alike.brand, hour) for alike in some for hour in alike.hours}


def _state(store: Store) -> _State:
    eras: dict[int, int] = {}
    scorings: dict[str, int] = {}
    last = now = 0
    for kind, brand, month, number, newest in store.query(load("hours_state")):
        match kind:
            case "files":
                eras[month] = number
                last = max(last, newest)
            case "scoring":
                scorings[brand] = number
            case _:
                now = number
    return _State(eras, scorings, last, now)


def _together(held: Iterable[_Alike], rows: Iterable[Row], step: int) -> Found:
    """Counts, and in place of those that were written to since what posts say."""
    found: Found = {}
    for alike in held:
        found.setdefault(alike.brand, {}).update(_counts(alike, step))
    posts: list[Row] = []
    for row in rows:
        brand, start, volume, _ = row
        if volume:
            posts.append(row)
            continue
        counts = found.get(brand, {})
        for at in range(start, start + HOUR, step):
            counts.pop(at, None)
    for brand, start, volume, negative in posts:
        found.setdefault(brand, {})[start] = volume, negative
    return {brand: counts for brand, counts in found.items() if counts}


def _counts(alike: _Alike, step: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """The start of a step, and its counts, for steps of so many seconds that have any posts."""
    some = len(alike.volumes) * step // (len(alike.hours) * HOUR)  # so many are a step
    volumes, negatives = _sums(alike.volumes, some), _sums(alike.negatives, some)
    starts = (hour + after for hour in alike.hours for after in range(0, HOUR, step))
    return (
        (start, both)
        for start, both in zip(starts, zip(volumes, negatives, strict=True), strict=True)
        if both[0]
    )


def _sums(numbers: list[int], some: int) -> list[int]:
    """Of so many at a time."""
    if some == 1:
        return numbers
    return [sum(numbers[at : at + some]) for at in range(0, len(numbers), some)]
