"""How fast something grows over a long run."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

WARM = 0.3  # of the samples: caches and memories fill at first


class Trend(Struct, frozen=True, kw_only=True):
    """A line through samples: the last of them, and the rise an hour with its 95 % interval."""

    last: float
    rise: float
    low: float
    high: float


def trend(samples: Sequence[tuple[float, float]]) -> Trend:
    """By least squares over (seconds, value), past the first part of the samples.

    Samples of one process hang together, so the interval takes each tenth of them as one.
    """
    kept = np.array(samples[int(WARM * len(samples)) :])
    parts = [part.mean(axis=0) for part in np.array_split(kept, min(10, len(kept)))]
    hours, values = np.array(parts).T
    hours = (hours - hours.mean()) / 3_600
    rise = float((hours * values).sum() / (hours**2).sum())
    left = values - values.mean() - rise * hours
    error = float(np.sqrt((left**2).sum() / max(1, len(parts) - 2) / (hours**2).sum()))
    return Trend(
        last=float(values[-1]),
        rise=rise,
        low=rise - 2.31 * error,  # Student's t of 8 degrees of freedom
        high=rise + 2.31 * error,
    )
