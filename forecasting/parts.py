"""How an hour's posts are spread over its parts: the usual shares, and what is left to chance."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EVEN_POSTS: Final = 500.0  # spread evenly that the shares are shrunk with
MOST_VARIANCE: Final = 3.0  # squared relative spread of a part
BURSTS: Final = 0.1  # of hours, those with the most: what stands out is no rule


def fit_parts(counts: Floats, seen: Bools) -> tuple[tuple[float, ...], float]:
    """Shares of the parts and their own variance of the log rate.

    `counts`: (hours, parts); `seen` likewise. Without a post: even, and no variance of their own.
    """
    parts = counts.shape[1]
    whole = counts[seen.all(axis=1)]
    totals = whole.sum(axis=1)
    shares = (whole.sum(axis=0) + EVEN_POSTS / parts) / (totals.sum() + EVEN_POSTS)
    expected = totals[:, None] * shares
    if not totals.sum():
        return tuple(shares.tolist()), 0.0
    excess = ((whole - expected) ** 2 - expected * (1 - shares)).sum(axis=1)
    squares = (expected**2).sum(axis=1)
    busy = squares > 0
    ratios = excess[busy] / squares[busy]
    usual = ratios <= np.quantile(ratios, 1 - BURSTS)
    relative = float(excess[busy][usual].sum() / squares[busy][usual].sum())
    relative *= parts / max(parts - 1, 1)
    return tuple(shares.tolist()), math.log1p(min(max(relative, 0.0), MOST_VARIANCE))


def naive_error(values: Floats, season: int) -> float:
    """Mean absolute error of repeating what was `season` before; NaN is skipped; 0: unknown."""
    off = np.abs(values[season:] - values[:-season])
    known = np.isfinite(off)
    return float(off[known].mean()) if known.any() else 0.0


def hourly(counts: Floats, seen: Bools, parts: int) -> tuple[Floats, Bools]:
    """Counts by the hour from counts by its `parts`; a length that `parts` divides.

    An hour that was seen for half or longer is scaled up, one that was not is not seen.
    """
    each, known = counts.reshape(-1, parts), seen.reshape(-1, parts)
    watched = known.sum(axis=1)
    enough = 2 * watched >= parts
    sums = np.where(known, each, 0.0).sum(axis=1)
    return np.where(enough, sums * parts / np.maximum(watched, 1), 0.0), enough
