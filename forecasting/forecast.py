"""Seasonal forecast of counts with an honest 95 % interval.

    under a day    level         an exponentially weighted mean; the daily cycle is unknown, so the
                                 interval widens with the horizon
    from a day     seasonal      a Poisson GLM on daily harmonics (weekly ones from two weeks on),
                                 recent days weighing more, times a level ratio that fades away

Intervals are negative-binomial quantiles. The spread is estimated twice: around the cycle with
the present level known, and without; a forecast goes from the first to the second as the level
ratio fades. Counts of a brand that is talked about in bursts get the wide interval they need.
"""

import math
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forecasting.records import Forecast

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
HALF_LIFE: Final = timedelta(days=7)  # of a day's weight in the cycle
LEVEL: Final = timedelta(hours=3)  # half-life of what counts as the present level
FADE: Final = timedelta(hours=12)  # in which the level ratio loses half of its logarithm
DAILY: Final = 4  # harmonics: the shortest is six hours
WEEKLY: Final = 3
LEVEL_PRIOR: Final = 10.0  # posts at the cycle's level that the level ratio is mixed with
FLAT_DAYS: Final = 0.25  # of a day without a cycle mixed in: keeps the fit finite and calm
NEW_CYCLE: Final = 0.1  # squared relative error of a cycle known from one day
GAP_POSTS: Final = 20.0  # no post where so many are expected is a gap, not silence
COLD_SPREAD: Final = 0.15  # squared relative spread of five minutes while little is known
# The same of half a day ahead: brands swing five-fold between night and day, and the less of a
# day was seen, the less is known of where in it the level stands.
COLD_SWING: Final = 0.4
COLD_UNSEEN: Final = 1.6
Q_LOW: Final = 0.025
Q_HIGH: Final = 0.975

Floats = NDArray[np.float64]


def forecast(history: Sequence[int], start: datetime, step: timedelta, horizon: int) -> Forecast:
    """Forecast the `horizon` buckets after `history`, whose buckets of `step` begin at `start`.

    Counts are >= 0 and complete; gaps are zeros (a run of zeros that the cycle makes impossible is
    taken for a gap). Always finite, 0 <= lower <= mean <= upper. 14 days of five-minute buckets
    take some 10 ms. Raises ValueError for a step that is not positive or a negative horizon.

    >>> from datetime import UTC
    >>> f = forecast([4, 6, 5, 5], datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), 2)
    >>> f.model, f.starts[0].hour, f.mean[0] < f.upper[0]
    ('level', 4, True)
    """
    if step <= timedelta(0) or horizon < 0:
        raise ValueError("step must be positive and horizon not negative")
    counts = np.maximum(np.asarray(history, dtype=np.float64), 0.0)
    ahead = np.arange(horizon, dtype=np.float64)
    if len(counts) * step < DAY or counts.sum() < 2 * DAILY:
        mean, spread = _level(counts, ahead, step)
        model = "level"
    else:
        mean, spread = _seasonal(counts, start, step, horizon)
        model = "seasonal"
    lower, upper = _interval(mean, spread)
    first = start + len(counts) * step
    return Forecast(
        starts=tuple(first + i * step for i in range(horizon)),
        mean=tuple(mean.tolist()),
        lower=tuple(np.minimum(lower, mean).tolist()),
        upper=tuple(np.maximum(upper, mean).tolist()),
        model=model,
    )


def _level(counts: Floats, ahead: Floats, step: timedelta) -> tuple[Floats, Floats]:
    """Mean and squared relative spread of a series whose cycle is not known yet."""
    weights = 0.5 ** (np.arange(len(counts))[::-1] * (step / LEVEL))
    total = float(weights.sum())
    level = float(weights @ counts) / total if total else 0.0
    excess = float(weights @ ((counts - level) ** 2 - level))
    near = (excess + COLD_SPREAD * level**2) / max((total + 1) * level**2, 1e-9) if level else 0.0
    hours = (ahead + 1) * (step / timedelta(hours=1))
    unseen = max(1 - len(counts) * step / DAY, 0.0)
    unknown = (COLD_SWING + unseen * COLD_UNSEEN) * np.minimum(hours / 12, 1.0)
    counted = 1 / max(total * level, 1.0)  # the level itself is only an estimate
    # Nothing seen yet is no proof of silence: half a post in all that was seen.
    mean = np.full(len(ahead), max(level, 0.5 / max(total, 1.0)))
    return mean, max(near, COLD_SPREAD / (1 + total)) + unknown + counted


def _seasonal(
    counts: Floats, start: datetime, step: timedelta, horizon: int
) -> tuple[Floats, Floats]:
    """Mean and squared relative spread from the cycle and the present level."""
    n = len(counts)
    weekly = n * step >= 2 * WEEK
    weights: Floats = np.exp2(-np.arange(n)[::-1] * (step / HALF_LIFE))
    cycle = _harmonics(start, step, np.arange(n + horizon, dtype=np.float64), weekly=weekly)
    # The cycle is fitted to hours, which is all that its harmonics can tell apart: a fiftieth
    # of the time of fitting five minutes.
    block = max(int(HOUR / step), 1)
    skip = n % block
    middles = np.arange(skip, n, block, dtype=np.float64) + (block - 1) / 2
    hours = _harmonics(start, step, middles, weekly=weekly)

    def fit(values: Floats, weight: Floats) -> Floats:
        def blocks(row: Floats) -> Floats:
            return np.asarray(row[skip:].reshape(-1, block).sum(axis=1))

        rates = blocks(values * weight) / np.maximum(blocks(weight), 1e-12)
        params = _fit(rates, blocks(weight), hours, per_day=DAY / (block * step))
        return np.asarray(np.exp(np.clip(cycle @ params, -60.0, 60.0)))

    fitted = fit(counts, weights)
    seen = _seen(counts, fitted[:n], max(round(DAY / step), 1))
    # Once more without gaps, and with bursts cut: one bad evening is no daily event.
    excess = _spread(counts, fitted[:n], seen)
    most = fitted[:n] + 4 * np.sqrt(fitted[:n] + excess * fitted[:n] ** 2)
    fitted = fit(np.minimum(counts, most), weights * seen)

    ratios = _ratios(counts * seen, fitted[:n] * seen, step)
    fading = 0.5 ** (np.arange(1, horizon + 1) * (step / FADE))
    mean = np.clip(fitted[n:] * ratios[-1] ** fading, 1e-6, 10.0 * counts.max() + 10.0)
    near = _spread(counts, fitted[:n] * ratios[:-1], seen)
    far = max(_spread(counts, fitted[:n], seen), near)
    # A cycle of few days follows their accidents: what is left over is too small.
    far *= len(hours) / max(len(hours) - cycle.shape[1], 1)
    days = n * step / DAY
    return mean, near * fading + far * (1 - fading) + NEW_CYCLE / days


