"""What is learnt of a series now and then, and carried forward until the next time.

    under a day      cold         the present level, with a wide interval
    from a day       profile      the usual hour of working and free days, and the present level
    from two weeks   structural   the mean of that and of a structural model

Two models that err differently are better together than either alone (Bates and Granger 1969).
A fit is a plain record: a database keeps it, and whoever reads it forecasts without fitting anew.
"""

from datetime import datetime
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting import structural
from forecasting.calendar import HOUR, Calendar, Hours
from forecasting.errors import LEADS, Errors, blended, independent, shapes
from forecasting.history import History
from forecasting.profile import FADE, Profile, fit_profile, holiday_shift, moved
from forecasting.quantiles import counting_variance, rate_of
from forecasting.structural import Structure, extended, fit_structure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY: Final = 24
WEEK: Final = 168
STRUCTURAL: Final = 2 * WEEK  # hours from which there is a structural model
# Variance of a log rate at LEADS before anything was measured: what a day's swing does to one who
# does not know the hour, growing to a factor of two either way.
PRIOR: Final = (0.10, 0.12, 0.14, 0.18, 0.24, 0.26, 0.28, 0.31, 0.34, 0.4)
TESTED: Final = 4 * WEEK  # hours of history whose errors are measured
# Of a profile: 24 hours smoothed over three are worth 9, free days and weekdays, shrunk, some 7.
PARAMETERS: Final = 16
OUTLIER: Final = 4.0  # robust sd at which an error is cut for the variance
FAR: Final = 3.0  # log counts that the two models may be apart
EVENT_PRIOR: Final = 6.0  # hours without an effect, for that of an event


class Fit(Struct, frozen=True, kw_only=True):
    """All that is known of a series before `at`."""

    at: datetime  # the first hour that was not seen
    model: str  # cold, profile or structural
    profile: Profile
    structure: Structure | None
    own: Errors
    naive: Errors  # of the seasonal naive
    scale: float  # mean absolute error of the seasonal naive on the history, in posts; 0: unknown
    events: dict[str, float]  # effect of events by name, in log counts
    hours: int  # of history
    slots: tuple[float, ...] = ()  # shares of an hour's parts
    fine: float = 0.0  # variance of the log rate from part to part
    fine_scale: float = 0.0  # as `scale`, of parts


