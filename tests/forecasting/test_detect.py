"""The detector: what it learns, what it cannot be told, and that nothing breaks it."""

import math
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.detect import step
from forecasting.detector_state import (
    HOUR,
    LEARN_BUCKETS,
    MOOD,
    SCALES,
    TAIL,
    DetectorState,
    Sum,
    accept,
    number,
)
from forecasting.limits import limits_of
from forecasting.records import BUCKET, Bucket, Policy, Quality, Signal, Verdict
from forecasting.signals import ALLOWANCES, View, mood_of, view

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 288


def bucket(at: int, voices: int, negative: int) -> Bucket:
    return Bucket(
        start=START + at * BUCKET,
        volume=voices,
        negative=negative,
        voices=voices,
        negative_voices=negative,
    )


def feed(
    state: DetectorState, at: int, counts: list[tuple[int, int]], **given: Any
) -> tuple[DetectorState, list[Verdict]]:
    verdicts = []
    for i, (voices, negative) in enumerate(counts):
        state, verdict = step(state, bucket(at + i, voices, negative), **given)
        verdicts.append(verdict)
    return state, verdicts


def mood(verdict: Verdict) -> Signal | None:
    return next((s for s in verdict.signals if s.kind in ("negative_surge", "mood_shift")), None)


def of(verdict: Verdict, kind: str) -> Signal | None:
    return next((s for s in verdict.signals if s.kind == kind), None)


def opens(verdict: Verdict, kind: str = "") -> bool:
    signal = of(verdict, kind) if kind else mood(verdict)
    return signal is not None and signal.score >= signal.limit


def days(count: int, an_hour: float = 72, share: float = 0.2, seed: int = 3) -> list[Any]:
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(count * DAY) / DAY
    voices = rng.poisson(an_hour / 12 * np.exp(0.5 * np.sin(phase)))
    return list(zip(voices.tolist(), rng.binomial(voices, share).tolist(), strict=True))


STEADY = [(6, 1), (4, 1), (5, 1), (7, 2), (5, 0), (6, 2)]


def test_a_new_brand_is_learning_until_it_was_seen_for_six_hours_and_cannot_open() -> None:
    _, verdicts = feed(DetectorState(), 0, [(6, 6)] * (LEARN_BUCKETS + HOUR + 5))
    learning = [v.learning for v in verdicts]
    assert learning.index(False) == LEARN_BUCKETS + HOUR - 1
    assert not any(opens(v) for v in verdicts)
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


def test_a_share_that_jumps_opens_and_was_not_learned_before_it_was_scored() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    quiet = state
    state, verdicts = feed(state, 192, [(14, 11)] * HOUR)
    assert opens(verdicts[-1], "negative_surge")
    assert verdicts[-1].share_expected == pytest.approx(
        feed(quiet, 192, STEADY * 2)[1][-1].share_expected, abs=0.01
    )


def test_a_share_that_rises_in_the_usual_number_of_posts_is_a_shift_of_mood() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 96)
    _, verdicts = feed(state, 576, [(6, 4), (5, 4)] * 12)
    assert opens(verdicts[-1], "mood_shift")


def test_a_slow_burn_is_found_in_a_long_window() -> None:
    rng = np.random.default_rng(4)
    state, _ = feed(DetectorState(), 0, STEADY * 96)
    slow = [(6, int(rng.binomial(6, 0.2 + 0.3 * i / 144))) for i in range(144)]
    _, verdicts = feed(state, 576, slow)
    first = next(v for v in verdicts if opens(v))
    signal = mood(first)
    assert signal
    assert signal.minutes >= 180


def test_a_handful_of_posts_opens_nothing_whatever_their_share() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    _, verdicts = feed(state, 192, [(0, 0)] * 11 + [(4, 4)])
    assert not opens(verdicts[-1])


def test_a_share_that_rises_because_others_fall_silent_opens_nothing() -> None:
    state, _ = feed(DetectorState(), 0, [(40, 8)] * 600)
    _, verdicts = feed(state, 600, [(9, 7)] * HOUR)
    assert not any(opens(v) for v in verdicts)


def test_silence_is_no_evidence_of_mood() -> None:
    state, verdicts = feed(DetectorState(), 0, STEADY * 32)
    normal = verdicts[-1].share_expected
    state, verdicts = feed(state, 192, [(0, 0)] * 288)
    assert verdicts[-1].score == 0
    assert verdicts[-1].share == verdicts[-1].share_expected == pytest.approx(normal, abs=0.02)


def test_far_fewer_posts_than_at_this_hour_on_other_days_is_a_silence() -> None:
    counts = days(6)
    state, verdicts = feed(DetectorState(), 0, counts)
    assert not any(opens(v, "silence") for v in verdicts)
    few = [(1 if i % 6 == 0 else 0, 0) for i in range(36)]
    _, verdicts = feed(state, 6 * DAY + 36, few, quality="ok")
    assert any(opens(v, "silence") for v in verdicts)
    assert not any(opens(v) for v in verdicts)


