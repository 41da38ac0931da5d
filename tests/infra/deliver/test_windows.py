"""Hours of the week: when they begin and end, also where clocks change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.deliver.windows import Window, span

ALL = frozenset(range(7))
WEEK = frozenset(range(5))


def window(begin: str, end: str, zone: str = "Europe/Berlin", days: frozenset[int] = ALL) -> Window:
    def minutes(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    return Window(days=days, begin=minutes(begin), end=minutes(end), timezone=zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = window("22:00", "07:00")


@pytest.mark.parametrize(
    ("windows", "moment", "is_open", "end"),
    [
        # inside one that crosses midnight, before and after midnight; Berlin is UTC+1 in winter
        ([NIGHT], "2026-01-14 22:00", True, "2026-01-15 06:00"),
        ([NIGHT], "2026-01-15 05:59", True, "2026-01-15 06:00"),
        # its first moment is in it, its last is not
        ([NIGHT], "2026-01-14 21:00", True, "2026-01-15 06:00"),
        ([NIGHT], "2026-01-15 06:00", False, "2026-01-15 21:00"),
        # a window belongs to the day on which it begins: Friday's goes on into Saturday
        ([window("22:00", "07:00", days=WEEK)], "2026-01-17 03:00", True, "2026-01-17 06:00"),
        ([window("22:00", "07:00", days=WEEK)], "2026-01-18 03:00", False, "2026-01-19 21:00"),
        # two that touch are one
        (
            [window("22:00", "24:00"), window("00:00", "07:00")],
            "2026-01-14 22:00",
            True,
            "2026-01-15 06:00",
        ),
        # whole days
        ([window("00:00", "24:00", days=WEEK)], "2026-01-14 12:00", True, "2026-01-16 23:00"),
        ([window("00:00", "24:00", days=WEEK)], "2026-01-17 12:00", False, "2026-01-18 23:00"),
        # it never closes, and it never opens
        ([window("00:00", "24:00")], "2026-01-17 12:00", True, None),
        ([], "2026-01-17 12:00", False, None),
        # clocks go forward in the night of 29 March: the night is an hour shorter
        ([NIGHT], "2026-03-28 23:00", True, "2026-03-29 05:00"),
        # and back in the night of 25 October: an hour longer
        ([NIGHT], "2026-10-24 23:00", True, "2026-10-25 06:00"),
        # 02:30 does not exist on 29 March: the leap at 01:00 UTC stands for it
        ([window("02:30", "04:00")], "2026-03-29 00:59", False, "2026-03-29 01:00"),
        ([window("01:00", "02:30")], "2026-03-29 00:30", True, "2026-03-29 01:00"),
        # a window that falls into the leap is left out
        ([window("02:10", "02:50")], "2026-03-28 12:00", False, "2026-03-30 00:10"),
        ([window("02:00", "03:00", days=frozenset({6}))], "2026-03-29 00:00", False,
         "2026-04-05 00:00"),
        # 02:30 comes twice on 25 October: from the first to the last
        ([window("02:30", "02:45")], "2026-10-25 00:29", False, "2026-10-25 00:30"),
        ([window("02:30", "02:45")], "2026-10-25 00:30", True, "2026-10-25 01:45"),
        # days are those of the zone, not of UTC: it is Saturday in Auckland
        ([window("00:00", "24:00", "Pacific/Auckland", frozenset({5}))], "2026-01-16 12:00", True,
         "2026-01-17 11:00"),
    ],
)  # fmt: skip
def test_what_is_open_and_how_long(
    windows: list[Window], moment: str, is_open: bool, end: str | None
) -> None:
    found = span(windows, at(moment))
    assert (found.is_open, found.end) == (is_open, at(end) if end else None)


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    begin=st.integers(0, 1_439),
    end=st.integers(1, 1_440),
    zone=st.sampled_from(ZONES),
)
def test_a_span_holds_until_its_end_and_no_longer(
    minutes: int, days: frozenset[int], begin: int, end: int, zone: str
) -> None:
    windows = [Window(days=days, begin=begin, end=end, timezone=zone)]
    now = at("2026-01-01 00:00") + timedelta(minutes=minutes)
    found = span(windows, now)
    assert found.begin <= now
    assert found.holds(now)
    if found.end is None:
        assert found.is_open
        return
    assert now < found.end
    last = found.end - timedelta(microseconds=1)
    assert span(windows, last).is_open == found.is_open
    assert span(windows, last).end == found.end
    assert span(windows, found.end).is_open != found.is_open
