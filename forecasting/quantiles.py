"""Predictive distributions of counts and of shares, as quantiles at fixed levels.

A count is Poisson around a rate that is itself uncertain, log-normal where it is estimated: over-
dispersed, never below zero, whole posts where posts are few. `shape` bends the normal: standard
scores at which this series' own errors lie, so bursts are where they have been.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
MEDIAN: Final = LEVELS.index(0.5)
NORMAL: Final = (-1.96, -1.645, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.645, 1.96)
FEW: Final = 15.0  # posts up to which whole numbers matter, and the exact distribution is used
LARGEST_LOG: Final = 40.0  # of a count: beyond any, and its exponential is still a number
WIDEST: Final = 9.0  # most variance of a log rate: a factor of 400 on either side


def rate_of(centre: Floats) -> Floats:
    """The Poisson rate whose log1p counts have the mean `centre`.

    Nearly expm1(centre) from ten posts on; below that log1p bends a count's mean.
    """
    rates, logs, _ = _poisson_logs()
    few = np.interp(centre, logs, rates)
    return np.where(centre < logs[-1], few, np.expm1(np.minimum(centre, LARGEST_LOG)))


def counting_variance(rate: Floats) -> Floats:
    """Variance of log1p of a Poisson count of that rate."""
    rates, _, variances = _poisson_logs()
    return np.where(rate < rates[-1], np.interp(rate, rates, variances), 1 / np.maximum(rate, 1.0))


def count_quantiles(centre: Floats, spread: Floats, shape: Floats) -> Floats:
    """Quantiles of counts at LEVELS, (n, 9), ordered and >= 0.

    `centre`: log1p counts expected, (n,); `spread`: variance of the log rate, (n,); `shape`:
    standard scores of the levels, (n, 9), ordered.
    """
    from scipy.special import ndtr
    from scipy.stats import nbinom

    centre = np.clip(centre, 0.0, LARGEST_LOG)
    spread = np.clip(spread, 1e-6, WIDEST)
    rate = rate_of(centre)
    sd = np.sqrt(spread + counting_variance(rate))
    found = np.expm1(np.clip(centre[:, None] + sd[:, None] * shape, 0.0, LARGEST_LOG))
    few = rate < FEW
    if few.any():
        excess = np.expm1(spread[few])[:, None]
        mean = np.maximum(rate[few] * np.exp(spread[few] / 2), 1e-9)[:, None]
        levels = np.clip(ndtr(shape[few]), 1e-6, 1 - 1e-6)
        exact = nbinom.ppf(levels, 1 / excess, 1 / (1 + mean * excess))
        found[few] = np.where(np.isfinite(exact) & (exact >= 0), exact, found[few])
    return np.maximum.accumulate(found, axis=1)


def share_quantiles(mean: Floats, variance: Floats, shape: Floats) -> Floats:
    """Quantiles of shares at LEVELS, (n, 9), ordered, within [0, 1]: beta distributions.

    `mean` in (0, 1) and `variance`, (n,); `shape` as in `count_quantiles`.
    """
    from scipy.special import betaincinv, ndtr

    mean = np.clip(mean, 1e-4, 1 - 1e-4)
    size = np.clip(mean * (1 - mean) / np.maximum(variance, 1e-9) - 1, 0.05, 1e6)[:, None]
    found = betaincinv(mean[:, None] * size, (1 - mean[:, None]) * size, ndtr(shape))
    found = np.where(np.isfinite(found), found, mean[:, None])
    return np.maximum.accumulate(np.clip(found, 0.0, 1.0), axis=1)


def mean_of(quantiles: Floats) -> Floats:
    """Mean of the distribution that the quantiles describe, (n,): tails are taken as flat."""
    edges = np.concatenate([[0.0], (np.array(LEVELS)[1:] + np.array(LEVELS)[:-1]) / 2, [1.0]])
    return np.asarray(quantiles @ np.diff(edges))


@cache
def _poisson_logs() -> tuple[Floats, Floats, Floats]:
    """Rates, and mean and variance of log1p of Poisson counts at each."""
    rates = np.concatenate([[0.0], np.geomspace(1e-3, 40.0, 160)])
    counts = np.arange(0, 140)
    factorials = np.cumsum(np.log(np.maximum(counts, 1)))
    with np.errstate(divide="ignore"):
        powers = np.where(counts == 0, 0.0, np.maximum(counts, 1) * np.log(rates)[:, None])
    chances = np.exp(powers - rates[:, None] - factorials)
    logs = np.log1p(counts)
    means = chances @ logs
    return rates, means, chances @ logs**2 - means**2
