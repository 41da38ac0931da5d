"""The forecast of a series of counts, all in one call.

For a line that forecasts every hour see `forecasting.foretell`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.calendar import HOUR, Calendar, hours_of
from forecasting.fit import fit
from forecasting.history import History, history, without_gaps
from forecasting.parts import fit_parts, hourly
from forecasting.project import divided, project, project_naive
from forecasting.quantiles import LEVELS, MEDIAN, mean_of
from forecasting.records import Forecast

Floats = NDArray[np.float64]


def forecast(
    counts: Sequence[float] | Floats,
    start: datetime,
    step: timedelta,
    horizon: int,
    *,
    calendar: Calendar | None = None,
    seen: Sequence[bool] | None = None,
) -> Forecast:
    """Forecast the `horizon` buckets after `counts`, whose buckets of `step` begin at `start`.

    `seen` says which buckets were observed; without it runs of zeros that are too long for silence
    are taken for gaps, as are numbers that are no counts. Always finite, 0 <= lower <= mean <=
    upper. Raises ValueError for a step that does not divide an hour or a negative horizon.

    >>> from datetime import UTC
    >>> f = forecast([4, 6, 5, 5], datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), 2)
    >>> f.model, f.starts[0].hour, f.mean[0] < f.upper[0]
    ('cold', 4, True)
    """
    if step <= timedelta(0) or HOUR % step:
        raise ValueError("step must be an hour or divide one")
    if horizon < 0:
        raise ValueError("horizon must not be negative")
    calendar = calendar or Calendar()
    series = history(counts, start, seen)
    parts = HOUR // step
    whole = _whole_hours(series, parts, step)
    ahead = -(-max(horizon, 1) // parts)
    by_hour, known = hourly(whole.counts, whole.seen, parts)
    hours = hours_of(calendar, whole.start, len(by_hour) + ahead)
    past = hours.part(0, len(by_hour))
    hour_series = History(start=whole.start, counts=by_hour, seen=known)
    if seen is None:
        hour_series = without_gaps(hour_series, past.of_day)
    found = fit(hour_series, past, calendar)
    projection = project(found, hours.part(len(by_hour)), calendar)
    naive = project_naive(found, hour_series, ahead)
    if parts > 1:
        kept = whole.seen.reshape(-1, parts) & hour_series.seen[:, None]
        slots, fine = fit_parts(whole.counts.reshape(-1, parts), kept)
        projection = divided(projection, slots, fine, horizon)
        naive = divided(naive, slots, fine, horizon)
    quantiles = projection.quantiles()[:horizon]
    return forecast_of(
        quantiles,
        naive.quantiles()[:horizon, MEDIAN],
        own=quantiles[:, MEDIAN],
        first=start + len(series) * step,
        step=step,
        model=found.model,
    )


def forecast_of(
    quantiles: Floats, naive: Floats, *, own: Floats, first: datetime, step: timedelta, model: str
) -> Forecast:
    """The record of consecutive buckets' quantiles, (n, 9)."""
    count = len(quantiles)
    return Forecast(
        starts=tuple(first + i * step for i in range(count)),
        mean=tuple(mean_of(quantiles).tolist()),
        lower=tuple(quantiles[:, 0].tolist()),
        upper=tuple(quantiles[:, len(LEVELS) - 1].tolist()),
        model=model,
        quantiles=tuple(map(tuple, quantiles.tolist())),
        own=tuple(own.tolist()),
        naive=tuple(naive.tolist()),
    )


def _whole_hours(series: History, parts: int, step: timedelta) -> History:
    """The series from its first whole hour, counted from its end; less than one is filled up."""
    skip = len(series) % parts
    if len(series) >= parts:
        return History(
            start=series.start + skip * step, counts=series.counts[skip:], seen=series.seen[skip:]
        )
    missing = parts - len(series) if len(series) else 0
    return History(
        start=series.start - missing * step,
        counts=np.concatenate([np.zeros(missing), series.counts]),
        seen=np.concatenate([np.zeros(missing, dtype=np.bool_), series.seen]),
    )
