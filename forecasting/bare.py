"""Bursts in a bare series of counts: how far its last rows are above all it has done before.

Three short means (1, 6 and 12 rows: five minutes, half an hour, an hour) are each compared with two
long memories (half-lives of 1,000 and 4,032 rows: three and a half and fourteen days). The standard
deviations are not robust on purpose: bursts are normal among tweets, and only one that is large
beside the bursts so far is news. The score is the mean of log(1 + z).

A burst is told once: of the score, in steps of 0.3, only what is above everything told in the last
day is told. After the likelihood of Lavin and Ahmad (2015); constants are the same for all series.
"""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

SHORT: Final = (1, 6, 12)  # rows
LONG: Final = (1000.0, 4032.0)  # half-lives, rows
QUIET: Final = 288  # rows for which what was told is not told again
STEP: Final = 0.3
WARM: Final = 2 * 288  # rows before anything is scored: each hour of the day seen twice
LEAST_VARIANCE: Final = 1.0  # a post more or less is always chance
OPEN: Final = 5 * STEP  # log(1 + 3.5): three and a half standard deviations on every scale
_KEEP: Final = tuple(0.5 ** (1 / half_life) for half_life in LONG)


class Burst(Struct, frozen=True, array_like=True):
    """A series so far. The default is a new one."""

    rows: int = 0
    weights: tuple[float, float] = (0.0, 0.0)  # behind each long memory
    sums: tuple[float, float] = (0.0, 0.0)
    squares: tuple[float, float] = (0.0, 0.0)
    recent: tuple[float, ...] = ()  # the last rows, newest last
    told_at: int = 0  # row and score that were told last
    told: float = 0.0


def score(burst: Burst, value: float) -> tuple[Burst, float]:
    """Take one row: the series after it, and how unusual its end is, 0 or more."""
    recent = (*burst.recent, value)[-SHORT[-1] :]
    total = 0.0
    if burst.rows >= WARM:
        means = [sum(recent[-rows:]) / min(rows, len(recent)) for rows in SHORT]
        for weight, one, square in zip(burst.weights, burst.sums, burst.squares, strict=True):
            usual = one / weight
            deviation = math.sqrt(max(square / weight - usual * usual, 0.0) + LEAST_VARIANCE)
            total += sum(math.log1p(max(mean - usual, 0.0) / deviation) for mean in means)
    (w0, w1), (s0, s1), (q0, q1), (k0, k1) = burst.weights, burst.sums, burst.squares, _KEEP
    after = Burst(
        burst.rows + 1,
        (w0 * k0 + 1, w1 * k1 + 1),
        (s0 * k0 + value, s1 * k1 + value),
        (q0 * k0 + value * value, q1 * k1 + value * value),
        recent,
        burst.told_at,
        burst.told,
    )
    return after, total / (len(SHORT) * len(LONG))


def pulse(burst: Burst, score: float) -> tuple[Burst, float]:
    """What of the score of the newest row is told: it in steps, or 0 if as much was told lately.

    What was told before the last pulse was lower and is older: it can't matter any more.
    """
    level = math.floor(score / STEP + 1e-9) * STEP
    lately = burst.told if burst.rows - burst.told_at <= QUIET else 0.0
    if level <= lately:
        return burst, 0.0
    return replace(burst, told_at=burst.rows, told=level), level


def usual(burst: Burst) -> tuple[float, float]:
    """Mean and standard deviation of a row in the shorter memory; 0 and 1 of a new series."""
    weight = max(burst.weights[0], 1.0)
    mean = burst.sums[0] / weight
    variance = max(burst.squares[0] / weight - mean * mean, 0.0) + LEAST_VARIANCE
    return mean, math.sqrt(variance)
