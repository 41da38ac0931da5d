"""How wrong forecasts were on the history: how far by lead, in what shape by band of leads."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.quantiles import LEVELS, NORMAL

Floats = NDArray[np.float64]

LEADS: Final = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336)  # hours at which errors are measured
BANDS: Final = (1, 6, 24, 72, 168, 336)  # hours up to which a forecast is of one band
BURST: Final = 6.0  # hours whose errors are one error at most: they come in bursts
PRIOR_ERRORS: Final = 2.0  # independent errors that a prior variance is worth
SHAPE_ERRORS: Final = 4.0  # and the normal shape: tails need many errors to be known


class Errors(Struct, frozen=True, kw_only=True):
    """Variance of the log rate, or of a share's logit, by lead; shape by band."""

    spread: tuple[float, ...]  # at LEADS
    shape: tuple[tuple[float, ...], ...]  # by BANDS: standard scores of LEVELS

    def at(self, leads: Floats) -> tuple[Floats, Floats]:
        """Variance and shape, (n,) and (n, 9), at each lead in hours."""
        spread = np.interp(np.log(leads), np.log(LEADS), self.spread)
        return spread, np.asarray(self.shape)[bands_of(leads)]


def bands_of(leads: Floats) -> NDArray[np.int64]:
    """The index of the band that each lead, in hours, belongs to."""
    return np.minimum(np.searchsorted(BANDS, leads), len(BANDS) - 1)


def shifted(shape: Floats, leads: Floats, offsets: Floats | None) -> Floats:
    """The shape, ordered, with the offsets (bands, 9) of each bucket's band added."""
    if offsets is None:
        return shape
    return np.maximum.accumulate(shape + offsets[bands_of(leads)], axis=1)


def independent(errors: int, lead: int) -> float:
    """How many independent errors so many of successive hours are worth."""
    return errors / max(lead, BURST)


def blended(measured: float, prior: float, count: float, before: Sequence[float]) -> float:
    """A variance from `count` errors and what is known without; never less than of nearer leads."""
    known = (count * measured + PRIOR_ERRORS * prior) / (count + PRIOR_ERRORS)
    return max(known, *before[-1:], 1e-4)


def shapes(scores: Mapping[int, Floats]) -> tuple[tuple[float, ...], ...]:
    """The shape of each band from the standard scores of its errors, by lead."""
    found = []
    for band, before in zip(BANDS, (0, *BANDS), strict=False):
        inside = [scores[lead] for lead in LEADS if before < lead <= band]
        errors = np.concatenate(inside)
        count = independent(len(errors), band) / len(inside)
        weight = count / (count + SHAPE_ERRORS)
        measured = np.quantile(errors, LEVELS) if len(errors) else np.asarray(NORMAL)
        found.append(tuple((weight * measured + (1 - weight) * np.asarray(NORMAL)).tolist()))
    return tuple(found)
