"""How good forecasts were, once the truth is known, and whether a model is to be trusted."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.quantiles import LEVELS

Floats = NDArray[np.float64]

HALF_LIFE: Final = 72.0  # hours after which an error counts half for the standing
EVIDENCE: Final = 48.0  # hours of errors before a model is replaced
WORSE: Final = 1.1  # times the naive's error at which a model is replaced
BETTER: Final = 1.0  # and at which it comes back


class Score(Struct, frozen=True, kw_only=True):
    """Forecasts of one band against the truth of one hour; errors are sums over `count`."""

    count: int
    error: float  # absolute, of the median that was told
    own_error: float  # of the model's median, whether it was told or replaced
    naive_error: float  # of the seasonal naive
    scale: float  # of MASE, a truth: error / (count * scale); 0: unknown
    pinball: float  # mean over LEVELS
    inside80: int
    inside95: int
    above: tuple[float, ...]  # how many truths lay above each of LEVELS; a tie says nothing


def score(
    truth: Floats, quantiles: Floats, *, own: Floats, naive: Floats, scale: float
) -> Score | None:
    """Score (n, 9) `quantiles` against the truth, (n,); NaN in it is skipped. None: no truth."""
    known = np.isfinite(truth)
    if not known.any():
        return None
    truth, quantiles, own, naive = truth[known], quantiles[known], own[known], naive[known]
    levels = np.asarray(LEVELS)
    off = truth[:, None] - quantiles
    # A count that equals the quantile neither held nor missed: it moves no interval.
    above = np.where(off == 0, 1 - levels, off > 0)
    return Score(
        count=len(truth),
        error=float(np.abs(off[:, len(LEVELS) // 2]).sum()),
        own_error=float(np.abs(truth - own).sum()),
        naive_error=float(np.abs(truth - naive).sum()),
        scale=scale,
        pinball=float(np.maximum(levels * off, (levels - 1) * off).mean(axis=1).sum()),
        inside80=int(((off[:, 2] >= 0) & (off[:, 6] <= 0)).sum()),
        inside95=int(((off[:, 0] >= 0) & (off[:, 8] <= 0)).sum()),
        above=tuple(above.sum(axis=0).tolist()),
    )


class Standing(Struct, frozen=True, kw_only=True):
    """A model's errors lately beside the naive's, fading; and who is told."""

    own: float = 0.0
    naive: float = 0.0
    hours: float = 0.0
    replaced: bool = False


def judged(standing: Standing, own: float, naive: float) -> Standing:
    """The standing after an hour's errors.

    >>> bad = Standing()
    >>> for _ in range(60):
    ...     bad = judged(bad, own=2.0, naive=1.0)
    >>> good = bad
    >>> for _ in range(200):
    ...     good = judged(good, own=0.5, naive=1.0)
    >>> bad.replaced, good.replaced
    (True, False)
    """
    keep = 0.5 ** (1 / HALF_LIFE)
    own, naive = standing.own * keep + own, standing.naive * keep + naive
    hours = standing.hours + 1
    limit = BETTER if standing.replaced else WORSE
    enough = standing.replaced or hours >= EVIDENCE
    return Standing(own=own, naive=naive, hours=hours, replaced=enough and own > limit * naive)
