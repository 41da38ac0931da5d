"""How fast posts come is known from what was seen lately, and no more is kept than that."""

import pytest

from infra.page.traffic import OVER, Pace, Traffic


def test_the_pace_is_of_the_last_half_minute() -> None:
    now = [0.0]
    traffic = Traffic(lambda: now[0])
    for second in range(60):
        now[0] = float(second)
        traffic.add(10 if second < 30 else 20, 1.5)
    assert traffic.pace() == Pace(posts_per_second=610 / OVER, stored_after_seconds=1.5)
    now[0] = 200.0
    assert traffic.pace() == Pace(posts_per_second=0.0, stored_after_seconds=None)


def test_what_came_within_a_time_is_too_old_bit_by_bit() -> None:
    now = [100.0]
    traffic = Traffic(lambda: now[0])
    traffic.add(3_000, 1.0, within=OVER)
    for later, posts in ((0.0, 3_000), (10.0, 2_000), (30.0, 0)):
        now[0] = 100.0 + later
        assert traffic.pace().posts_per_second * OVER == pytest.approx(posts)


def test_while_nobody_asks_no_more_is_kept_than_of_that_time() -> None:
    now = [0.0]
    traffic = Traffic(lambda: now[0])
    for second in range(24 * 3_600):
        now[0] = float(second)
        traffic.add(1, 1.0)
    assert traffic.kept == OVER + 1
