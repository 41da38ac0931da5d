"""Hours of the week in a time zone, and when they begin and end.

A window goes by the clock on the wall. Where clocks are set back it lasts from the first time that
the wall shows its beginning to the last time that it shows its end; a time that is skipped where
they are set forward is the moment of the leap.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

DAY = 1_440
"""Minutes."""

AHEAD = 16
"""Days looked at: a weekly hour may fall out once, where clocks are set forward."""


class Window(Struct, frozen=True, kw_only=True):
    """From `begin` on each of `days` to `end`, that day or, where it is not later, the next."""

    days: frozenset[int]  # 0 is Monday
    begin: int  # minutes of the day, 0 to 1,439
    end: int  # 1 to 1,440
    timezone: str  # IANA


class Span(Struct, frozen=True, kw_only=True):
    """A time over which nothing changes: `begin` <= t < `end`; None: it never ends."""

    is_open: bool
    begin: datetime  # or the moment that was asked for, where it is long ago
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it."""
        return self.begin <= at and (self.end is None or at < self.end)


def span(windows: Iterable[Window], at: datetime) -> Span:
    """Whether any of `windows` is open at `at` (aware), since when and until when (UTC)."""
    begin = at.astimezone(UTC)
    for opens, closes in _merged(_openings(windows, at)):
        if at < opens:
            return Span(is_open=False, begin=begin, end=opens)
        if at < closes:
            # What is still open after two weeks never closes.
            ends = closes if closes < at + timedelta(days=AHEAD - 3) else None
            return Span(is_open=True, begin=opens, end=ends)
        begin = closes
    return Span(is_open=False, begin=begin, end=None)


def _openings(windows: Iterable[Window], at: datetime) -> list[tuple[datetime, datetime]]:
    found = []
    for window in windows:
        zone = ZoneInfo(window.timezone)
        today = at.astimezone(zone).date()
        for offset in range(-2, AHEAD):
            day = today + timedelta(days=offset)
            if day.weekday() in window.days:
                over = window.end <= window.begin
                begins = _moment(day, window.begin, zone, last=False)
                ends = _moment(day + timedelta(days=over), window.end, zone, last=True)
                if begins < ends:
                    found.append((begins, ends))
    return sorted(found)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged


def _moment(day: date, minute: int, zone: ZoneInfo, *, last: bool) -> datetime:
    """When the wall shows this: the first or the last time, or the leap over it."""
    day, minute = day + timedelta(days=minute // DAY), minute % DAY
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if last else first
    before = second.astimezone(zone).utcoffset()
    while first - second > timedelta(seconds=1):  # skipped: `second` is before the leap
        middle = second + (first - second) // 2
        if middle.astimezone(zone).utcoffset() == before:
            second = middle
        else:
            first = middle
    return first.replace(microsecond=0)
