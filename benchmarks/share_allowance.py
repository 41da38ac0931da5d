"""Where the constants of `forecasting.recalibrate` come from: likelihoods over halves A."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.share_data import Scored
from benchmarks.share_methods import Floats
from forecasting.recalibrate import DRIFT_SPREAD, SHIFT_SPREAD, SLOPE_SPREAD, logits

SHIFTS = np.linspace(-6, 6, 121)
SLOPES = np.linspace(0.0, 2.0, 21)
SHIFT_SPREADS = np.arange(0.6, 2.41, 0.1)
SLOPE_SPREADS = np.arange(0.1, 0.76, 0.05)
DRIFT_SPREADS = np.arange(0.1, 1.01, 0.1)


def allowance(topics: Scored, airlines: Scored) -> dict[str, Any]:
    """Spreads of greatest likelihood, beside those in use."""
    shift, slope = _over_streams(topics)
    return {
        "shift": {"likeliest": shift, "used": SHIFT_SPREAD},
        "slope": {"likeliest": slope, "used": SLOPE_SPREAD},
        "drift": {"likeliest": _over_days(airlines), "used": DRIFT_SPREAD},
    }


def _likelihood(p: Floats, y: Any, slopes: Floats) -> Floats:
    """Log likelihood of labels at each shift and slope, (shifts, slopes)."""
    z = SHIFTS[:, None, None] + slopes[None, :, None] * logits(p)
    found: Floats = -np.logaddexp(0.0, np.where(y, -z, z)).sum(axis=-1)
    return found


def _over_streams(stream: Scored) -> tuple[float, float]:
    logs = np.array(
        [
            _likelihood(stream.p_negative[mine], stream.truth[mine], SLOPES)
            for mine in (stream.streams == name for name in sorted(set(stream.streams.tolist())))
        ]
    )
    tops = logs.max(axis=(1, 2), keepdims=True)
    likelihoods = np.exp(logs - tops)
    best = max(
        (
            float(np.log((likelihoods * _prior(shift, slope)).sum(axis=(1, 2))).sum()),
            round(float(shift), 2),
            round(float(slope), 2),
        )
        for shift in SHIFT_SPREADS
        for slope in SLOPE_SPREADS
    )
    return best[1], best[2]


def _prior(shift: float, slope: float) -> Floats:
    weights = _normal(SHIFTS, shift)[:, None] * _normal(SLOPES - 1, slope)[None, :]
    found: Floats = weights / weights.sum()
    return found


def _normal(x: Floats, spread: float) -> Floats:
    found: Floats = np.exp(-0.5 * (x / spread) ** 2)
    return found


def _over_days(stream: Scored) -> float:
    """Spread of a day's shift around its airline's, which may be anything."""
    airlines = [
        [
            _likelihood(stream.p_negative[mine], stream.truth[mine], np.ones(1))[:, 0]
            for day in sorted(set(stream.days[of].tolist()))
            for mine in (of & (stream.days == day),)
        ]
        for of in (stream.streams == name for name in sorted(set(stream.streams.tolist())))
    ]
    best = max((sum(_days(days, spread) for days in airlines), spread) for spread in DRIFT_SPREADS)
    return round(float(best[1]), 2)


def _days(days: Sequence[Floats], spread: float) -> float:
    around = _normal(SHIFTS[:, None] - SHIFTS[None, :], spread)
    around /= around.sum(axis=0, keepdims=True)
    by_centre = np.zeros(len(SHIFTS))
    for logs in days:
        by_centre += np.log(np.exp(logs - logs.max()) @ around + 1e-300)
    top = by_centre.max()
    return float(top + np.log(np.exp(by_centre - top).mean()))