def test_a_gap_is_no_silence_and_a_catch_up_is_no_burst() -> None:
    state, _ = feed(DetectorState(), 0, days(6))
    quiet, verdicts = feed(state, 6 * DAY, [(0, 0)] * 24)
    assert not any(opens(v, "silence") for v in verdicts)
    assert verdicts[-1].quality == "gap"
    after, verdicts = feed(quiet, 6 * DAY + 24, [(80, 16)] * 4 + days(1)[:40])
    assert verdicts[0].quality == "catch_up"
    assert not any(opens(v, kind) for v in verdicts for kind in ("volume_surge", "silence", ""))
    assert after.attention.level / after.attention.weight == pytest.approx(
        state.attention.level / state.attention.weight, rel=0.1
    )


def test_a_burst_beyond_all_before_is_a_volume_surge_and_not_of_mood() -> None:
    state, _ = feed(DetectorState(), 0, days(6))
    _, verdicts = feed(state, 6 * DAY, [(60, 12)] * HOUR, quality="ok")
    assert sum(opens(v, "volume_surge") for v in verdicts) >= 1
    assert not any(opens(v) for v in verdicts)


@pytest.mark.parametrize("quality", ["changed", "relabelled"])
def test_another_model_or_query_has_its_normal_learned_anew(quality: Quality) -> None:
    state, verdicts = feed(DetectorState(), 0, days(3))
    assert not verdicts[-1].learning
    state, (first,) = feed(state, 3 * DAY, [(6, 3)], quality=quality)
    assert first.learning
    assert first.quality == quality
    state, verdicts = feed(state, 3 * DAY + 1, [(6, 3)] * (LEARN_BUCKETS + TAIL))
    assert not any(opens(v) for v in verdicts)
    assert not verdicts[-1].learning
    assert verdicts[-1].share_expected == pytest.approx(0.5, abs=0.07)


def test_buckets_left_out_are_empty_buckets() -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 32)
    for gap in (30, 500, 3000):
        filled, _ = feed(state, 192, [(0, 0)] * gap)
        assert step(filled, bucket(192 + gap, 5, 1)) == step(state, bucket(192 + gap, 5, 1))


def test_a_bucket_is_taken_once_and_in_order() -> None:
    state, _ = feed(DetectorState(), 0, STEADY)
    with pytest.raises(ValueError, match="not after"):
        step(state, bucket(5, 3, 1))


def test_normal_does_not_move_while_an_incident_is_open_and_moves_when_accepted() -> None:
    state, verdicts = feed(DetectorState(), 0, STEADY * 48)
    normal = verdicts[-1].share_expected
    free, _ = feed(state, 288, [(10, 6)] * 60)
    held, _ = feed(state, 288, [(10, 6)] * 60, held=MOOD)
    after_free = step(free, bucket(348, 10, 6))[1].share_expected
    after_held = step(held, bucket(348, 10, 6))[1].share_expected
    assert normal == pytest.approx(after_held, abs=0.01)
    assert after_free > after_held + 0.1
    assert step(accept(held), bucket(348, 10, 6))[1].share_expected > after_free


