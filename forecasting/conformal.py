"""Intervals corrected by how often they held: quantile tracking, a series and band on its own.

After a truth above it the quantile of level q moves up by RATE times q, after any other down by
RATE times 1 - q: in the long run it is exceeded as often as it says, whatever the series does
(Gibbs and Candes 2021; Angelopoulos, Candes and Tibshirani 2023).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import BANDS, BURST
from forecasting.quantiles import LEVELS

Floats = NDArray[np.float64]

RATE: Final = 0.03  # standard scores: a quantile that never holds moves by one in a day and a half
# Further ahead than a burst lasts, errors come in runs of one cause, and each says less.
MOST: Final = 2.0  # standard scores a quantile may be moved by

Offsets = tuple[tuple[float, ...], ...]
"""Standard scores added to each of LEVELS, by BANDS."""


def no_offsets() -> Offsets:
    """Before anything was measured."""
    return ((0.0,) * len(LEVELS),) * len(BANDS)


def corrected(offsets: Offsets, band: int, above: Floats) -> Offsets:
    """The offsets after truths of a band were above each quantile in a share `above` of cases.

    >>> moved = corrected(no_offsets(), 0, np.ones(9))
    >>> moved[0][8] > moved[0][0] > 0 == moved[1][8]
    True
    """
    rate = RATE * min(1.0, BURST / BANDS[band]) ** 0.5
    row = np.asarray(offsets[band]) + rate * (above - (1 - np.asarray(LEVELS)))
    kept = tuple(np.clip(row, -MOST, MOST).tolist())
    return (*offsets[:band], kept, *offsets[band + 1 :])