def _harmonics(start: datetime, step: timedelta, at: Floats, *, weekly: bool) -> Floats:
    """Design matrix of buckets `at`: a constant, then sines and cosines of day and week."""
    day = start.timestamp() / DAY.total_seconds() + (at + 0.5) * (step / DAY)
    turns = [k * day for k in range(1, DAILY + 1) if 2 * k * step < DAY]
    turns += [k * day / 7 for k in range(1, WEEKLY + 1)] if weekly else []
    columns = [np.ones(len(at))]
    for turn in turns:
        columns += [np.sin(2 * math.pi * turn), np.cos(2 * math.pi * turn)]
    return np.column_stack(columns)


def _fit(rates: Floats, weights: Floats, cycle: Floats, *, per_day: float) -> Floats:
    """Parameters of a Poisson regression of `rates` on `cycle`."""
    # Imported here: it takes two seconds, which only a process that forecasts should pay.
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import ModelWarning

    total = float(weights.sum())
    level = float(weights @ rates) / total if total > 0 else 0.0
    flat = np.zeros(cycle.shape[1])
    flat[0] = math.log(max(level, 1e-9))
    if level <= 0:
        return flat
    # Part of a day without a cycle is mixed in, as one row for each row of the newest day.
    rows = cycle[-max(round(per_day), 1) :]
    model = GLM(
        np.concatenate([rates / level, np.ones(len(rows))]),
        np.concatenate([cycle, rows]),
        family=Poisson(),
        var_weights=np.concatenate([weights * (len(rates) / total), np.full(len(rows), FLAT_DAYS)]),
    )
    with warnings.catch_warnings():
        # A perfect fit (constant counts) and a poor one (a single burst) are both fine here.
        warnings.simplefilter("ignore", ModelWarning)
        params = np.asarray(model.fit(maxiter=12, tol=1e-4, tol_criterion="deviance").params)
    return params + flat if bool(np.isfinite(params).all()) else flat


def _seen(counts: Floats, fitted: Floats, per_day: int) -> Floats:
    """1 for buckets that were observed, 0 in runs of zeros too long to be silence.

    Such a run stands where both the cycle and the same times of other days have posts: harmonics
    are too smooth to follow a brand that sleeps at night.
    """
    days = np.zeros(-(-len(counts) // per_day) * per_day)
    days[: len(counts)] = counts
    usual = np.resize(days.reshape(-1, per_day).mean(axis=0), len(counts))
    expected = np.minimum(fitted, usual)
    seen = np.ones(len(counts))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], counts == 0, [0]]).astype(int)))
    for begin, end in edges.reshape(-1, 2):
        if expected[begin:end].sum() >= GAP_POSTS:
            seen[begin:end] = 0.0
    return seen if seen.sum() * 2 >= len(seen) else np.ones(len(counts))


def _ratios(counts: Floats, fitted: Floats, step: timedelta) -> Floats:
    """Level against the cycle before each bucket and after the last: n + 1 values around 1."""
    keep = 0.5 ** (step / LEVEL)
    observed = expected = 0.0
    ratios = np.empty(len(counts) + 1)
    for i, (count, mean) in enumerate(zip(counts.tolist(), fitted.tolist(), strict=True)):
        ratios[i] = (observed + LEVEL_PRIOR) / (expected + LEVEL_PRIOR)
        observed = observed * keep + count
        expected = expected * keep + mean
    ratios[-1] = (observed + LEVEL_PRIOR) / (expected + LEVEL_PRIOR)
    return ratios


def _spread(counts: Floats, mean: Floats, seen: Floats) -> float:
    """Over-dispersion a of a variance mean + a mean^2, by moments, >= 0."""
    squares = float(seen @ mean**2)
    excess = float(seen @ ((counts - mean) ** 2 - mean))
    return min(max(excess / squares, 0.0), 100.0) if squares > 0 else 0.0


def _interval(mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """95 % quantiles of negative-binomial counts of that mean and squared relative spread."""
    from scipy.stats import nbinom, poisson

    size = 1 / np.maximum(spread, 1e-9)
    chance = size / (size + mean)
    sd = np.sqrt(mean + spread * mean**2)
    bounds = []
    for q, side in ((Q_LOW, -1.96), (Q_HIGH, 1.96)):
        exact = np.where(spread > 1e-6, nbinom.ppf(q, size, chance), poisson.ppf(q, mean))
        # Beyond what the exact quantile can compute, the normal one is exact enough.
        bounds.append(np.where(np.isfinite(exact) & (exact >= 0), exact, mean + side * sd))
    return np.maximum(bounds[0], 0.0), np.maximum(bounds[1], 0.0)
