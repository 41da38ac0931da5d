"""Hours as people live them: clocks that change, holidays, what is planned."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from forecasting.calendar import HOUR, Calendar, PlannedEvent, floor_hour, holidays_of, hours_of


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2026, 3, 8, 5, tzinfo=UTC), [0, 1, 3, 4]),  # 2 o'clock is skipped
        (datetime(2026, 11, 1, 4, tzinfo=UTC), [0, 1, 1, 2]),  # 1 o'clock comes twice
    ],
)
def test_the_local_hour_follows_the_clock_on_the_wall(day: datetime, hours: list[int]) -> None:
    found = hours_of(Calendar(timezone="America/New_York"), day, 4)
    assert found.of_day.tolist() == hours


def test_zones_off_the_hour_and_days_of_the_week() -> None:
    found = hours_of(Calendar(timezone="Asia/Kathmandu"), datetime(2026, 3, 6, 18, tzinfo=UTC), 2)
    assert found.of_day.tolist() == [23, 0]
    assert found.weekday.tolist() == [4, 5]
    assert found.free.tolist() == [0, 1]


def test_a_holiday_is_a_free_day() -> None:
    start = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert hours_of(Calendar(holidays="US"), start, 48).free.sum() == 36 - 12 + 12
    assert hours_of(Calendar(), start, 24).free.sum() == 0
    assert holidays_of("DE-BY", {2026}) > holidays_of("DE", {2026})
    for code in ("XX", "US-QQ"):
        with pytest.raises(ValueError, match=code):
            holidays_of(code, {2026})


def test_events_cover_the_hours_they_touch() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    event = PlannedEvent(
        name="launch",
        since=start + timedelta(hours=2, minutes=30),
        until=start + timedelta(hours=4, minutes=30),
    )
    found = hours_of(Calendar(events=(event,)), start, 6)
    assert found.event.tolist() == [-1, -1, 0, 0, 0, -1]
    later = hours_of(Calendar(events=(event,)), start + 3 * HOUR, 3)
    assert later.event.tolist() == [0, 0, -1]


def test_waves_repeat_every_local_day_and_week() -> None:
    berlin = Calendar(timezone="Europe/Berlin")
    waves = hours_of(berlin, datetime(2026, 3, 23, tzinfo=UTC), 14 * 24).waves(4, 2)
    assert waves.shape == (336, 12)
    # Clocks went forward on the 29th: a week later it is an hour less.
    assert waves[24 + 167] == pytest.approx(waves[24])
    assert np.abs(waves).max() <= 1


def test_the_full_hour() -> None:
    at = datetime(2026, 3, 2, 5, 59, 59, tzinfo=UTC)
    assert floor_hour(at) == datetime(2026, 3, 2, 5, tzinfo=UTC)
