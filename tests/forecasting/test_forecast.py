"""Forecasts: honest intervals, the daily cycle, and no input that breaks them."""

import math
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.calendar import Calendar, PlannedEvent, hours_of
from forecasting.forecast import forecast
from forecasting.foretell import SERIES, BrandFit, Recent, Trust, foretell, learn
from forecasting.history import history
from forecasting.proportion import fit_share, project_share
from forecasting.records import BUCKET, Forecast
from forecasting.structural import extended, fit_structure

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
@given(counts=histories, step=st.sampled_from([BUCKET, HOUR]), horizon=st.integers(0, 60))
def test_any_history_gets_finite_ordered_non_negative_numbers(
    counts: list[int], step: timedelta, horizon: int
) -> None:
    made = forecast(counts, START, step, horizon)
    assert len(made.mean) == horizon
    for mean, lower, upper in zip(made.mean, made.lower, made.upper, strict=True):
        assert all(math.isfinite(x) for x in (mean, lower, upper))
        assert 0 <= lower <= mean <= upper


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        forecast([1], START, timedelta(0), 1)
    with pytest.raises(ValueError, match="horizon"):
        forecast([1], START, BUCKET, -1)


def test_a_morning_stays_the_morning_when_clocks_change() -> None:
    # New York, clocks forward on 8 March: people post from 8 to 20 by their own clocks.
    zone = Calendar(timezone="America/New_York")
    start = datetime(2026, 2, 14, 5, tzinfo=UTC)
    hours = hours_of(zone, start, 23 * 24)
    usual = np.where((hours.of_day >= 8) & (hours.of_day < 20), 80, 8)
    seen = (datetime(2026, 3, 7, 17, tzinfo=UTC) - start) // HOUR
    rng = np.random.default_rng(6)
    made = forecast(rng.poisson(usual[:seen]).tolist(), start, HOUR, 30, calendar=zone)
    by_time = dict(zip(made.starts, made.mean, strict=True))
    assert by_time[datetime(2026, 3, 8, 12, tzinfo=UTC)] > 30  # 8 o'clock, an hour earlier
    assert by_time[datetime(2026, 3, 8, 10, tzinfo=UTC)] < 30


def test_planned_events_count_as_configured_and_as_learnt() -> None:
    rng = np.random.default_rng(7)
    counts = rng.poisson(rates(10 * 24, HOUR, 60, 0))
    counts[100:106] *= 4  # the first match
    at = START + 10 * timedelta(days=1)

    def match(since: datetime, effect: float | None = None) -> PlannedEvent:
        return PlannedEvent(name="match", since=since, until=since + 6 * HOUR, effect=effect)

    def told(*events: PlannedEvent) -> Forecast:
        return forecast(counts.tolist(), START, HOUR, 12, calendar=Calendar(events=events))

    plain, planned = told(), told(match(at, effect=3.0))
    assert planned.mean[2] == pytest.approx(3 * plain.mean[2], rel=0.2)
    assert planned.mean[8] == pytest.approx(plain.mean[8], rel=0.1)
    learnt = told(match(START + 100 * HOUR), match(at))
    assert learnt.mean[2] > 1.5 * plain.mean[2]
    unknown = told(match(at))
    assert unknown.upper[2] - unknown.lower[2] > 1.5 * (plain.upper[2] - plain.lower[2])


def test_a_holiday_is_forecast_as_a_free_day() -> None:
    start = datetime(2026, 6, 8, tzinfo=UTC)  # a Monday; the Fourth is kept on Friday the 3rd
    hours = hours_of(Calendar(), start, 25 * 24)
    usual = np.where(hours.free == 1, 20, 100)
    rng = np.random.default_rng(8)
    counts = rng.poisson(usual).tolist()
    with_it = forecast(counts, start, HOUR, 24, calendar=Calendar(holidays="US"))
    without = forecast(counts, start, HOUR, 24)
    assert np.mean(with_it.mean) < 0.6 * np.mean(without.mean)


def test_what_was_not_seen_is_not_zero() -> None:
    rng = np.random.default_rng(9)
    counts = rng.poisson(rates(6 * 24, HOUR, 12, 0.3)).astype(float)
    seen = np.ones(len(counts), dtype=bool)
    seen[-10:] = False
    counts[-10:] = 0
    made = forecast(counts.tolist(), START, HOUR, 24, seen=seen.tolist())
    assert np.mean(made.mean) > 8
    named = [math.nan if not known else value for value, known in zip(counts, seen, strict=True)]
    assert forecast(named, START, HOUR, 24, seen=[True] * len(named)) == made


