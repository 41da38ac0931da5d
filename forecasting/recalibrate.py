"""How a stream's labels bend the scores of its posts: Bayesian logistic recalibration.

A post's chance to be negative is `sigmoid(shift + slope * logit(p_negative))`. A classifier that is
calibrated for the stream has shift 0 and slope 1; how far streams are from that is the prior, so
that without labels the spread over the prior is the uncertainty about the classifier, and each
label narrows it. Two numbers are all that a hundred labels can tell. Scaling of logits is Platt
(1999); a prior around what another domain says is the usual one of transfer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecasting.share_records import LabelledScore

Floats = NDArray[np.float64]

SUREST = 0.002
"""Nearer to 0 or 1 no score is taken at its word."""
SHIFT_SPREAD = 1.5
"""Standard deviation of the shift over streams, in logits: maximum likelihood over every second of
373 topics (`python -m benchmarks.share`, "allowance")."""
SLOPE_SPREAD = 0.25
"""The same of the slope. The likelihood is flat from 0.1 to 0.3."""
DRIFT_SPREAD = 0.5
"""Standard deviation of the shift over the days of one stream: the days of three airlines."""

_STEPS = 25  # a side of the grid
_REACH = 5.0  # standard deviations it covers, either way
_DRIFT_NODES = np.array([-2.857, -1.3556, 0.0, 1.3556, 2.857])  # Gauss-Hermite, unit normal
_DRIFT_WEIGHTS = np.array([0.01125741, 0.22207592, 0.53333333, 0.22207592, 0.01125741])
_ROUNDS = 100
_CLOSE = 1e-10


def logits(p: Sequence[float] | Floats) -> Floats:
    """Return log odds of probabilities, the surest ones held back."""
    held = np.clip(np.asarray(p, np.float64), SUREST, 1 - SUREST)
    found: Floats = np.log(held / (1 - held))
    return found


def sigmoid(x: Floats) -> Floats:
    """Return probabilities of log odds."""
    found: Floats = 0.5 * (1 + np.tanh(0.5 * x))
    return found


class Recalibration:
    """What is known of shift and slope: points (k, 2) with weights that add up to 1.

    >>> sure = [LabelledScore(p_negative=0.1, negative=True)] * 30
    >>> float(Recalibration(sure).mean_shift()) > float(Recalibration([]).mean_shift()) + 2
    True
    """

    def __init__(self, labels: Sequence[LabelledScore]) -> None:
        x = logits([one.p_negative for one in labels])
        y = np.array([one.negative for one in labels], np.float64)
        best, spread = _peak(x, y)
        steps = np.linspace(-_REACH, _REACH, _STEPS)
        grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
        self.points: Floats = best + grid @ spread.T
        logs = _log_posterior(self.points, x, y)
        weights = np.exp(logs - logs.max())
        self.weights: Floats = weights / weights.sum()

    def mean_shift(self) -> float:
        """Return the expected shift."""
        return float(self.weights @ self.points[:, 0])

    def chances(self, x: Floats, *, drift: float = 0.0) -> tuple[Floats, Floats]:
        """Return each point's chance that posts of these logits are negative, and its weight.

        `drift`: standard deviation of the shift since the labels. (cells, len(x)) and (cells,).
        """
        nodes, shares = (_DRIFT_NODES * drift, _DRIFT_WEIGHTS) if drift else ([0.0], [1.0])
        shift = (self.points[:, :1] + np.asarray(nodes)).reshape(-1)
        slope = np.repeat(self.points[:, 1], len(nodes))
        weights = np.outer(self.weights, shares).reshape(-1)
        return sigmoid(shift[:, None] + slope[:, None] * x), weights / weights.sum()


def _log_posterior(points: Floats, x: Floats, y: Floats) -> Floats:
    shift, slope = points[:, :1], points[:, 1:]
    z = shift + slope * x
    likelihood = (y * z - np.logaddexp(0.0, z)).sum(axis=1)
    prior = (shift[:, 0] / SHIFT_SPREAD) ** 2 + ((slope[:, 0] - 1) / SLOPE_SPREAD) ** 2
    found: Floats = likelihood - 0.5 * prior
    return found


def _peak(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the most likely point and a root of the covariance there. Newton; it is concave."""
    precision = np.diag([SHIFT_SPREAD**-2, SLOPE_SPREAD**-2])
    design = np.stack([np.ones_like(x), x], axis=1)
    centre = np.array([0.0, 1.0])
    point = centre.copy()
    for _ in range(_ROUNDS):
        q = sigmoid(design @ point)
        slope = design.T @ (y - q) - precision @ (point - centre)
        bend = (design * (q * (1 - q))[:, None]).T @ design + precision
        step = np.linalg.solve(bend, slope)
        # Held to a logit a round: far from the peak the bend is flat and a full step overshoots.
        point = point + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < _CLOSE:
            break
    root: Floats = np.linalg.cholesky(np.linalg.inv(bend))
    return point, root