def of_half_hour(state: DetectorState, voices: int, negative: int, buckets: int = 6) -> View:
    """The view of a last half hour whose voices came in so many buckets alike."""
    total = Sum(voices, negative, voices * voices // buckets)
    assert state.last
    seen = view(replace(state, sums=(total, *state.sums[1:])), 0, number(state.last) + 1)
    assert seen is not None
    return seen


def test_a_crowd_says_no_more_of_the_share_than_twice_the_usual_number() -> None:
    state, _ = feed(DetectorState(), 0, [(20, 4), (18, 3), (22, 5)] * 192)
    usual, twice, ten, hundred = (
        of_half_hour(state, 120 * many, 42 * many).deviations for many in (1, 2, 10, 100)
    )
    assert twice > usual > 2
    assert [ten, hundred] == pytest.approx([twice] * 2, abs=0.01)


def test_voices_of_one_bucket_say_less_than_as_many_of_six() -> None:
    state, _ = feed(DetectorState(), 0, [(20, 4), (18, 3), (22, 5)] * 192)
    spread, at_once = (of_half_hour(state, 120, 42, buckets) for buckets in (6, 1))
    assert at_once.deviations < spread.deviations - 0.3
    assert at_once.share == spread.share


def test_windows_that_agree_say_more_than_the_one_that_says_most() -> None:
    state, _ = feed(DetectorState(), 0, days(4))
    at, limits = number(START) + 4 * DAY, limits_of(Policy())
    one = of_half_hour(state, 36, 18)
    alone = mood_of(state, [one, None, None, None], at, limits)
    other = View(
        scale=1, share=0.4, expected=0.2, variance=0.01, rho=0.01, deviations=one.deviations - 0.5
    )
    both = mood_of(state, [one, other, None, None], at, limits)
    low = replace(other, deviations=0.1)
    assert alone is not None
    assert both is not None
    assert alone.score == pytest.approx(one.deviations - ALLOWANCES[0])
    assert alone.score + 0.1 < both.score < alone.score + other.deviations
    assert both.minutes == alone.minutes == 30
    assert mood_of(state, [one, low, None, None], at, limits) == alone


def test_few_posts_teach_no_swings_that_are_chance() -> None:
    """On the arcsine scale three posts swing by a third more than chance, as shares they do not."""
    rng = np.random.default_rng(8)
    voices = rng.poisson(0.5, 60 * DAY)
    negative = rng.binomial(voices, 0.2)
    state, _ = feed(DetectorState(), 0, list(zip(voices.tolist(), negative.tolist(), strict=True)))
    assert all(level.rho < 0.01 for level in state.levels)


def test_a_state_that_learned_swings_otherwise_forgets_them_and_nothing_else() -> None:
    state, _ = feed(DetectorState(), 0, days(3))
    old = msgspec.json.decode(msgspec.json.encode(state))
    del old["on_shares"]
    old["sums"] = [one[:2] for one in old["sums"]]  # as they were kept then
    wide = {"rho_sum": 900.0, "rho_weight": 5e3, "pending": 9.0, "pending_weight": 40.0}
    levels = tuple(replace(level, **wide) for level in state.levels)
    old["levels"] = msgspec.to_builtins(levels)
    told = msgspec.convert(old, type=DetectorState)
    assert all(level.rho > 0.05 for level in told.levels)
    none = dict.fromkeys(wide, 0.0)
    fresh = replace(state, levels=tuple(replace(level, **none) for level in state.levels))
    assert feed(told, 3 * DAY, days(1)) == feed(fresh, 3 * DAY, days(1))


def test_a_state_of_other_windows_goes_on_with_these() -> None:
    state, _ = feed(DetectorState(), 0, days(4))
    old = msgspec.json.decode(msgspec.json.encode(state))
    del old["scales"]  # as it was kept while the shortest window was a quarter
    newest = state.tail[-3:]
    old["sums"][0] = [sum(c.voices for c in newest), sum(c.negative_voices for c in newest)]
    told = msgspec.convert(old, type=DetectorState)
    told, after = feed(told, 4 * DAY, [(6, 1)] * 100)
    state, as_ever = feed(state, 4 * DAY, [(6, 1)] * 100)
    assert told.scales == state.scales == SCALES
    assert told.sums == state.sums
    assert told.levels[1:] == state.levels[1:]
    assert not any(opens(v) for v in after)
    assert after[0].share_expected == as_ever[0].share_expected


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


counts_of = st.integers(0, 10**9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(counts_of, max_size=100),
    gap=st.integers(0, 10**6),
    held=st.sampled_from([0, 1, 2, 3]),
    quality=st.sampled_from([None, "ok", "gap", "catch_up", "changed", "relabelled"]),
)
def test_verdicts_are_finite_and_the_state_survives_json(
    counts: list[tuple[int, int]], gap: int, held: int, quality: Quality | None
) -> None:
    state, _ = feed(DetectorState(), 0, STEADY * 15)
    state, verdicts = feed(state, 90 + gap, counts, held=held, quality=quality)
    for v in verdicts:
        assert math.isfinite(v.score)
        assert 0 <= v.share_lower <= v.share_expected <= v.share_upper <= 1
        assert 0 <= v.share <= 1
        for signal in v.signals:
            assert math.isfinite(signal.score)
            assert 0 <= signal.lower <= signal.expected <= signal.upper
    body = msgspec.json.encode(state)
    assert msgspec.json.decode(body, type=DetectorState) == state


def test_the_state_stays_small() -> None:
    state, _ = feed(DetectorState(), 0, days(4))
    assert len(msgspec.json.encode(state)) < 5000
    assert state.last == START + (4 * DAY - 1) * BUCKET


def test_a_state_of_before_there_were_windows_goes_on_from_its_share() -> None:
    """As the version before kept it: no levels, other sums, buckets of four numbers."""
    old = {
        "last": "2026-03-01T23:55:00Z",
        "tail": [[6, 1, 6, 1]] * 72,
        "learned_buckets": 276,
        "learned_voices": 1656,
        "weight": 250.0,
        "voices": 1500.0,
        "negative_voices": 750.0,
        "fresh_voices": 600.0,
        "fresh_negative": 100.0,
        "swing": 1.0,
        "swing_weight": 900.0,
        "surprises": [[0.0, 6]] * 12,
    }
    state = msgspec.json.decode(msgspec.json.encode(old), type=DetectorState)
    state, verdict = step(state, bucket(DAY, 6, 3))
    assert not verdict.learning
    assert verdict.share_expected == pytest.approx(0.5, abs=0.03)
