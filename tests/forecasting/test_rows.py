"""Series by rows: causal scores, rows of any length, and nothing that breaks them."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.fade import fades_in
from forecasting.records import Policy
from forecasting.rows import CountRow, detect

START = datetime(2026, 3, 1, 0, 2, 53, tzinfo=UTC)
FIVE = timedelta(minutes=5)
DAY = 288


def rows_of(volume: list[float], negative: list[float], step: timedelta = FIVE) -> list[CountRow]:
    return [
        CountRow(at=START + i * step, volume=v, negative=n)
        for i, (v, n) in enumerate(zip(volume, negative, strict=True))
    ]


def crisis(an_hour: int = 120) -> list[CountRow]:
    rng = np.random.default_rng(5)
    volume = rng.poisson(an_hour / 12, 4 * DAY)
    negative = rng.binomial(volume, 0.2)
    extra = rng.poisson(an_hour / 6, 36)
    volume[3 * DAY : 3 * DAY + 36] += extra
    negative[3 * DAY : 3 * DAY + 36] += extra
    return rows_of(volume.tolist(), negative.tolist())


def test_a_crisis_is_one_incident_by_its_rows() -> None:
    found = detect(crisis(), FIVE, name="x", policy=Policy())
    (one,) = [incident for incident in found.incidents if incident.alerts]
    assert one.kind == "negative_surge"
    assert 3 * DAY <= one.open < 3 * DAY + 6
    assert one.close is not None
    assert 3 * DAY + 36 <= one.close < 3 * DAY + 72
    assert one.since <= one.open
    assert found.scores[one.open] > max(found.scores[: 3 * DAY])


def test_what_is_open_at_the_end_has_no_close() -> None:
    found = detect(crisis()[: 3 * DAY + 20], FIVE, name="x", policy=Policy())
    (one,) = [incident for incident in found.incidents if incident.alerts]
    assert one.close is None
    assert one.closed_at is None


@pytest.mark.parametrize(("step", "rows_a_day"), [(timedelta(hours=1), 24), (FIVE / 5, 1440)])
def test_longer_and_shorter_rows_find_it_too(step: timedelta, rows_a_day: int) -> None:
    rng = np.random.default_rng(6)
    count, each = 4 * rows_a_day, 2880 / rows_a_day
    volume = rng.poisson(each, count)
    negative = rng.binomial(volume, 0.2)
    surge = slice(3 * rows_a_day, 3 * rows_a_day + rows_a_day // 6)
    extra = rng.poisson(2 * each, rows_a_day // 6)
    volume[surge] += extra
    negative[surge] += extra
    found = detect(
        rows_of(volume.tolist(), negative.tolist(), step), step, name="x", policy=Policy()
    )
    opened = [one.open for one in found.incidents if one.alerts]
    assert len(opened) == 1
    assert surge.start <= opened[0] < surge.start + rows_a_day // 24 + 1


@settings(max_examples=15, deadline=None)
@given(
    counts=st.lists(
        st.tuples(st.floats(0, 1e15), st.floats(0, 1), st.integers(1, 40)), min_size=1, max_size=60
    ),
    bare=st.booleans(),
    cut=st.integers(0, 60),
)
def test_a_score_is_finite_and_uses_no_later_row(
    counts: list[tuple[float, float, int]], bare: bool, cut: int
) -> None:
    at, rows = START, []
    for volume, part, gap in counts:
        rows.append(CountRow(at=at, volume=volume, negative=None if bare else volume * part))
        at += gap * FIVE
    whole = detect(rows, FIVE, name="x", policy=Policy())
    assert all(math.isfinite(score) for score in whole.scores)
    assert detect(rows[:cut], FIVE, name="x", policy=Policy()).scores == whole.scores[:cut]
    for one in whole.incidents:
        assert 0 <= one.since <= one.open < len(rows)
        assert one.close is None or one.open <= one.close < len(rows)


@pytest.mark.parametrize("counts", [(0.0, 0.0), (1e9, 1e9), (50.0, 0.0), (3.0, 1.0)])
def test_what_is_always_the_same_opens_nothing(counts: tuple[float, float]) -> None:
    rows = rows_of([counts[0]] * 2000, [counts[1]] * 2000)
    assert detect(rows, FIVE, name="x", policy=Policy(sensitivity="keen")).incidents == ()


def test_rows_of_weeks_are_refused() -> None:
    with pytest.raises(ValueError, match="a day or shorter"):
        detect(crisis(), timedelta(days=7), name="x", policy=Policy())


def test_a_surge_that_fades_by_half_each_half_hour_has_an_end() -> None:
    fading = [2] * 6 + [42] * 6 + [22] * 6 + [12] * 6 + [7] * 6
    left = fades_in(fading, expected=2.0)
    assert left is not None
    assert timedelta(hours=1) < left < timedelta(hours=2)
    assert fades_in(list(reversed(fading)), expected=2.0) is None
    assert fades_in([2] * 72, expected=2.0) is None
    assert fades_in([], expected=2.0) is None
