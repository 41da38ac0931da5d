"""Bursts of a bare series: told once, only what is above all before, and nothing breaks it."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.bare import OPEN, QUIET, STEP, WARM, Burst, pulse, score


def told(values: list[float]) -> list[float]:
    burst, out = Burst(), []
    for value in values:
        burst, level = pulse(*score(burst, value))
        out.append(level)
    return out


def quiet(rows: int, seed: int = 1) -> list[float]:
    return [float(v) for v in np.random.default_rng(seed).poisson(20, rows)]


def test_a_burst_is_told_as_it_rises_and_then_not_for_a_day() -> None:
    series = quiet(1500) + [400.0] * 24 + quiet(100, 2)
    levels = told(series)
    assert all(level == 0 for level in levels[:WARM])
    at = [i for i, level in enumerate(levels) if level >= OPEN]
    assert at
    assert 1500 <= at[0] < 1503
    assert at[-1] < 1524
    assert [levels[i] for i in at] == sorted(levels[i] for i in at)


def test_the_same_burst_a_day_later_is_less_news_than_the_first() -> None:
    burst = [400.0] * 12
    levels = told(quiet(1500) + burst + quiet(2 * QUIET, 2) + burst)
    first, second = max(levels[:1600]), max(levels[1600:])
    assert 0 < second < first


def test_noise_tells_of_nothing_large() -> None:
    assert max(told(quiet(4000))) < OPEN


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(0, 1e12), min_size=1, max_size=80),
    warm=st.integers(0, 700),
    cut=st.integers(0, 800),
)
def test_scores_are_finite_in_steps_and_of_what_came_before_alone(
    values: list[float], warm: int, cut: int
) -> None:
    series = quiet(warm) + values
    levels = told(series)
    assert all(math.isfinite(level) and level >= 0 for level in levels)
    assert all(abs(level / STEP - round(level / STEP)) < 1e-6 for level in levels)
    assert told(series[:cut]) == levels[:cut]
