"""How many posts a brand usually gets at this hour of the day, and whether it has fallen silent.

The usual volume is a mean for each hour of the day (UTC) that forgets in days, shrunk towards the
brand's level while an hour was seen seldom. Single bursts are cut: what is usual is asked here, not
what is possible. Bursts are the business of `forecasting.bare`.

Silence is judged on a log scale, where the nights and weekends of a brand have taught how far
below the usual its hours fall.
"""

import math
from typing import Final

from msgspec import Struct

HOURS: Final = 24
AN_HOUR: Final = 12  # buckets
SILENCES: Final = (12, 36)  # windows: an hour, three hours
KEEP_HOUR: Final = 0.5 ** (1 / (5 * AN_HOUR))  # half-life of an hour's mean: five days of it
KEEP_LEVEL: Final = 0.5 ** (1 / (3 * 288))
SHRINK: Final = 6.0  # buckets at the level that an hour of the day begins with
KNOWN: Final = 2.5 * AN_HOUR  # weight from which an hour counts as known: its third day
BURST: Final = 3.0  # times the usual, and five posts, beyond which a bucket is cut
PRIOR_FALL: Final = 0.25  # variance of log volume below the usual
PRIOR_FALL_WEIGHT: Final = 10.0
FALL_MEMORY: Final = 14.0 * 288


class Attention(Struct, frozen=True, array_like=True):
    """The usual volume of a brand. The default is a new brand's."""

    level: float = 0.0  # sums behind the mean volume of a bucket
    weight: float = 0.0
    hours: tuple[float, ...] = (0.0,) * HOURS  # the same of each hour of the day
    hour_weights: tuple[float, ...] = (0.0,) * HOURS
    falls: tuple[float, ...] = (0.0,) * len(SILENCES)  # sums behind the variance of falls
    fall_weights: tuple[float, ...] = (0.0,) * len(SILENCES)


def notice(attention: Attention, volume: int, at: int) -> Attention:
    """Learn the bucket number `at`."""
    hour = at // AN_HOUR % HOURS
    if attention.weight:
        volume = min(volume, math.ceil(BURST * usual_bucket(attention, at) + 5))
    hours = list(attention.hours)
    weights = list(attention.hour_weights)
    hours[hour] = hours[hour] * KEEP_HOUR + volume
    weights[hour] = weights[hour] * KEEP_HOUR + 1
    return Attention(
        attention.level * KEEP_LEVEL + volume,
        attention.weight * KEEP_LEVEL + 1,
        tuple(hours),
        tuple(weights),
        attention.falls,
        attention.fall_weights,
    )


def usual_bucket(attention: Attention, at: int) -> float:
    """Posts usual in the bucket number `at`."""
    hour = at // AN_HOUR % HOURS
    level = attention.level / max(attention.weight, 1.0)
    weight = attention.hour_weights[hour]
    return (attention.hours[hour] + SHRINK * level) / (weight + SHRINK)


def usual(attention: Attention, window: int, at: int) -> float:
    """Posts usual in the `window` buckets that end with bucket number `at`."""
    total, end = 0.0, at + 1
    first = end - window
    while end > first:
        begin = max(first, (end - 1) // AN_HOUR * AN_HOUR)
        total += (end - begin) * usual_bucket(attention, begin)
        end = begin
    return total


def is_known(attention: Attention, at: int) -> bool:
    """Whether the hour of bucket number `at` was seen on enough days to miss posts in it."""
    return attention.hour_weights[at // AN_HOUR % HOURS] >= KNOWN


def fall(attention: Attention, which: int, volume: int, expected: float) -> float:
    """Standard deviations that `volume` of window number `which` lies below `expected`."""
    below = math.log((expected + 1) / (volume + 1))
    return below / math.sqrt(_fall_variance(attention, which) + 1 / (expected + 1))


def least_usual(attention: Attention, which: int, expected: float) -> float:
    """The lower end of the 95 % band of window number `which`."""
    deviation = math.sqrt(_fall_variance(attention, which) + 1 / (expected + 1))
    return min(max((expected + 1) * math.exp(-1.96 * deviation) - 1, 0.0), expected)


def learn_fall(attention: Attention, which: int, volume: int, expected: float) -> Attention:
    """Learn from a whole window how far volumes fall below what is usual."""
    below = max(math.log((expected + 1) / (volume + 1)), 0.0)
    chance = 1 / (expected + 1)
    variance = _fall_variance(attention, which) + chance
    # Half of all windows are above the usual and say nothing: the other half count twice.
    excess = min(2 * below * below, 9 * variance) - chance
    keep = 0.5 ** (SILENCES[which] / FALL_MEMORY)
    falls, weights = list(attention.falls), list(attention.fall_weights)
    falls[which] = falls[which] * keep + excess
    weights[which] = weights[which] * keep + 1
    return Attention(
        attention.level,
        attention.weight,
        attention.hours,
        attention.hour_weights,
        tuple(falls),
        tuple(weights),
    )


def _fall_variance(attention: Attention, which: int) -> float:
    learned = attention.falls[which] + PRIOR_FALL * PRIOR_FALL_WEIGHT
    return max(learned / (attention.fall_weights[which] + PRIOR_FALL_WEIGHT), 0.04)