@settings(max_examples=60, deadline=None)
@given(counts=histories, step=st.sampled_from([BUCKET, HOUR]))
def test_quantiles_are_ordered_counts(counts: list[int], step: timedelta) -> None:
    made = forecast(counts, START, step, 30)
    rows = np.asarray(made.quantiles)
    assert rows.shape == (30, 9)
    assert np.isfinite(rows).all()
    assert rows.min() >= 0
    assert (np.diff(rows, axis=1) >= 0).all()
    assert np.isfinite([made.own, made.naive]).all()


@settings(max_examples=60, deadline=None)
@given(
    posts=st.lists(st.sampled_from([0, 0, 1, 7, 50, 10**9]), min_size=1, max_size=400),
    share=st.sampled_from([0.0, 0.2, 1.0]),
)
def test_shares_are_shares(posts: list[int], share: float) -> None:
    volume = history(posts, START)
    negative = history([int(n * share) for n in posts], START)
    hours = hours_of(Calendar(), START, len(posts) + 24)
    known = fit_share(volume, negative, hours.part(0, len(posts)))
    rows = project_share(known, hours.part(len(posts)), np.full(24, 5.0)).quantiles()
    assert rows.min() >= 0
    assert rows.max() <= 1
    assert (np.diff(rows, axis=1) >= 0).all()


def test_a_share_is_found_and_its_interval_holds() -> None:
    rng = np.random.default_rng(10)
    held = []
    for _ in range(10):
        volume = rng.poisson(60, 14 * 24)
        share = 1 / (1 + np.exp(1.4 + 0.3 * np.sin(np.arange(14 * 24) * 2 * np.pi / 24)))
        negative = rng.binomial(volume, rng.beta(share * 60, (1 - share) * 60))
        hours = hours_of(Calendar(), START, 14 * 24)
        cut = 13 * 24
        known = fit_share(history(volume[:cut], START), history(negative[:cut], START),
                          hours.part(0, cut))  # fmt: skip
        rows = project_share(known, hours.part(cut), np.full(24, 60.0)).quantiles()
        truth = negative[cut:] / volume[cut:]
        held.append(((truth >= rows[:, 0]) & (truth <= rows[:, 8])).mean())
        assert rows[:, 4].mean() == pytest.approx(share.mean(), abs=0.03)
    assert 0.91 <= float(np.mean(held)) <= 0.99


def test_carried_forward_is_what_fitting_the_same_model_to_all_would_know() -> None:
    rng = np.random.default_rng(11)
    counts = rng.poisson(rates(22 * 24, HOUR, 60)).astype(float)
    hours = hours_of(Calendar(), START, 22 * 24)
    cut = 20 * 24
    logs, waves = np.log1p(counts), hours.waves(4, 2)
    seen = np.ones(len(counts), dtype=bool)
    seen[cut + 5 : cut + 9] = False
    found = fit_structure(logs[:cut], waves[:cut], seen[:cut])
    assert found is not None
    moved = extended(found[0], logs[cut:], waves[cut:], seen[cut:])
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    known = found[0]
    whole = UnobservedComponents(
        np.where(seen, logs, np.nan), level="local level", autoregressive=1, exog=waves,
        mle_regression=False,
    ).smooth([known.noise, known.level_var, known.ar_var, known.phi])  # fmt: skip
    assert moved.mean == pytest.approx(whole.filter_results.predicted_state[:, -1], abs=1e-5)


def test_a_fit_survives_being_kept() -> None:
    rng = np.random.default_rng(12)
    counts = rng.poisson(rates(16 * 24, HOUR, 60))
    hours = hours_of(Calendar(), START, 16 * 24 + 48)
    series = history(counts, START)
    recent = Recent(volume=series, negative=series)
    known = learn(recent, hours.part(0, 16 * 24), Calendar())
    again = msgspec.json.decode(msgspec.json.encode(known), type=BrandFit)
    trusts = {name: Trust() for name in SERIES}
    ahead = {BUCKET: 288, HOUR: 48}
    told = [
        foretell(fit, recent, hours, Calendar(), trusts=trusts, ahead=ahead)
        for fit in (known, again)
    ]
    assert told[0] == told[1]
    assert set(told[0]) == {(name, step) for name in SERIES for step in (BUCKET, HOUR)}
    hour = told[0]["volume", HOUR].mean[3]
    assert sum(told[0]["volume", BUCKET].mean[36:48]) == pytest.approx(hour, rel=0.2)
