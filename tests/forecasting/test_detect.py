"""The detector: what it learns, what it cannot be told, and that nothing breaks it."""

import math
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.detect import (
    HOUR,
    LEARN_BUCKETS,
    DetectorState,
    accept,
    is_surge,
    step,
)
from forecasting.records import BUCKET, Bucket, Verdict

START = datetime(2026, 3, 1, tzinfo=UTC)


def bucket(at: int, voices: int, negative: int) -> Bucket:
    return Bucket(
        start=START + at * BUCKET,
        volume=voices,
        negative=negative,
        voices=voices,
        negative_voices=negative,
    )


def feed(
    state: DetectorState, at: int, counts: list[tuple[int, int]], held: int = 0
) -> tuple[DetectorState, list[Verdict]]:
    verdicts = []
    for i, (voices, negative) in enumerate(counts):
        state, verdict = step(state, bucket(at + i, voices, negative), held=held)
        verdicts.append(verdict)
    return state, verdicts


STEADY = [(6, 1), (4, 1), (5, 1), (7, 2), (5, 0), (6, 2)]


def test_a_new_brand_is_learning_until_it_was_seen_for_six_hours_and_cannot_open() -> None:
    state, verdicts = feed(DetectorState(), 0, [(6, 6)] * (LEARN_BUCKETS + HOUR + 5))
    learning = [v.learning for v in verdicts]
    assert learning.index(False) == LEARN_BUCKETS + HOUR - 1
    assert not any(is_surge(state, v) for v in verdicts)
    assert all(v.score == 0 for v in verdicts if v.learning)


def test_a_brand_of_few_posts_learns_longer() -> None:
    _, verdicts = feed(DetectorState(), 0, [(1, 0)] * 100)
    assert verdicts[-1].learning
    _, verdicts = feed(DetectorState(), 0, [(1, 0)] * 120)
    assert not verdicts[-1].learning


def test_the_expected_share_is_learned_and_lies_in_its_band() -> None:
    _, verdicts = feed(DetectorState(), 0, STEADY * 60)
    last = verdicts[-1]
    assert last.share_expected == pytest.approx(7 / 33, abs=0.02)
    assert last.share_lower < last.share_expected < last.share_upper
    early = verdicts[LEARN_BUCKETS + HOUR]
    assert early.share_upper - early.share_lower > last.share_upper - last.share_lower


def test_a_share_that_jumps_is_a_surge_and_was_not_learned_before_it_was_scored() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    quiet = state
    state, verdicts = feed(state, 192, [(14, 11)] * HOUR)
    assert is_surge(state, verdicts[-1])
    assert verdicts[-1].share_expected == pytest.approx(
        feed(quiet, 192, STEADY * 2)[1][-1].share_expected, abs=0.01
    )


def test_few_posts_are_no_surge_whatever_their_share() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    state, verdicts = feed(state, 192, [(0, 0)] * 11 + [(9, 9)])
    assert verdicts[-1].score > 3.5
    assert not is_surge(state, verdicts[-1])


def test_a_share_that_rises_because_others_fall_silent_is_no_surge() -> None:
    state, _ = feed(DetectorState(), 0, [(40, 8)] * 200)
    state, verdicts = feed(state, 200, [(9, 7)] * HOUR)
    assert verdicts[-1].score > 3.5
    assert not is_surge(state, verdicts[-1])


def test_silence_is_no_evidence() -> None:
    state, verdicts = feed(DetectorState(), 0, STEADY * 32)
    normal = verdicts[-1].share_expected
    state, verdicts = feed(state, 192, [(0, 0)] * 288)
    assert verdicts[-1].score == 0
    assert verdicts[-1].share == verdicts[-1].share_expected == pytest.approx(normal, abs=0.02)
    _, verdicts = feed(state, 480, STEADY * 4)
    assert verdicts[-1].share_expected == pytest.approx(normal, abs=0.02)


def test_buckets_left_out_are_empty_buckets() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    filled, _ = feed(state, 192, [(0, 0)] * 30)
    assert step(filled, bucket(222, 5, 1)) == step(state, bucket(222, 5, 1))


def test_a_bucket_is_taken_once_and_in_order() -> None:
    state, _ = feed(DetectorState(), 0, STEADY)
    with pytest.raises(ValueError, match="not after"):
        step(state, bucket(5, 3, 1))


def test_normal_hardly_moves_while_an_incident_is_open_and_moves_when_accepted() -> None:
    state, verdicts = feed(DetectorState(), 0, STEADY * 48)
    normal = verdicts[-1].share_expected
    free, _ = feed(state, 288, [(10, 6)] * 60)
    held, _ = feed(state, 288, [(10, 6)] * 60, held=1)
    after_free = step(free, bucket(348, 10, 6))[1].share_expected
    after_held = step(held, bucket(348, 10, 6))[1].share_expected
    assert normal < after_held < normal + 0.04 < after_free
    assert step(accept(held), bucket(348, 10, 6))[1].share_expected > after_free


def test_a_brand_whose_mood_swings_gets_a_wider_band() -> None:
    rng = np.random.default_rng(5)
    calm = [(20, int(rng.binomial(20, 0.3))) for _ in range(600)]
    swinging = []
    for hour in range(50):
        share = 0.12 if hour % 2 else 0.48
        swinging += [(20, int(rng.binomial(20, share))) for _ in range(12)]
    a = feed(DetectorState(), 0, calm)[1][-1]
    b = feed(DetectorState(), 0, swinging)[1][-1]
    assert b.share_upper - b.share_lower > 1.5 * (a.share_upper - a.share_lower)


@given(
    counts=st.lists(
        st.integers(0, 10**9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        max_size=120,
    ),
    gap=st.integers(0, 10**6),
    held=st.sampled_from([0, 1, 500]),
)
def test_verdicts_are_finite_and_the_state_survives_json(
    counts: list[tuple[int, int]], gap: int, held: int
) -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 15)
    state, verdicts = feed(state, 90 + gap, counts, held)
    for v in verdicts:
        assert math.isfinite(v.score)
        assert 0 <= v.share_lower <= v.share_expected <= v.share_upper <= 1
        assert 0 <= v.share <= 1
    body = msgspec.json.encode(state)
    assert msgspec.json.decode(body, type=DetectorState) == state


def test_the_state_stays_small() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 200)
    assert len(msgspec.json.encode(state)) < 3000
    assert state.last is not None
    assert state.last - START == timedelta(minutes=5) * 1199
