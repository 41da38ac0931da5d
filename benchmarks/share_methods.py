"""Ways to a negative share from 100 labels, ours and others: shares with 90 % intervals.

`p` are the chances of all posts, `called` whether the model calls each negative; `at` are the
places of the labelled posts and `y` the true labels of all posts, read at `at` only.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from forecasting.recalibrate import logits
from forecasting.share import corrected_share, mean_share
from forecasting.share_draw import BINS_A_LOGIT, plan
from forecasting.share_records import LabelledScore, ScoreBin, Window

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
Z = float(norm.ppf(0.95))
LEAST_SKILL = 0.05  # of a classifier whose errors are divided by it


class Interval(NamedTuple):
    """A share and the ends of its interval."""

    share: float
    lower: float
    upper: float


def places_of(p: Floats) -> Places:
    """Bins of scores, as the database counts them."""
    found: Places = np.floor(BINS_A_LOGIT * logits(p)).astype(int)
    return found


def window_of(p: Floats, y: Mask, at: Places) -> Window:
    """Posts as the estimate reads them, those `at` known."""
    unknown = np.ones(len(p), bool)
    unknown[at] = False
    places = places_of(p)
    sums = np.bincount(places[unknown] + 99, p[unknown], 199)
    posts = np.bincount(places[unknown] + 99, minlength=199)
    return Window(
        bins=tuple(
            ScoreBin(mean=float(total / count), posts=int(count))
            for total, count in zip(sums, posts, strict=True)
            if count
        ),
        known=len(at),
        known_negative=int(y[at].sum()),
    )


def drawn(p: Floats, wanted: int, rng: np.random.Generator) -> tuple[Places, Places]:
    """Draw posts as `groundswell label` does: their places, and the stratum of every post."""
    places = places_of(p)
    values, counts = np.unique(places, return_counts=True)
    planned = plan(dict(zip(values.tolist(), counts.tolist(), strict=True)), wanted=wanted)
    found, strata = [], np.zeros(len(p), int)
    for one in planned.strata:
        within = np.flatnonzero((places >= one.first) & (places <= one.last))
        strata[within] = one.number
        found.append(rng.choice(within, one.wanted, replace=False))
    return np.concatenate(found), strata


def ours(p: Floats, y: Mask, at: Places) -> Interval:
    """Bayesian recalibration (`forecasting.share`), labels of the posts themselves."""
    labels = labelled(p, y, at, inside=True)
    told = corrected_share(window_of(p, y, at), labels)
    return Interval(told.share, told.lower, told.upper)


def labelled(
    p: Floats, y: Mask, at: Sequence[int] | Places, *, inside: bool
) -> list[LabelledScore]:
    """Labels as the estimate takes them."""
    return [
        LabelledScore(p_negative=float(p[one]), negative=bool(y[one]), in_window=inside)
        for one in at
    ]


def unlabelled(p: Floats) -> Interval:
    """The mean probability and what is allowed for the classifier."""
    nobody = np.zeros(0, int)
    told = mean_share(window_of(p, np.zeros(len(p), bool), nobody))
    assert told is not None
    return Interval(told.share, told.lower, told.upper)


def prediction_powered(p: Floats, strata: Places, at: Places, y: Mask) -> Interval:
    """Mean probability plus the labels' mean residual by stratum (Angelopoulos et al. 2023)."""
    total, variance = p.sum(), 0.0
    for stratum in np.unique(strata):
        size = (strata == stratum).sum()
        some = at[strata[at] == stratum]
        residuals = y[some] - p[some]
        if len(some):
            total += size * residuals.mean()
        if len(some) > 1:
            variance += size**2 * (1 - len(some) / size) * residuals.var(ddof=1) / len(some)
    share, half = total / len(p), Z * np.sqrt(variance) / len(p)
    return Interval(*np.clip([share, share - half, share + half], 0, 1))


def wilson(at: Places, y: Mask) -> Interval:
    """The share of a simple random sample, without the model."""
    n, share = len(at), y[at].mean()
    centre = (share + Z * Z / 2 / n) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / 4 / n / n)
    return Interval(share, centre - half, centre + half)


def lang_reiczigel(called: Mask, at: Places, y: Mask) -> Interval:
    """Adjusted counting (Rogan and Gladen) with the interval of Lang and Reiczigel (2014)."""
    positive, negative = y[at].sum(), (~y[at]).sum()
    hit = ((called[at] & y[at]).sum() + 1) / (positive + 2)
    clear = ((~called[at] & ~y[at]).sum() + 1) / (negative + 2)
    skill = hit + clear - 1
    if skill < LEAST_SKILL:
        return Interval(called.mean(), 0.0, 1.0)
    n = len(called) + Z * Z
    share = ((called.sum() + Z * Z / 2) / n + clear - 1) / skill
    of_hits, of_clears = hit * (1 - hit) / (positive + 2), clear * (1 - clear) / (negative + 2)
    counted = (called.sum() + Z * Z / 2) / n
    shift = 2 * Z * Z * (share * of_hits - (1 - share) * of_clears)
    spread = counted * (1 - counted) / n + share**2 * of_hits + (1 - share) ** 2 * of_clears
    half = Z * np.sqrt(spread) / skill
    return Interval(*np.clip([share, share + shift - half, share + shift + half], 0, 1))


def probabilistic_adjusted(p: Floats, at: Places, y: Mask) -> float:
    """PACC: the mean probability, set between what labelled posts of either kind have."""
    if y[at].all() or not y[at].any():
        return float(p.mean())
    high, low = p[at][y[at]].mean(), p[at][~y[at]].mean()
    if high - low < LEAST_SKILL:
        return float(p.mean())
    return float(np.clip((p.mean() - low) / (high - low), 0, 1))
