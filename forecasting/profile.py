"""The usual hour: what a series does at each hour of a working and of a free day, by medians.

Everything is on the scale of log1p counts, where a burst is a bump and not a cliff. Holidays count
as free days, so a brand is ready for a holiday it has never met.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.calendar import Hours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TREND_HOURS: Final = 169  # a week: of its medians neither a day nor a weekend is a part
DAY_PRIOR: Final = 0.25  # days of no cycle that the daily cycle is shrunk with
FREE_PRIOR: Final = 4.0  # days without a difference, for that of free days and of weekdays
FAST: Final = 3.0  # half-life in hours of what counts as the present level
SLOW: Final = 48.0  # and of the level that it goes back to
FADE: Final = 4.0  # hours in which half of the way back is gone
BURST: Final = 1.0  # most, in log counts, that one hour counts for the slow level


class Profile(Struct, frozen=True, kw_only=True):
    """Deviations from the level, in log counts."""

    hours: tuple[float, ...]  # 48: of a working day, then of a free day
    weekdays: tuple[float, ...]  # 7
    fast: float  # level after the last hour that was seen
    slow: float

    def usual(self, hours: Hours) -> Floats:
        """What is added to the level, at each hour."""
        shapes, weekdays = np.asarray(self.hours), np.asarray(self.weekdays)
        usual: Floats = shapes[24 * hours.free + hours.of_day] + weekdays[hours.weekday]
        return usual

    def ahead(self, usual: Floats) -> Floats:
        """The median of log1p counts of the next hours, of which `usual` is known."""
        lead = np.arange(1, len(usual) + 1)
        ahead: Floats = usual + self.slow + (self.fast - self.slow) * 0.5 ** (lead / FADE)
        return ahead


def fit_profile(logs: Floats, hours: Hours, seen: Bools) -> tuple[Profile, Floats]:
    """The profile of `logs`, log1p counts, and its levels after each hour, (hours, 2).

    What was not `seen` is left out. Of less than a day only the level is learnt.
    """
    if len(logs) < 24:
        return _levelled((0.0,) * 48, (0.0,) * 7, logs=logs, hours=hours, seen=seen)
    trend = _trend(logs, seen)
    rest = logs - trend
    days = seen.sum() / 24
    by_hour = _smooth(_medians(rest[seen], hours.of_day[seen], 24)[0]) * days / (days + DAY_PRIOR)
    rest = rest - by_hour[hours.of_day]
    both = 24 * hours.free + hours.of_day
    medians, counts = _medians(rest[seen], both[seen], 48)
    shrunk = (medians * counts / (counts + FREE_PRIOR)).reshape(2, 24)
    shape = np.stack([_smooth(row) for row in shrunk])
    rest = rest - shape.reshape(-1)[both]
    medians, counts = _medians(rest[seen], hours.weekday[seen], 7)
    weekdays = medians * counts / (counts + 24 * FREE_PRIOR)
    shapes = tuple((by_hour + shape).reshape(-1).tolist())
    return _levelled(shapes, tuple(weekdays.tolist()), logs=logs, hours=hours, seen=seen)


def _levelled(
    shapes: tuple[float, ...],
    weekdays: tuple[float, ...],
    *,
    logs: Floats,
    hours: Hours,
    seen: Bools,
) -> tuple[Profile, Floats]:
    flat = Profile(hours=shapes, weekdays=weekdays, fast=0.0, slow=0.0)
    level = logs - flat.usual(hours)
    start = float(np.median(level[seen][:168])) if seen.any() else 0.0
    flat = Profile(hours=shapes, weekdays=weekdays, fast=start, slow=start)
    return moved(flat, level, seen), levels(flat, level, seen)


def moved(profile: Profile, level: Floats, seen: Bools) -> Profile:
    """The profile after more hours, whose `level` is log1p counts less the usual."""
    path = levels(profile, level, seen)
    fast, slow = path[-1].tolist() if len(path) else (profile.fast, profile.slow)
    return Profile(hours=profile.hours, weekdays=profile.weekdays, fast=fast, slow=slow)


def levels(profile: Profile, level: Floats, seen: Bools) -> Floats:
    """Fast and slow level after each hour, (hours, 2)."""
    fast, slow = profile.fast, profile.slow
    keep_fast, keep_slow = 0.5 ** (1 / FAST), 0.5 ** (1 / SLOW)
    path = np.empty((len(level), 2))
    for i, (value, known) in enumerate(zip(level.tolist(), seen.tolist(), strict=True)):
        if known:
            fast += (1 - keep_fast) * (value - fast)
            slow += (1 - keep_slow) * min(max(value - slow, -BURST), BURST)
        else:  # time goes by, unseen
            fast += (1 - keep_fast) * (slow - fast)
        path[i] = fast, slow
    return path


def _trend(logs: Floats, seen: Bools) -> Floats:
    """Running median of a week; one number where the history is shorter."""
    if not seen.any():
        return np.zeros(len(logs))
    values = np.where(seen, logs, np.nan)
    if len(logs) <= TREND_HOURS:
        return np.full(len(logs), float(np.nanmedian(values)))
    # Every sixth hour is enough of something this slow.
    at = np.arange(0, len(logs), 6)
    half = TREND_HOURS // 2
    windows = [values[max(i - half, 0) : i + half + 1] for i in at]
    medians = np.array(
        [np.median(w[~np.isnan(w)]) if (~np.isnan(w)).any() else np.nan for w in windows]
    )
    known = ~np.isnan(medians)
    trend: Floats = np.interp(np.arange(len(logs)), at[known], medians[known])
    return trend


def _medians(values: Floats, groups: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    """Median and number of the values of each group; 0 for an empty one."""
    counts = np.bincount(groups, minlength=size)
    medians = np.zeros(size)
    order = np.argsort(groups, kind="stable")
    for group, part in enumerate(np.split(values[order], np.cumsum(counts)[:-1])):
        if len(part):
            medians[group] = float(np.median(part))
    return medians, counts.astype(np.float64)


def _smooth(cycle: Floats) -> Floats:
    """Each hour with a quarter of its neighbours on either side."""
    return 0.25 * np.roll(cycle, 1) + 0.5 * cycle + 0.25 * np.roll(cycle, -1)


def holiday_shift(profile: Profile, hours: Hours) -> Floats:
    """What a free working day is expected to differ by: for models that know weekdays only."""
    shapes = np.asarray(profile.hours).reshape(2, 24)
    shift = shapes[1] - shapes[0]
    return np.where((hours.free == 1) & (hours.weekday < 5), shift[hours.of_day], 0.0)
