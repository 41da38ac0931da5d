"""Which posts to label: strata by score, and how many of each (Neyman 1934). Pure.

A label says most where the model is least sure, so a part of the sample goes by posts times the
spread of a post's label, sqrt(p (1 - p)). Scores come in bins of a quarter of a logit, as the
database counts them; a stratum is a run of bins.
"""

from collections.abc import Mapping
from math import floor, sqrt

from msgspec import Struct

from forecasting.recalibrate import logits, sigmoid

STRATA = 10
BINS_A_LOGIT = 4
LEAST_SPREAD = 0.1
"""What is said to be certain is drawn as if the model erred once in a hundred."""


class Stratum(Struct, frozen=True, kw_only=True):
    """A run of bins, ends included; `wanted` of its `posts` are drawn at random."""

    number: int
    first: int
    last: int
    posts: int
    wanted: int

    @property
    def probability(self) -> float:
        """Chance of each of its posts to be drawn."""
        return self.wanted / self.posts if self.posts else 0.0


class Plan(Struct, frozen=True, kw_only=True):
    """A sample to be drawn."""

    strata: tuple[Stratum, ...]

    @property
    def wanted(self) -> int:
        """Posts in all."""
        return sum(one.wanted for one in self.strata)


def bin_of(p_negative: float) -> int:
    """Return the bin of a score, as `share_bins.sql` does.

    >>> bin_of(0.5), bin_of(0.3), bin_of(0.0), bin_of(1.0)
    (0, -4, -25, 24)
    """
    return floor(BINS_A_LOGIT * float(logits([p_negative])[0]))


def plan(posts: Mapping[int, int], *, wanted: int, strata: int = STRATA) -> Plan:
    """Return how many to draw where, at most `wanted`, at most what is there.

    `posts`: bin -> posts that can be drawn.

    >>> [(one.first, one.last, one.wanted) for one in plan({-8: 900, 0: 100}, wanted=20).strata]
    [(-8, -8, 17), (0, 0, 3)]
    """
    there = {place: count for place, count in sorted(posts.items()) if count > 0}
    total = sum(_weight(place, count) for place, count in there.items())
    runs: dict[int, list[int]] = {}
    before = 0.0
    for place, count in there.items():
        weight = _weight(place, count)
        runs.setdefault(int((before + weight / 2) / total * strata), []).append(place)
        before += weight
    sizes = [sum(there[place] for place in run) for run in runs.values()]
    weights = [sum(_weight(place, there[place]) for place in run) for run in runs.values()]
    return Plan(
        strata=tuple(
            Stratum(number=number, first=run[0], last=run[-1], posts=size, wanted=part)
            for number, (run, size, part) in enumerate(
                zip(runs.values(), sizes, _parts(weights, sizes, wanted), strict=True)
            )
        )
    )


def _weight(place: int, posts: int) -> float:
    p = float(sigmoid(logits([0.5]) + (place + 0.5) / BINS_A_LOGIT)[0])
    return posts * max(LEAST_SPREAD, sqrt(p * (1 - p)))


def _parts(weights: list[float], sizes: list[int], wanted: int) -> list[int]:
    """Share `wanted` out by weight: whole numbers, none above its size, what is over goes on."""
    parts = [0] * len(sizes)
    for _ in range(min(wanted, sum(sizes))):
        # One by one to whoever is furthest behind (Sainte-Laguë): no remainders to settle.
        behind = max(
            (place for place in range(len(sizes)) if parts[place] < sizes[place]),
            key=lambda place: weights[place] / (2 * parts[place] + 1),
        )
        parts[behind] += 1
    return parts
