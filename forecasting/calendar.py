"""What is known of an hour before it comes: local time of day, weekend, holiday, planned event."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from forecasting.records import Moment

HOUR: Final = timedelta(hours=1)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PlannedEvent(Struct, frozen=True, kw_only=True):
    """Something planned that people will talk about. Events of one name are of one kind."""

    name: str
    since: Moment
    until: Moment
    effect: float | None = None  # times as many posts; None: learnt from earlier ones of its name


class Calendar(Struct, frozen=True, kw_only=True):
    """Where a brand's people live: their time zone, their holidays, what is planned."""

    timezone: str = "UTC"
    holidays: str = ""  # ISO 3166: a country or country-subdivision, such as US or DE-BY
    events: tuple[PlannedEvent, ...] = ()


class Hours(Struct, frozen=True, kw_only=True):
    """Features of consecutive hours, an array element each."""

    start: datetime
    of_day: Ints  # 0..23 local
    weekday: Ints  # 0 Monday .. 6 Sunday
    free: Ints  # 1 on weekends and holidays
    event: Ints  # index into `Calendar.events`, -1 without one

    def __len__(self) -> int:
        return len(self.of_day)

    def part(self, begin: int, end: int | None = None) -> "Hours":
        """The hours from `begin` on."""
        cut = slice(begin, end)
        return Hours(
            start=self.start + begin * HOUR,
            of_day=self.of_day[cut],
            weekday=self.weekday[cut],
            free=self.free[cut],
            event=self.event[cut],
        )

    def waves(self, daily: int, weekly: int) -> Floats:
        """Sines and cosines of the local day and week, (hours, 2 * (daily + weekly)).

        Local clocks, not elapsed time: the morning stays the morning when clocks change.
        """
        day = (self.of_day + 0.5) / 24
        week = (self.weekday + day) / 7
        turns = [k * day for k in range(1, daily + 1)] + [k * week for k in range(1, weekly + 1)]
        columns = [wave(2 * math.pi * turn) for turn in turns for wave in (np.sin, np.cos)]
        return np.column_stack(columns) if columns else np.empty((len(self), 0))


def hours_of(calendar: Calendar, start: datetime, count: int) -> Hours:
    """The features of `count` hours from `start`, some 1.5 ms a thousand.

    Raises ZoneInfoNotFoundError, and ValueError for an unknown code of holidays.
    """
    zone = ZoneInfo(calendar.timezone)
    local = [(start + i * HOUR).astimezone(zone) for i in range(count)]
    weekday = np.array([moment.weekday() for moment in local], dtype=np.int64)
    free = (weekday >= 5).astype(np.int64)
    if calendar.holidays and local:
        days = holidays_of(calendar.holidays, {moment.year for moment in local})
        free |= np.array([moment.date() in days for moment in local], dtype=np.int64)
    return Hours(
        start=start,
        of_day=np.array([moment.hour for moment in local], dtype=np.int64),
        weekday=weekday,
        free=free,
        event=_events(calendar, start, count),
    )


def holidays_of(code: str, years: set[int]) -> frozenset[date]:
    """Public holidays of a country (`US`) or a part of it (`DE-BY`). Raises ValueError."""
    # Imported here: a tenth of a second that only a brand with holidays should pay.
    from holidays import country_holidays

    country, _, part = code.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known of {code!r}: {error}") from error


def _events(calendar: Calendar, start: datetime, count: int) -> Ints:
    found = np.full(count, -1, dtype=np.int64)
    for index, event in enumerate(calendar.events):
        first = math.floor((event.since - start) / HOUR)
        last = math.ceil((event.until - start) / HOUR)
        found[max(first, 0) : max(last, 0)] = index
    return found


def floor_hour(moment: datetime) -> datetime:
    """The full hour at or before `moment`, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
