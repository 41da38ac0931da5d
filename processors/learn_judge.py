"""Whether a model learnt from corrections may go live.

A candidate is accepted if both hold:

- On held-out posts of the replay it is not worse beyond noise: the lower 95 % bound of the paired
  difference in macro recall (bootstrap, Efron 1979) is above -1.0 point. A test of non-inferiority:
  too few held-out posts to tell refuse as well, which a limit on the mean alone would let through.
- It answers more corrections rightly beyond noise (one-sided sign test at 5 %), each judged by
  heads that were fitted without it.
"""

from math import comb
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from processors.measures import RESAMPLES, macro_recall
from processors.model_card import LABELS

MARGIN: Final = 0.01
"""Macro recall that a candidate has to be shown not to lose."""
CHANCE: Final = 0.05
Ints = NDArray[np.int64]


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of a candidate, in numbers; shares from 0 to 1."""

    version: str
    parent: str
    accepted: bool
    reason: str  # one line
    corrections: int
    right_before: int  # corrections that the parent answers rightly
    mended: int  # of the others, those that heads answer rightly which did not see them
    spoilt: int  # of the right ones, those that such heads answer wrongly
    held_out: int
    recall_before: float  # macro recall on the held-out posts
    recall_after: float
    low: float  # 95 % interval of the difference
    high: float


def difference(true: Ints, before: Ints, after: Ints, *, seed: int) -> dict[str, float]:
    """Return macro recall before and after, and the 95 % interval of the paired difference.

    `true`, `before`, `after`: labels (posts,) as indices. Posts are drawn again with replacement,
    which is drawing (true, before, after) by their counts.
    """
    size = len(LABELS)
    cells = np.bincount((true * size + before) * size + after, minlength=size**3)
    drawn = np.random.default_rng(seed).multinomial(len(true), cells / len(true), size=RESAMPLES)
    tables = np.concatenate([cells[None], drawn]).reshape(-1, size, size, size)
    was, now = macro_recall(tables.sum(3)), macro_recall(tables.sum(2))
    low, high = np.percentile((now - was)[1:], (2.5, 97.5))
    return {
        "recall_before": float(was[0]),
        "recall_after": float(now[0]),
        "low": float(low),
        "high": float(high),
    }


def judged(found: Verdict) -> Verdict:
    """Return the verdict with `accepted` and `reason`, given its numbers."""
    lost, low = found.recall_before - found.recall_after, -100 * found.low
    if found.low <= -MARGIN:
        reason = (
            f"on {found.held_out} held-out posts it may lose {low:.1f} points of macro recall "
            f"(measured: {100 * lost:.1f}), more than the {100 * MARGIN:.1f} allowed"
        )
    elif by_chance(found.mended, found.spoilt) > CHANCE:
        reason = (
            f"no better beyond chance on corrections it has not seen: of {found.corrections} it "
            f"mends {found.mended} and spoils {found.spoilt}"
        )
    else:
        reason = (
            f"of {found.corrections} corrections it mends {found.mended} and spoils "
            f"{found.spoilt} without having seen them; held-out macro recall "
            f"{100 * found.recall_before:.1f} -> {100 * found.recall_after:.1f}"
        )
        return msgspec.structs.replace(found, accepted=True, reason=reason)
    return msgspec.structs.replace(found, reason=reason)


def by_chance(mended: int, spoilt: int) -> float:
    """Return how likely at least so many are mended if each change is as likely for the worse."""
    changes = mended + spoilt
    return float(sum(comb(changes, n) for n in range(mended, changes + 1)) / 2**changes)
