"""When simulated posts are published."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from processors.simulate_day import activity, day_slots, poisson
from processors.simulate_plan import SIMULATED_BRANDS, DayPlan

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_weekday_has_the_brands_posts_and_a_weekend_fewer() -> None:
    minutes = [MONDAY + timedelta(minutes=n) for n in range(7 * 24 * 60)]
    levels = [sum(map(activity, minutes[n : n + 1440])) / 1440 for n in range(0, 10080, 1440)]
    assert levels[:5] == pytest.approx([1.0] * 5)
    assert levels[5:] == pytest.approx([0.85] * 2)


@pytest.mark.parametrize("mean", [0.2, 8.0, 400.0])
def test_counts_scatter_as_poisson(mean: float) -> None:
    uniform = random.Random(1).random
    counts = [poisson(mean, uniform) for _ in range(3_000)]
    average = sum(counts) / len(counts)
    spread = sum((count - average) ** 2 for count in counts) / len(counts)
    assert average == pytest.approx(mean, rel=0.08)
    assert spread == pytest.approx(mean, rel=0.15)


def test_slots_stay_in_the_plan_and_in_order() -> None:
    # Ends within a minute: the last one is cut.
    plan = DayPlan(
        start=MONDAY, end=MONDAY + timedelta(hours=3, seconds=30), brands=SIMULATED_BRANDS
    )
    times = [slot.at for slot in day_slots(plan, random.Random(1).random)]
    assert times == sorted(times)
    assert plan.start <= times[0] < times[-1] < plan.end
