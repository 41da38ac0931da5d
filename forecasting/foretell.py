"""What the line keeps of a brand and tells of it: learnt now and then, told anew every hour."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.accuracy import Standing
from forecasting.calendar import HOUR, Calendar, Hours
from forecasting.conformal import Offsets, no_offsets
from forecasting.fit import DAY, Fit, carried, fit
from forecasting.forecast import forecast_of
from forecasting.history import History
from forecasting.parts import fit_parts, naive_error
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
from forecasting.quantiles import MEDIAN
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


def _with_parts(known: Fit, parts: History) -> Fit:
    slots, fine = fit_parts(parts.counts.reshape(-1, PARTS), parts.seen.reshape(-1, PARTS))
    scale = naive_error(parts.last(len(parts)), DAY * PARTS)
    return msgspec.structs.replace(known, slots=slots, fine=fine, fine_scale=scale)


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
