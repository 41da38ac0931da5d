"""Exact tails: against the sum of all outcomes, and that no number breaks them."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.chance import ENOUGH, added_up, deviations, share_tail
from forecasting.limits import LIMITS, least_posts, limits_of
from forecasting.records import Policy, Sensitivity
from forecasting.signals import ALLOWANCES


def by_hand(negative: int, voices: int, mean: float, rho: float) -> float:
    a, b = mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)

    def beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return sum(
        math.comb(voices, k) * math.exp(beta(k + a, voices - k + b) - beta(a, b))
        for k in range(negative, voices + 1)
    )


@given(
    voices=st.integers(1, 60),
    part=st.floats(0, 1),
    mean=st.floats(0.01, 0.95),
    rho=st.floats(0.001, 0.5),
)
def test_the_tail_is_the_sum_of_all_outcomes(
    voices: int, part: float, mean: float, rho: float
) -> None:
    negative = round(part * voices)
    assert share_tail(negative, voices, mean, rho) == pytest.approx(
        by_hand(negative, voices, mean, rho), rel=1e-4
    )


def test_what_happens_by_chance_is_half_counted() -> None:
    """So the mean of the value over all outcomes is a half, however few the posts."""
    for voices in (1, 3, 10):
        odds = [
            share_tail(k, voices, 0.2, 0.01) - share_tail(k + 1, voices, 0.2, 0.01)
            for k in range(voices)
        ] + [share_tail(voices, voices, 0.2, 0.01)]
        values = [share_tail(k, voices, 0.2, 0.01) - odd / 2 for k, odd in enumerate(odds)]
        assert sum(o * v for o, v in zip(odds, values, strict=True)) == pytest.approx(0.5)
        told = NormalDist().cdf(-deviations(voices, voices, 0.2, 0.01))
        assert told == pytest.approx(odds[-1] / 2)


@given(
    voices=st.integers(1, 10**9),
    part=st.floats(0, 1),
    mean=st.floats(0.005, 0.995),
    rho=st.floats(0.001, 0.5),
)
def test_any_numbers_have_finite_deviations(
    voices: int, part: float, mean: float, rho: float
) -> None:
    assert math.isfinite(deviations(round(part * voices), voices, mean, rho))


def test_more_negatives_are_more_surprising_and_more_voices_are_up_to_a_point() -> None:
    assert deviations(12, 20, 0.2, 0.01) > deviations(11, 20, 0.2, 0.01)
    assert deviations(24, 40, 0.2, 0.01) > deviations(12, 20, 0.2, 0.01)
    most = deviations(ENOUGH * 6 // 10, ENOUGH, 0.2, 0.01)
    assert deviations(60_000, 100_000, 0.2, 0.01) == most
    assert deviations(240, 400, 0.2, 0.01, enough=100.0) == deviations(60, 100, 0.2, 0.01)


@pytest.mark.parametrize("sensitivity", LIMITS)
def test_the_fewest_posts_that_can_open_follow_from_the_limit(sensitivity: Sensitivity) -> None:
    limit = LIMITS[sensitivity].share
    for share in (0.05, 0.2, 0.5):
        fewest = least_posts(share, sensitivity, rho=0.02)
        enough, too_few = (
            added_up([deviations(n, n, share, 0.02) - one for one in ALLOWANCES])
            for n in (fewest, fewest - 1)
        )
        assert too_few < limit <= enough


def test_more_false_incidents_to_bear_is_a_lower_limit() -> None:
    rates = [limits_of(Policy(factor=factor)) for factor in (0.125, 0.25, 0.5, 1.0, 2.0, 5.0)]
    assert [r.share for r in rates] == sorted((r.share for r in rates), reverse=True)
    assert rates[-1].share == pytest.approx(LIMITS["keen"].share)
    assert rates[1].share == pytest.approx(LIMITS["calm"].share)
    assert [r.false_a_week for r in rates] == sorted(r.false_a_week for r in rates)
