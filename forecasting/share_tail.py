"""How many of some posts are negative, when each has its own uncertain chance: quantiles.

The chances are those of many cells (what may be true of the classifier) with weights. Up to
EXACT posts the distribution is computed exactly (a mixture of Poisson binomials, by its
characteristic function: Hong 2013); beyond, each cell is a beta distribution of the same mean and
variance, which like the share has no room outside 0 and 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT = 300
_GROUPS = 40  # cells of nearly the same mean are taken together
_HALVINGS = 50
_LEAST_SPREAD = 1e-12


def quantiles(
    chances: Floats, weights: Floats, posts: Floats, levels: Sequence[float]
) -> tuple[float, ...]:
    """Return quantiles of the negative share of `posts.sum()` posts, at least one.

    `chances` (cells, bins), `weights` (cells,) adding up to 1, `posts` (bins,) whole numbers.

    >>> even = np.full((1, 1), 0.5)
    >>> quantiles(even, np.ones(1), np.array([2.0]), (0.2, 0.5, 0.9))
    (0.0, 0.5, 1.0)
    """
    grouped, shares = _grouped(chances, weights, posts)
    if posts.sum() <= EXACT:
        return _exact(grouped, shares, posts, levels)
    return _by_betas(grouped, shares, posts, levels)


def _grouped(chances: Floats, weights: Floats, posts: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(chances @ posts, kind="stable")
    place = np.cumsum(weights[order]) - weights[order] / 2
    group = np.minimum((place * _GROUPS).astype(int), _GROUPS - 1)
    shares = np.bincount(group, weights[order], _GROUPS)
    sums = np.zeros((_GROUPS, chances.shape[1]))
    np.add.at(sums, group, chances[order] * weights[order, None])
    there = shares > 0
    return sums[there] / shares[there, None], shares[there] / shares.sum()


def _exact(
    chances: Floats, shares: Floats, posts: Floats, levels: Sequence[float]
) -> tuple[float, ...]:
    total = round(posts.sum())
    turns = np.exp(2j * np.pi * np.arange(total + 1) / (total + 1))
    spectrum = np.ones((len(shares), total + 1), complex)
    for column, count in zip(chances.T, posts, strict=True):
        spectrum *= (1 - column[:, None] + column[:, None] * turns) ** count
    mass = np.clip(np.real(np.fft.fft(shares @ spectrum)) / (total + 1), 0, None)
    reached = np.cumsum(mass / mass.sum())
    # A hair's breadth lower: a level that is hit exactly must not be missed by rounding.
    found = np.searchsorted(reached, np.asarray(levels) - 1e-9)
    return tuple(float(min(one, total) / total) for one in found)


def _by_betas(
    chances: Floats, shares: Floats, posts: Floats, levels: Sequence[float]
) -> tuple[float, ...]:
    # Here and not above: scipy takes a second to import, and only large windows need it.
    from scipy.special import betainc

    total = posts.sum()
    mean = np.clip(chances @ posts / total, _LEAST_SPREAD, 1 - _LEAST_SPREAD)
    variance = np.maximum((chances * (1 - chances)) @ posts / total**2, _LEAST_SPREAD**2)
    size = np.maximum(mean * (1 - mean) / variance - 1, _LEAST_SPREAD)
    low, high = np.zeros(len(levels)), np.ones(len(levels))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = betainc(mean * size, (1 - mean) * size, middle[:, None]) @ shares
        below = reached < np.asarray(levels)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return tuple(float(one) for one in (low + high) / 2)
