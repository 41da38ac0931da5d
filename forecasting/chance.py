"""How surprising a count is: exact tails of over-dispersed shares, as standard deviations."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

ENOUGH: Final = 2000
"""Voices beyond which a window says nothing more of its share: their own spread, 1/2000, is below
the least that opinion wanders. Larger windows are taken for this many of the same share."""
SMALLEST: Final = 1e-200  # probability below which it makes no difference
_NORMAL: Final = NormalDist()


def share_tail(
    negative: int, voices: int, mean: float, rho: float, *, of_first: float = 1.0
) -> float:
    """P(X >= negative) of `voices` posts when the share is Beta of that mean, exactly.

    `rho` is the correlation of two posts: the variance of a share is nearly mean (1 - mean)
    (1/n + rho). `of_first` is the part of P(X = negative) that is counted.

    >>> round(share_tail(4, 12, 0.05, 1e-9), 6)  # the binomial
    0.002236
    """
    if negative <= 0:
        return 1.0
    spread = 1 / rho - 1
    a, b = mean * spread, (1 - mean) * spread
    others = voices - negative
    log_first = (
        _log_beta(negative + a, others + b)
        - _log_beta(a, b)
        - math.log(voices + 1)
        - _log_beta(negative + 1, others + 1)
    )
    term, total = 1.0, of_first
    for x in range(negative, voices):
        term *= (voices - x) / (x + 1) * (x + a) / (voices - x - 1 + b)
        total += term
        if term < 1e-7 * total:
            break
        if total > 1e200:  # so far below the mean that nearly all of the distribution is above
            return 1.0
    return min(math.exp(log_first) * total, 1.0)


def deviations(
    negative: int, voices: int, mean: float, rho: float, *, enough: float = ENOUGH
) -> float:
    """P(X > negative) + P(X = negative) / 2 as standard deviations of a normal.

    The mid-p value (Lancaster 1961): counting all of P(X = negative) would make few posts less
    surprising than many are by the same chance. 0 or less where it is no surprise. More voices than
    `enough` are taken for this many of the same share; ENOUGH at most.

    >>> round(deviations(4, 12, 0.05, 1e-9), 2)
    3.03
    """
    most = round(min(enough, ENOUGH))
    if voices > most:
        negative, voices = round(negative * (most / voices)), most
    tail = share_tail(negative, voices, mean, rho, of_first=0.5)
    return -_NORMAL.inv_cdf(min(max(tail, SMALLEST), 1 - 1e-12))


def added_up(deviations: Sequence[float]) -> float:
    """As many standard deviations as have the likelihood ratio of all of these together.

    Those of one that stands alone, more where several agree, the largest where none is above 0.

    >>> round(added_up([2.0]), 6), added_up([2.0, 2.0]) > 2.0, added_up([-2.0, -1.0])
    (2.0, True, -1.0)
    """
    ratios = sum(math.expm1(one * one / 2) for one in deviations if one > 0)
    return math.sqrt(2 * math.log1p(ratios)) if ratios else max(deviations)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
