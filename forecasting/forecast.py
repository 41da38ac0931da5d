"""Forecasts of one brand's series, for those who have counts and want quantiles.

`forecast` does all of it from counts. The line keeps what `learn` returns and calls `foretell`
every hour, which takes milliseconds.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.accuracy import Standing
from forecasting.calendar import HOUR, Calendar, Hours, hours_of
from forecasting.conformal import Offsets, no_offsets
from forecasting.fit import DAY, Fit, carried, fit
from forecasting.history import History, history, without_gaps
from forecasting.parts import fit_parts, hourly, naive_error
from forecasting.project import Projection, divided, project, project_naive
from forecasting.proportion import (
    ShareFit,
    ShareProjection,
    carried_share,
    divided_share,
    fit_share,
    project_naive_share,
    project_share,
)
from forecasting.quantiles import LEVELS, MEDIAN, mean_of
from forecasting.records import BUCKET, Forecast

Floats = NDArray[np.float64]
Series = Literal["volume", "negative", "negative_share"]

SERIES: Final[tuple[Series, ...]] = ("volume", "negative", "negative_share")
PARTS: Final = HOUR // BUCKET
NAIVE: Final = "seasonal_naive"


class BrandFit(Struct, frozen=True, kw_only=True):
    """What was learnt of a brand; a database keeps it."""

    volume: Fit
    negative: Fit
    share: ShareFit

    @property
    def at(self) -> datetime:
        """The first hour it has not seen."""
        return self.volume.at


class Trust(Struct, frozen=True, kw_only=True):
    """What truths have said of a series' forecasts: corrections by step, and who is told."""

    hour: Offsets = msgspec.field(default_factory=no_offsets)
    bucket: Offsets = msgspec.field(default_factory=no_offsets)
    standing: Standing = Standing()


class Recent(Struct, frozen=True, kw_only=True):
    """Counts by the hour up to now, at least a week of them or all there are."""

    volume: History
    negative: History

    @property
    def end(self) -> datetime:
        """The first hour that is not over."""
        return self.volume.start + len(self.volume) * HOUR


def learn(
    recent: Recent,
    hours: Hours,
    calendar: Calendar,
    parts: tuple[History, History] | None = None,
) -> BrandFit:
    """Learn from weeks of counts: a second at most. `hours` are the features of the same hours.

    `parts`: volume and negative of whole hours by five minutes, the last two weeks are enough.
    """
    volume, negative = fit(recent.volume, hours, calendar), fit(recent.negative, hours, calendar)
    share = fit_share(recent.volume, recent.negative, hours)
    even = (1 / PARTS,) * PARTS
    if parts is None:
        return BrandFit(
            volume=msgspec.structs.replace(volume, slots=even),
            negative=msgspec.structs.replace(negative, slots=even),
            share=share,
        )
    posts, bad = (each.last(len(each)) for each in parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        fine_scale = naive_error(bad / posts, DAY * PARTS)
    return BrandFit(
        volume=_with_parts(volume, parts[0]),
        negative=_with_parts(negative, parts[1]),
        share=msgspec.structs.replace(share, fine_scale=fine_scale),
    )


def _with_parts(known: Fit, parts: History) -> Fit:
    slots, fine = fit_parts(parts.counts.reshape(-1, PARTS), parts.seen.reshape(-1, PARTS))
    scale = naive_error(parts.last(len(parts)), DAY * PARTS)
    return msgspec.structs.replace(known, slots=slots, fine=fine, fine_scale=scale)


def foretell(
    known: BrandFit,
    recent: Recent,
    hours: Hours,
    calendar: Calendar,
    *,
    trusts: dict[Series, Trust],
    ahead: dict[timedelta, int],
) -> dict[tuple[Series, timedelta], Forecast]:
    """Forecast `ahead` buckets of five minutes and of an hour from the end of `recent` on.

    `hours` are the features from the start of `recent` to the end of the longest forecast. Raises
    ValueError for a fit of what is later than `recent` or not within it.
    """
    split = (known.at - recent.volume.start) // HOUR
    n = len(recent.volume)
    if not 0 <= split <= n:
        raise ValueError("the fit ends outside the counts it is to be carried over")
    volume, negative = (_part(each, split) for each in (recent.volume, recent.negative))
    since, future = hours.part(split, n), hours.part(n)
    share = carried_share(known.share, volume, negative, since)
    posts = np.zeros(len(future))
    told: dict[tuple[Series, timedelta], Forecast] = {}
    pieces = ahead.get(BUCKET, 0)
    fits: tuple[tuple[Series, Fit, History, History], ...] = (
        ("volume", known.volume, volume, recent.volume),
        ("negative", known.negative, negative, recent.negative),
    )
    for name, each, new, all_of_it in fits:
        moved = carried(each, new, since)
        both = project(moved, future, calendar), project_naive(moved, all_of_it, len(future))
        if name == "volume":
            posts = both[0].quantiles()[:, MEDIAN]
        fine = tuple(divided(one, each.slots, each.fine, pieces) for one in both) if pieces else ()
        told |= _told(name, each.model, both, fine, trust=trusts[name], at=recent.end, ahead=ahead)
    both_shares = (
        project_share(share, future, posts),
        project_naive_share(share, recent.volume, recent.negative, posts),
    )
    few = np.repeat(posts / PARTS, PARTS)[:pieces]
    fine_shares = tuple(divided_share(one, few, PARTS) for one in both_shares) if pieces else ()
    told |= _told(
        "negative_share",
        share.model,
        both_shares,
        fine_shares,
        trust=trusts["negative_share"],
        at=recent.end,
        ahead=ahead,
    )
    return told


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


def _told(
    name: Series,
    model: str,
    whole: tuple[Projection, Projection] | tuple[ShareProjection, ShareProjection],
    fine: tuple[Projection | ShareProjection, ...],
    *,
    trust: Trust,
    at: datetime,
    ahead: dict[timedelta, int],
) -> dict[tuple[Series, timedelta], Forecast]:
    """The forecasts of one series: its model's, or the naive's where the model lately was worse."""
    replaced = trust.standing.replaced
    told: dict[tuple[Series, timedelta], Forecast] = {}
    for step, pair, offsets in ((HOUR, whole, trust.hour), (BUCKET, fine, trust.bucket)):
        count = ahead.get(step, 0)
        if not count:
            continue
        own, naive = (each.quantiles(np.asarray(offsets))[:count] for each in pair)
        told[name, step] = forecast_of(
            naive if replaced else own,
            naive[:, MEDIAN],
            own=own[:, MEDIAN],
            first=at,
            step=step,
            model=f"{NAIVE} ({model} was worse)" if replaced else model,
        )
    return told


def _part(series: History, begin: int) -> History:
    return History(
        start=series.start + begin * HOUR, counts=series.counts[begin:], seen=series.seen[begin:]
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
