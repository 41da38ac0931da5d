"""Counts by the hour with what was observed of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

GAP_POSTS: Final = 20.0  # no post where so many are usual is a gap, not silence
MOST: Final = 1e15  # of a count: what lies beyond would not fit a float exactly


class History(Struct, frozen=True, kw_only=True):
    """Counts of consecutive buckets. What was not `seen` is no zero."""

    start: datetime
    counts: Floats  # >= 0
    seen: Bools

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def logs(self) -> Floats:
        """log1p counts."""
        return np.log1p(self.counts)

    def last(self, count: int) -> "Floats":
        """The last `count` counts, NaN where there is none."""
        known = np.where(self.seen, self.counts, np.nan)
        return np.concatenate([np.full(max(count - len(known), 0), np.nan), known])[-count:]


def history(
    counts: Sequence[float] | Floats, start: datetime, seen: Sequence[bool] | Bools | None = None
) -> History:
    """A history of any numbers: below zero and not finite counts as not seen."""
    values = np.asarray(counts, dtype=np.float64)
    good = np.isfinite(values) & (values >= 0)
    if seen is not None:
        good &= np.asarray(seen, dtype=np.bool_)
    return History(start=start, counts=np.where(good, np.minimum(values, MOST), 0.0), seen=good)


def without_gaps(series: History, of_day: Ints) -> History:
    """The history with runs of zeros that are too long for silence taken as not seen.

    Such a run stands where the same hours of other days, `of_day`, have posts: it is a guess, for
    histories that nobody has kept record of.
    """
    counts, seen = series.counts, series.seen.copy()
    usual = np.zeros(24)
    for hour in range(24):
        values = counts[seen & (of_day == hour)]
        if len(values) > 1:
            # Where most days have posts, those that have none may be the gap itself.
            values = values[values > 0] if (values == 0).mean() < 0.5 else values
            usual[hour] = np.quantile(values, 0.25)
    empty = (counts == 0) & seen
    edges = np.flatnonzero(np.diff(np.concatenate([[0], empty, [0]]).astype(np.int64)))
    for begin, end in edges.reshape(-1, 2):
        if usual[of_day[begin:end]].sum() >= GAP_POSTS:
            seen[begin:end] = False
    if seen.sum() * 2 < series.seen.sum():
        return series
    return History(start=series.start, counts=counts, seen=seen)