def fit(series: History, hours: Hours, calendar: Calendar) -> Fit:
    """Fit to counts by the hour; `hours` are the features of the same hours.

    A second at most, less than 10 ms where no structural model is fitted.
    """
    logs = series.logs
    seen = series.seen & (hours.event < 0)
    profile, path = fit_profile(logs, hours, seen)
    usual = profile.usual(hours)
    shift = holiday_shift(profile, hours)
    waves = hours.waves(structural.DAILY, structural.WEEKLY)
    found = fit_structure(logs - shift, waves, seen) if len(series) >= STRUCTURAL else None
    # Where the models had seen enough to be judged by what they said then.
    begin = WEEK if found is not None else min(DAY, len(series) // 2)
    own: dict[int, tuple[Floats, Floats]] = {}
    naive: dict[int, tuple[Floats, Floats]] = {}
    for lead in LEADS:
        origins = np.arange(max(len(series) - TESTED, begin), len(series) - lead)
        at = origins + lead
        centre = usual[at] + path[origins, 1]
        centre += (path[origins, 0] - path[origins, 1]) * 0.5 ** (lead / FADE)
        if found is not None:
            structure, means = found[0], found[1].means[origins + 1]
            other = means[:, 0] + means[:, 1] * structure.phi ** (lead - 1)
            other += (waves[at] * means[:, 2:]).sum(axis=1) + shift[at]
            centre = joined(centre, other)
        own[lead] = logs[at][seen[at]], centre[seen[at]]
        back = at - DAY * -(-lead // DAY)
        both = seen[at] & (back >= 0) & seen[np.maximum(back, 0)]
        naive[lead] = logs[at][both], logs[np.maximum(back, 0)][both]
    return Fit(
        at=series.start + len(series) * HOUR,
        model="cold" if len(series) < DAY else "profile" if found is None else "structural",
        profile=profile,
        structure=found[0] if found else None,
        own=_errors(own, optimism=_optimism(len(series)) if found is None else 1.0),
        naive=_errors(naive),
        scale=_scale(series),
        events=_event_effects(logs - usual - path[:, 1], hours, calendar, series.seen),
        hours=len(series),
    )


def carried(known: Fit, series: History, hours: Hours) -> Fit:
    """The fit after more hours, which begin at `known.at`: nothing is fitted anew."""
    logs = series.logs
    seen = series.seen & (hours.event < 0)
    profile = moved(known.profile, logs - known.profile.usual(hours), seen)
    structure = known.structure
    if structure is not None:
        waves = hours.waves(structural.DAILY, structural.WEEKLY)
        structure = extended(structure, logs - holiday_shift(known.profile, hours), waves, seen)
    return msgspec.structs.replace(
        known,
        at=known.at + len(series) * HOUR,
        profile=profile,
        structure=structure,
        hours=known.hours + len(series),
    )


def joined(usual: Floats, structural: Floats) -> Floats:
    """One forecast of two. A structural model that has run away takes the other only so far."""
    return (usual + np.clip(structural, usual - FAR, usual + FAR)) / 2


def _errors(pairs: dict[int, tuple[Floats, Floats]], *, optimism: float = 1.0) -> Errors:
    """Errors of forecasts: lead -> log1p counts and what was expected of them.

    `optimism`: by how much their variance will be larger than on the history.
    """
    spread: list[float] = []
    scores: dict[int, Floats] = {}
    for lead, prior in zip(LEADS, PRIOR, strict=True):
        logs, centre = pairs[lead]
        error = logs - centre
        counting = counting_variance(rate_of(np.maximum(centre, 0.0)))
        measured = _variance(error - (np.median(error) if len(error) else 0.0), counting)
        count = independent(len(error), lead)
        spread.append(blended(measured * optimism, prior, count, spread))
        scores[lead] = error / np.sqrt(spread[-1] + counting)
    return Errors(spread=tuple(spread), shape=shapes(scores))


def _optimism(hours: int) -> float:
    """How much larger errors are than those on the history that a profile was made of.

    In the sample variance shrinks by the parameters' share, out of it grows by as much, and by half
    more because a median is less exact than a mean.
    """
    share = min(PARAMETERS / max(hours, 1), 0.4)
    return (1 + 1.5 * share) / (1 - share) if hours >= DAY else 1.0


def _variance(error: Floats, counting: Floats) -> float:
    """Variance beyond that of counting, by moments with far errors cut."""
    if len(error) == 0:
        return 0.0
    total = np.sqrt(counting + 1e-4)
    limit = OUTLIER * max(1.0, 1.4826 * float(np.median(np.abs(error / total)))) * total
    return max(float((np.clip(error, -limit, limit) ** 2 - counting).mean()), 0.0)


def _scale(series: History) -> float:
    """Mean absolute error of the seasonal naive on the history: MASE counts in these."""
    known = series.seen[DAY:] & series.seen[:-DAY]
    if not known.any():
        return 0.0
    return float(np.abs(series.counts[DAY:] - series.counts[:-DAY])[known].mean())


def _event_effects(rest: Floats, hours: Hours, calendar: Calendar, seen: Bools) -> dict[str, float]:
    """Effect of events by name, in log counts: as configured, else learnt from earlier ones."""
    effects: dict[str, float] = {}
    for name in {event.name for event in calendar.events}:
        indices = [i for i, event in enumerate(calendar.events) if event.name == name]
        during = np.isin(hours.event, indices) & seen
        if during.any():
            effects[name] = float(rest[during].sum()) / (int(during.sum()) + EVENT_PRIOR)
    return effects
