"""Queues in a row, against the same queues served post by post."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.capacity import Load, plan
from forecasting.disturbances import play
from forecasting.queueing import Series, departures, lags, simulate
from tests.forecasting.test_capacity import RATES

STEPS = 40
SERIES = arrays(np.float64, STEPS, elements=st.integers(0, 50).map(float))


def one_by_one(arrivals: Series, capacity: Series) -> list[float]:
    waiting, left, gone = 0.0, 0.0, []
    for came, could in zip(arrivals, capacity, strict=True):
        waiting += came
        done = min(waiting, could)
        waiting -= done
        left += done
        gone.append(left)
    return gone


@given(arrivals=SERIES, capacity=SERIES)
def test_departures_are_those_of_serving_one_by_one(arrivals: Series, capacity: Series) -> None:
    assert departures(arrivals, capacity).tolist() == one_by_one(arrivals, capacity)


@given(arrivals=SERIES, capacity=SERIES)
def test_nothing_leaves_before_it_came_and_the_rest_waits(
    arrivals: Series, capacity: Series
) -> None:
    came, left = np.cumsum(arrivals), departures(arrivals, capacity)
    assert (left <= came).all()
    late = lags(came, left, 1.0)
    assert ((late > 0) == (came > left)).all()
    for step in np.flatnonzero(late):
        since = int(step + 1 - late[step])
        assert came[since] > left[step]  # the oldest that waits came then
        assert since == 0 or came[since - 1] <= left[step]  # and none before


def test_an_outage_is_caught_up_with_what_is_spare() -> None:
    steps = 400
    capacity = np.full(steps, 20.0)
    capacity[100:160] = 0.0
    found = simulate(np.full(steps, 10.0), [("store", capacity)], step=1.0, ends=160.0)
    assert found.backlog == pytest.approx(600.0)
    assert found.worst_lag == pytest.approx(60.0, abs=1)
    assert found.recovery == pytest.approx(60.0, abs=2)  # 600 posts, 10 to spare a second
    assert found.waiting == "store"


def test_who_cannot_keep_up_never_recovers() -> None:
    found = simulate(np.full(100, 10.0), [("score", np.full(100, 9.0))], step=1.0, ends=0.0)
    assert found.recovery is None


def test_a_line_plays_every_disturbance_and_gets_over_each() -> None:
    made = plan(Load(posts_per_second=10_000, brands=100, matched=0.2), RATES)
    played = play(made, burst=20)
    assert [one.outcome.recovery is not None for one in played] == [True] * 6
    burst, *_, down = (one.outcome for one in played)
    assert burst.worst_lag > 60
    assert 58 <= down.worst_lag <= 62
    assert down.waiting == "store"


def test_a_burst_that_fits_what_is_spare_is_not_noticed() -> None:
    made = plan(Load(posts_per_second=10, brands=100), RATES)
    assert play(made, burst=20)[0].outcome.worst_lag == 0
