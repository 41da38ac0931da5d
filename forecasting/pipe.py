"""Crowd or pipe: is a change in the counts news, or a feed that stalled and caught up?

A source (a platform, over all brands) that falls below a fifth of its usual volume, for so long
that as many as ENOUGH posts should have come, has stalled: people do not all stop at once. What it
sends at more than twice the usual rate right after is what it held back. A brand's bucket is judged
by how much of the brand's posts come from sources that are stalled.
"""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Final

from msgspec import Struct

from forecasting.records import Quality
from forecasting.watch import starts

# Usual is the lower of two means, in buckets of half-life: an hour follows the night, and a day is
# not carried away by a burst.
FAST: Final = 12.0
SLOW: Final = 288.0
LOW: Final = 0.2  # of what is usual: a platform does not lose more of its crowd in an hour
HIGH: Final = 2.0
# The chance that a fifth or less of so many come by themselves is below 1e-9 for independent posts,
# and still below 1e-3 for posts that come in fives.
ENOUGH: Final = 30.0
WHOLE: Final = 0.8  # of a brand's posts: without them nothing of it is seen
PART: Final = 0.2  # below, what is missing changes little

Volumes = Mapping[datetime, int]


class Flow(Struct, frozen=True, kw_only=True):
    """When a source was stalled, and when it caught up: starts of buckets."""

    stalled: frozenset[datetime]
    catching_up: frozenset[datetime]


class Mean:
    """An exponentially weighted mean, 0 before anything was taken."""

    def __init__(self, half_life: float) -> None:
        self._keep = 0.5 ** (1 / half_life)
        self._total = self._weight = 0.0

    @property
    def mean(self) -> float:
        """Of all that was taken."""
        return self._total / self._weight if self._weight else 0.0

    def take(self, value: float) -> None:
        """One more."""
        self._total = self._total * self._keep + value
        self._weight = self._weight * self._keep + 1


def flow(volumes: Volumes, *, since: datetime, until: datetime) -> Flow:
    """Follow one source over [since, until), in order of time: a bucket is marked by what came
    up to it, and the earlier buckets of the same stall with it.

    >>> from datetime import UTC, datetime
    >>> from forecasting.records import BUCKET
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> volumes = {noon + i * BUCKET: 20 for i in range(24)}
    >>> found = flow(volumes, since=noon, until=noon + 27 * BUCKET)
    >>> len(found.stalled), min(found.stalled) == noon + 24 * BUCKET
    (3, True)
    """
    fast, slow = Mean(FAST), Mean(SLOW)
    missing = expected = 0.0
    run: list[datetime] = []
    stalled: set[datetime] = set()
    late: set[datetime] = set()
    for at in starts(since, until):
        count = volumes.get(at, 0)
        usual = min(fast.mean, slow.mean)
        if usual and count < LOW * usual:
            run.append(at)
            expected += usual
            if expected >= ENOUGH:
                stalled.update(run)
                missing += usual * len(run)
                run = []
            continue
        run, expected = [], 0.0
        if missing > 0 and count > HIGH * usual:
            late.add(at)
            missing -= count - usual
            continue
        missing = 0.0
        fast.take(count)
        slow.take(count)
    return Flow(stalled=frozenset(stalled), catching_up=frozenset(late))


def qualities(
    flows: Mapping[str, Flow], shares: Mapping[str, float], changed: Set[datetime] = frozenset()
) -> dict[datetime, Quality]:
    """The buckets of a brand that are not ok, by the `shares` of its posts from each source.

    `changed` are those from which on it is counted by another model or query.
    """
    gone: dict[datetime, float] = {}
    late: dict[datetime, float] = {}
    for source, share in shares.items():
        for at in flows[source].stalled if source in flows else ():
            gone[at] = gone.get(at, 0.0) + share
        for at in flows[source].catching_up if source in flows else ():
            late[at] = late.get(at, 0.0) + share
    found: dict[datetime, Quality] = dict.fromkeys(changed, "changed")
    found |= {at: "catch_up" for at, share in late.items() if share >= PART}
    found |= {at: "partial" for at, share in gone.items() if share >= PART}
    return found | {at: "gap" for at, share in gone.items() if share >= WHOLE}
