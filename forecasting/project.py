"""From a fit to the distribution of every hour, and of every part of an hour, to come."""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting import structural
from forecasting.calendar import Calendar, Hours
from forecasting.errors import shifted
from forecasting.fit import DAY, Fit, joined
from forecasting.history import History
from forecasting.profile import holiday_shift
from forecasting.quantiles import MEDIAN, NORMAL, count_quantiles, counting_variance, rate_of

Floats = NDArray[np.float64]

COLD_SWING: Final = 1.1  # variance half a day ahead of who has not seen the day: a factor of three
NEW_CYCLE: Final = 0.1  # variance of a cycle known from one day
UNKNOWN_EVENT: Final = 0.5  # variance that an event adds which nobody knows the effect of
WEEK: Final = 7 * DAY


class Projection(Struct, frozen=True, kw_only=True):
    """Distributions of consecutive buckets in log counts, an element each."""

    centre: Floats  # log1p counts
    spread: Floats  # variance of the log rate
    shape: Floats  # (n, 9) standard scores of LEVELS
    leads: Floats  # hours ahead of the end of each bucket

    def quantiles(self, offsets: Floats | None = None) -> Floats:
        """(n, 9), of counts; `offsets` (bands, 9) is what intervals are corrected by."""
        return count_quantiles(self.centre, self.spread, shifted(self.shape, self.leads, offsets))


def project(known: Fit, hours: Hours, calendar: Calendar) -> Projection:
    """The hours from `known.at` on, whose features are `hours`."""
    lead = np.arange(1.0, len(hours) + 1)
    usual = known.profile.usual(hours)
    centre = known.profile.ahead(usual)
    if known.structure is not None:
        waves = hours.waves(structural.DAILY, structural.WEEKLY)
        other = structural.ahead(known.structure, np.asarray(known.structure.mean), waves)
        centre = joined(centre, other + holiday_shift(known.profile, hours))
    spread, shape = known.own.at(lead)
    if known.hours < DAY:
        unseen = 1 - 0.75 * known.hours / DAY
        spread = spread + COLD_SWING * unseen * np.minimum(lead / 12, 1.0)
    elif known.hours < WEEK:
        spread = spread + NEW_CYCLE * DAY / known.hours
    effect, unsure = _events(known, hours, calendar)
    return Projection(centre=centre + effect, spread=spread + unsure, shape=shape, leads=lead)


def project_naive(known: Fit, recent: History, count: int) -> Projection:
    """The seasonal naive with the spread of its own errors; `recent` ends at `known.at`.

    The same hour of the last day that is over; where it was not seen, of the day before.
    """
    centre = np.log1p(np.resize(last_day(recent.last(WEEK), 0.0), count))
    lead = np.arange(1.0, count + 1)
    spread, shape = known.naive.at(lead)
    return Projection(centre=centre, spread=spread, shape=shape, leads=lead)


def last_day(values: Floats, otherwise: float) -> Floats:
    """The last value of each of 24 hours, of a week that may have NaN in it."""
    last = values.reshape(-1, DAY)
    day = np.full(DAY, np.nan)
    for row in last[::-1]:
        day = np.where(np.isnan(day), row, day)
    fallback = float(np.nanmedian(last)) if not np.isnan(last).all() else otherwise
    filled: Floats = np.where(np.isnan(day), fallback, day)
    return filled


def divided(hourly: Projection, slots: tuple[float, ...], fine: float, count: int) -> Projection:
    """The first `count` parts of hours: `slots` are their shares, `fine` their own variance."""
    parts = len(slots)
    at = (np.arange(count) + 0.5) / parts - 0.5
    hours = np.arange(len(hourly.centre))
    # Between the middles of two hours the level goes from one to the other: no steps on the hour.
    logs = np.log(np.maximum(rate_of(np.maximum(hourly.centre, 0.0)), 1e-9))
    whole = np.minimum(np.arange(count) // parts, len(hours) - 1)
    between = np.interp(at, hours, logs)
    back = np.log(np.add.reduceat(np.exp(between), np.arange(0, count, parts)) / parts)
    kept = between - back[np.arange(count) // parts] + logs[whole]
    if count % parts:
        kept[-(count % parts) :] = between[-(count % parts) :]
    rate = np.exp(np.minimum(kept, 40.0)) * np.resize(np.asarray(slots), count)
    spread = np.interp(at, hours, hourly.spread)
    return Projection(
        centre=_centre_of(rate),
        spread=spread + fine,
        shape=_widened(hourly.shape[whole], spread, fine + counting_variance(rate)),
        leads=hourly.leads[whole],
    )


def _widened(shape: Floats, spread: Floats, other: Floats) -> Floats:
    """The shape of errors of that shape and `spread` with normal ones of variance `other` added.

    Squares of distances from the median add up, as they do exactly where both are normal.
    """
    total = np.sqrt(spread + other)[:, None]
    middle = shape[:, MEDIAN : MEDIAN + 1]
    normal = np.asarray(NORMAL)
    far = np.sqrt(spread[:, None] * (shape - middle) ** 2 + other[:, None] * normal**2)
    widened: Floats = (np.sqrt(spread)[:, None] * middle + np.sign(normal) * far) / total
    return widened


def _centre_of(rate: Floats) -> Floats:
    """log1p counts that `rate_of` makes the rate of."""
    grid = np.concatenate([np.linspace(0.0, 4.0, 400), np.linspace(4.01, 40.0, 400)])
    centre: Floats = np.interp(rate, rate_of(grid), grid)
    return centre


def _events(known: Fit, hours: Hours, calendar: Calendar) -> tuple[Floats, Floats]:
    """Log effect and added variance of planned events, by hour."""
    effect, unsure = np.zeros(len(hours)), np.zeros(len(hours))
    for index in np.unique(hours.event[hours.event >= 0]):
        event = calendar.events[index]
        during = hours.event == index
        if event.effect is not None:
            effect[during] = math.log(event.effect)
        else:
            effect[during] = known.events.get(event.name, 0.0)
            unsure[during] = UNKNOWN_EVENT / (1 + 3 * (event.name in known.events))
    return effect, unsure
