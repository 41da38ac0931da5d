"""Scores of forecasts, who is told, and intervals that learn to hold."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.accuracy import Standing, judged, score
from forecasting.conformal import MOST, corrected, no_offsets
from forecasting.errors import BANDS
from forecasting.quantiles import LEVELS

ROW = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9]])


def test_a_score_by_hand() -> None:
    found = score(
        np.array([8.5, np.nan, 5.0]),
        np.repeat(ROW, 3, axis=0),
        own=np.array([6.0, 6.0, 6.0]),
        naive=np.array([4.0, 4.0, 4.0]),
        scale=2.0,
    )
    assert found is not None
    assert (found.count, found.error, found.own_error, found.naive_error) == (2, 3.5, 3.5, 5.5)
    assert (found.inside80, found.inside95) == (1, 2)
    # A tie with the median says nothing of it: half above, as it promises.
    assert found.above[4] == pytest.approx(1.5)
    assert found.above[8] == 0
    assert found.pinball > 0
    assert score(np.array([np.nan]), ROW, own=ROW[0], naive=ROW[0], scale=0.0) is None


def test_a_model_is_replaced_while_it_is_worse_and_comes_back() -> None:
    standing = Standing()
    seen = []
    for hour in range(600):
        own = 2.0 if hour < 100 else 0.8
        standing = judged(standing, own=own, naive=1.0)
        seen.append(standing.replaced)
    assert not any(seen[:47])  # too little to judge by
    assert seen[60]
    assert seen[110]  # not back at the first good hour
    assert not seen[-1]
    changes = sum(a != b for a, b in pairwise(seen))
    assert changes == 2


def test_an_even_match_does_not_flap() -> None:
    standing = Standing()
    rng = np.random.default_rng(1)
    changes = 0
    for _ in range(2000):
        after = judged(standing, own=rng.gamma(4), naive=rng.gamma(4) * 1.02)
        changes += after.replaced != standing.replaced
        standing = after
    assert changes <= 2


def test_intervals_come_to_hold_whatever_they_were() -> None:
    rng = np.random.default_rng(2)
    offsets = no_offsets()
    narrow = np.asarray([-1.0, -0.8, -0.6, -0.3, 0, 0.3, 0.6, 0.8, 1.0])  # of unit normal truths
    above = []
    for _ in range(4000):
        edges = np.maximum.accumulate(narrow + np.asarray(offsets[0]))
        above.append(rng.normal() > edges)
        offsets = corrected(offsets, 0, above[-1].astype(float))
    held = 1 - np.mean(above[1000:], axis=0)
    assert held == pytest.approx(np.asarray(LEVELS), abs=0.02)
    assert offsets[1:] == no_offsets()[1:]


@given(
    band=st.integers(0, len(BANDS) - 1),
    above=st.lists(st.floats(0, 1), min_size=9, max_size=9),
    times=st.integers(1, 300),
)
def test_corrections_stay_within_bounds(band: int, above: list[float], times: int) -> None:
    offsets = no_offsets()
    for _ in range(times):
        offsets = corrected(offsets, band, np.asarray(above))
    assert np.abs(np.asarray(offsets)).max() <= MOST
