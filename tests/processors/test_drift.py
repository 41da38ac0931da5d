"""Drift: told when there is some, and only then."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.drift import LEAST_POSTS, SPAN, DriftWatch, Observed, anchor, next_span, signals

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BUCKET = timedelta(minutes=5)
DAY = 288


def stream(
    seed: int,
    buckets: int,
    *,
    since: int = 10**9,
    confidence: float = 6.0,
    oov: float = 2.0,
    german: float = 0.1,
    model: str = "m1",
    later: str = "",
) -> list[Observed]:
    """Buckets of a steady stream; from bucket `since` on it is what the arguments say."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(buckets):
        new = number >= since
        posts = int(rng.integers(LEAST_POSTS, 60))
        mix = [0.85 - (german if new else 0.1), 0.03, 0.12, german if new else 0.1]
        counts = rng.multinomial(posts, mix)
        found.append(
            Observed(
                start=MONDAY + number * BUCKET,
                posts=posts,
                confidence=float(rng.beta(confidence if new else 6.0, 3, posts).mean()),
                oov=float(rng.beta(oov if new else 2.0, 20, posts).mean()),
                model=(later or model) if new else model,
                languages=dict(zip(("en", "und", "es", "de"), counts.tolist(), strict=True)),
            )
        )
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_steady_day_has_no_event(seed: int) -> None:
    assert DriftWatch().feed(stream(seed, DAY)) == []


@pytest.mark.parametrize(
    ("changed", "signal"),
    [
        ({"confidence": 3.0}, "confidence"),
        ({"oov": 6.0}, "oov"),
        ({"german": 0.4}, "language:de"),
        ({"german": 0.4}, "language:not en"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_that_stays_is_found_within_half_a_day(
    seed: int, changed: dict[str, float], signal: str
) -> None:
    found = DriftWatch().feed(stream(seed, 2 * DAY, since=DAY, **changed))  # type: ignore[arg-type]
    mine = [one for one in found if one.signal == signal]
    assert len(mine) == 1  # told once
    assert MONDAY + DAY * BUCKET <= mine[0].at < MONDAY + (DAY + DAY // 2) * BUCKET
    assert abs(mine[0].after - mine[0].before) > 0.02
    allowed = {*changed, "language:de", "language:not en"} if "german" in changed else {*changed}
    assert {one.signal for one in found} <= allowed


def test_another_model_is_no_drift() -> None:
    buckets = stream(4, 2 * DAY, since=DAY, confidence=3.0, later="m2")
    assert DriftWatch().feed(buckets) == []
    back = DriftWatch().feed(stream(4, 2 * DAY, since=DAY, confidence=3.0))
    assert {one.signal for one in back} == {"confidence"}


@given(cuts=st.lists(st.integers(1, 2 * DAY - 1), max_size=4))
def test_how_the_stream_is_cut_changes_nothing(cuts: list[int]) -> None:
    buckets = stream(1, 2 * DAY, since=DAY, german=0.5)
    whole = DriftWatch().feed(buckets)
    watch = DriftWatch()
    edges = [0, *sorted(cuts), len(buckets)]
    parts = [watch.feed(buckets[a:b]) for a, b in pairwise(edges)]
    assert [one for part in parts for one in part] == whole
    assert whole


def test_a_bucket_with_few_posts_says_nothing() -> None:
    buckets = stream(1, DAY)
    loud = Observed(
        start=MONDAY, posts=LEAST_POSTS - 1, confidence=0.0, oov=1.0, model="m9", languages={}
    )
    between = [each for bucket in buckets for each in (bucket, loud)]
    assert DriftWatch().feed(between) == DriftWatch().feed(buckets) == []


def test_what_is_watched_is_a_share() -> None:
    for bucket in stream(2, 50):
        assert all(-1e-9 <= value <= 1 for value in signals(bucket).values())


@given(days=st.integers(0, 20_000), minutes=st.integers(0, 1439))
def test_detectors_begin_one_to_two_spans_before(days: int, minutes: int) -> None:
    moment = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(days=days, minutes=minutes)
    assert SPAN <= moment - anchor(moment) < 2 * SPAN
    assert anchor(next_span(moment)) == anchor(moment) + SPAN
    assert anchor(next_span(moment) - timedelta(seconds=1)) == anchor(moment)
