"""Forecasts: honest intervals, the daily cycle, and no input that breaks them."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.forecast import forecast
from forecasting.records import BUCKET, Forecast

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rates(n: int, step: timedelta, an_hour: float, swing: float = 0.8) -> np.ndarray:
    hours = np.arange(n) * (step / HOUR)
    return an_hour * (step / HOUR) * np.exp(swing * np.sin(2 * np.pi * (hours - 9) / 24))


def coverage(made: Forecast, truth: np.ndarray) -> float:
    inside = (np.asarray(made.lower) <= truth) & (truth <= np.asarray(made.upper))
    return float(inside.mean())


def test_buckets_follow_the_history_without_a_gap() -> None:
    made = forecast([3] * 12, START, BUCKET, 4)
    assert made.starts == tuple(START + (12 + i) * BUCKET for i in range(4))
    assert len(made.mean) == len(made.lower) == len(made.upper) == 4
    assert forecast([3], START, BUCKET, 0).starts == ()


@pytest.mark.parametrize("step", [BUCKET, HOUR])
@pytest.mark.parametrize("days", [2, 7, 14])
def test_intervals_hold_what_they_promise(step: timedelta, days: int) -> None:
    rng = np.random.default_rng(days)
    day = timedelta(days=1) // step
    held = []
    for _ in range(6):
        mean = rates((days + 1) * day, step, 60)
        series = rng.poisson(rng.gamma(10, mean / 10))  # over-dispersed by a tenth
        made = forecast(series[: days * day].tolist(), START, step, day)
        held.append(coverage(made, series[days * day :]))
        assert made.model == ("profile" if days < 14 else "structural")
    assert 0.90 <= float(np.mean(held)) <= 1.0


def test_intervals_are_not_wide_for_nothing() -> None:
    rng = np.random.default_rng(1)
    mean = rates(15 * 24, HOUR, 400)
    made = forecast(rng.poisson(mean[: 14 * 24]).tolist(), START, HOUR, 24)
    widths = (np.asarray(made.upper) - np.asarray(made.lower)) / mean[14 * 24 :]
    assert float(np.median(widths)) < 0.5
    assert np.abs(np.asarray(made.mean) / mean[14 * 24 :] - 1).max() < 0.15


def test_the_daily_cycle_is_found_after_one_day() -> None:
    rng = np.random.default_rng(2)
    mean = rates(48, HOUR, 60)
    made = forecast(rng.poisson(mean[:24]).tolist(), START, HOUR, 24)
    assert np.corrcoef(made.mean, mean[24:])[0, 1] > 0.9


def test_before_that_the_interval_is_wide_and_widens() -> None:
    rng = np.random.default_rng(3)
    made = forecast(rng.poisson(rates(16 * 12, BUCKET, 60, 0)).tolist(), START, BUCKET, 288)
    widths = [u - lo for u, lo in zip(made.upper, made.lower, strict=True)]
    assert made.model == "cold"
    assert widths[0] < widths[72] < widths[143]
    assert made.upper[143] > 2 * made.mean[143]
    assert made.mean[0] == pytest.approx(5, rel=0.3)


def test_a_raised_level_is_seen_and_fades() -> None:
    rng = np.random.default_rng(4)
    series = rng.poisson(rates(7 * 24, HOUR, 60, 0))
    series[-6:] *= 3
    made = forecast(series.tolist(), START, HOUR, 48)
    assert made.mean[0] > 100
    assert made.mean[0] > made.mean[12] > made.mean[47]
    assert made.mean[47] < 80


def test_an_outage_in_the_history_is_not_forecast_again() -> None:
    rng = np.random.default_rng(5)
    series = rng.poisson(rates(4 * 24, HOUR, 60, 0.3))
    whole = forecast(series.tolist(), START, HOUR, 24)
    series[50:58] = 0
    holed = forecast(series.tolist(), START, HOUR, 24)
    assert np.asarray(holed.mean) == pytest.approx(np.asarray(whole.mean), rel=0.2)


def test_a_nightly_silence_is_not_taken_for_an_outage() -> None:
    day = [0] * 8 + [40] * 16
    made = forecast(day * 7, START, HOUR, 24)
    assert max(made.mean[1:6]) < 10
    assert min(made.mean[11:21]) > 25


histories = st.one_of(
    st.lists(st.integers(0, 20), max_size=60),
    st.builds(lambda x, n: [x] * n, st.sampled_from([0, 1, 7, 10**6, 10**12]), st.integers(0, 700)),
    st.builds(lambda n, m, x: [0] * n + [x] + [0] * m, st.integers(0, 400), st.integers(0, 400),
              st.sampled_from([1, 50, 10**7])),
    st.lists(st.sampled_from([0, 0, 0, 3, 10**9]), min_size=20, max_size=400),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(history=histories, step=st.sampled_from([BUCKET, HOUR]), horizon=st.integers(0, 60))
def test_any_history_gets_finite_ordered_non_negative_numbers(
    history: list[int], step: timedelta, horizon: int
) -> None:
    made = forecast(history, START, step, horizon)
    assert len(made.mean) == horizon
    for mean, lower, upper in zip(made.mean, made.lower, made.upper, strict=True):
        assert all(math.isfinite(x) for x in (mean, lower, upper))
        assert 0 <= lower <= mean <= upper


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        forecast([1], START, timedelta(0), 1)
    with pytest.raises(ValueError, match="horizon"):
        forecast([1], START, BUCKET, -1)
