"""Heads moved by corrections, and which of them may go live."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from processors.learn import Candidate, propose, usable, version_of, write_model
from processors.learn_fit import Head, answers, fit, seen
from processors.learn_judge import MARGIN, Verdict, by_chance, difference, judged
from processors.model_card import ANY, HEADS_FILE, LABELS, Calibration, Card, Exit
from processors.model_folder import read_card, read_heads
from processors.models import ENGLISH
from processors.replay import Labelled, Replay
from processors.score_onnx import OnnxScorer

WIDTH, TOPIC = 16, 9
CENTRES = 2.0 * np.eye(3, WIDTH)
Floats32 = NDArray[np.float32]


def a_card(exits: int = 1) -> Card:
    points = [
        Exit(
            file=f"exit-{number}.onnx",
            calibration={ANY: Calibration(temperature=1.0)},
            answers_from=0.0 if number == exits - 1 else 0.9,
        )
        for number in range(exits)
    ]
    return Card(
        name="made up",
        version="made-up-1",
        labels=LABELS,
        exits=tuple(points),
        max_tokens=64,
        languages=("en",),
    )


def posts_about(labels: NDArray[np.int64], seed: int) -> Floats32:
    rng = np.random.default_rng(seed)
    return (CENTRES[labels] + rng.normal(0, 1, (len(labels), WIDTH))).astype(np.float32)


def a_replay(exits: int = 1, posts: int = 6_000) -> Replay:
    labels = np.arange(posts, dtype=np.int64) % 3
    return Replay(
        features=[posts_about(labels, seed) for seed in range(exits)],
        labels=labels,
        languages=np.full(posts, "en"),
        held_out=np.arange(posts) % 2 == 0,
    )


HEAD = Head(2.0 * np.eye(3, WIDTH), np.zeros(3))


def on_a_new_topic(count: int) -> tuple[Floats32, NDArray[np.int64]]:
    """Posts on two topics that are new: what looks positive is negative, and the other way."""
    looks = np.array([2, 0] * (count // 2))
    features = posts_about(looks, 77)
    features[np.arange(count), TOPIC + looks // 2] += 12.0
    return features, 2 - looks


def proposed(features: Floats32, labels: NDArray[np.int64], *, exits: int = 1) -> Candidate:
    told = [Labelled(f"text {n:04}", int(label), "en") for n, label in enumerate(labels)]
    return propose(a_card(exits), [HEAD] * exits, a_replay(exits), told, [features] * exits)


@pytest.mark.parametrize("exits", [1, 2, 3])
def test_what_corrections_have_in_common_is_learnt(exits: int) -> None:
    found = proposed(*on_a_new_topic(30), exits=exits)
    assert found.verdict.accepted, found.verdict.reason
    assert found.verdict.mended >= 5
    assert found.verdict.spoilt == 0
    assert len(found.heads) == len(found.card.exits) == exits
    # What it knew it still knows.
    assert abs(found.verdict.recall_after - found.verdict.recall_before) < MARGIN
    assert found.card.parent == "made-up-1"
    assert found.card.version == found.verdict.version
    assert found.card.validation is not None
    assert found.card.validation.macro_recall == pytest.approx(found.verdict.recall_after)


def test_the_same_corrections_give_the_same_model() -> None:
    one, two = (proposed(*on_a_new_topic(24)) for _ in range(2))
    assert one.verdict == two.verdict
    assert one.card == two.card
    assert (one.heads[0].weight == two.heads[0].weight).all()


def test_labels_at_random_teach_nothing_and_are_refused() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 60)
    found = proposed(posts_about(np.full(60, 2), 5), labels)
    assert not found.verdict.accepted
    assert "no better" in found.verdict.reason


def test_corrections_that_would_undo_what_it_knows_are_refused() -> None:
    true = np.arange(1_500) % 3
    found = proposed(posts_about(true, 5), (true + 1) % 3)
    assert not found.verdict.accepted


def verdict(**changed: Any) -> Verdict:
    fields: dict[str, Any] = {
        "version": "v",
        "parent": "p",
        "accepted": False,
        "reason": "",
        "corrections": 40,
        "right_before": 10,
        "mended": 9,
        "spoilt": 1,
        "held_out": 1_500,
        "recall_before": 0.72,
        "recall_after": 0.725,
        "low": -0.005,
        "high": 0.015,
    }
    return judged(Verdict(**{**fields, **changed}))


def test_both_conditions_have_to_hold() -> None:
    assert verdict().accepted
    assert "may lose 1.2 points" in verdict(low=-0.012).reason
    assert "mends 5 and spoils 1" in verdict(mended=5).reason
    assert not verdict(low=-0.012).accepted
    assert not verdict(mended=5).accepted
    assert not verdict(mended=0, spoilt=0).accepted


@pytest.mark.parametrize(
    ("mended", "spoilt", "chance"), [(0, 0, 1.0), (5, 0, 1 / 32), (0, 5, 1.0), (2, 1, 0.5)]
)
def test_the_sign_test(mended: int, spoilt: int, chance: float) -> None:
    assert by_chance(mended, spoilt) == pytest.approx(chance)


def test_without_a_wrong_answer_a_head_does_not_move() -> None:
    replay = a_replay()
    calibration = {ANY: Calibration(temperature=1.3, offsets=(0.1, 0.0, -0.1))}
    posts = seen(replay.features[0], replay.languages, calibration)
    right = answers(HEAD, posts).argmax(1)[:40]
    few = seen(replay.features[0][:40], replay.languages[:40], calibration)
    moved = fit(HEAD, posts, few, right)
    assert np.abs(moved.weight - HEAD.weight).max() < 1e-3
    assert np.abs(moved.bias - HEAD.bias).max() < 1e-3


def test_too_few_held_out_posts_to_tell_is_a_no() -> None:
    true = np.arange(30, dtype=np.int64) % 3
    before = true.copy()
    after = true.copy()
    after[0] = (true[0] + 1) % 3
    assert difference(true, before, after, seed=0)["low"] < -MARGIN


@given(seed=st.integers(0, 1_000))
def test_the_interval_holds_the_difference_and_is_seeded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = np.arange(300) % 3
    before, after = (np.where(rng.random(300) < 0.7, true, rng.integers(0, 3, 300)) for _ in "ab")
    found = difference(true, before, after, seed=seed)
    gain = found["recall_after"] - found["recall_before"]
    assert found["low"] <= gain <= found["high"]
    assert found == difference(true, before, after, seed=seed)
    same = difference(true, before, before, seed=seed)
    assert same["low"] == same["high"] == 0


def test_what_the_model_cannot_read_is_left_out_and_the_last_word_counts() -> None:
    told = [
        Labelled("Nice  one http://a.example", 2, "en"),
        Labelled("Nice one", 0, "en"),
        Labelled("https://a.example", 0, "en"),
        Labelled("nicht gut", 0, "de"),
    ]
    found = usable(told, a_card())
    assert [(one.label, one.language) for one in found if one.text == "Nice one"] == [(0, "en")]
    assert all(one.language == "en" and one.text for one in found)
    again = usable([*told, Labelled("Nice one", 1, "en")], a_card())
    assert [one.label for one in again if one.text == "Nice one"] == [1]


def test_the_version_says_what_was_learnt_from_whatever_the_order() -> None:
    told = [Labelled(f"text {n}", n % 3, "en") for n in range(5)]
    card = a_card()
    version = version_of(card, usable(told, card))
    assert version.startswith("made-up-1.c")
    assert version == version_of(card, usable(told[::-1], card))
    assert version != version_of(card, usable(told[1:], card))


def test_a_written_model_answers_with_its_own_heads(tmp_path: Path) -> None:
    parent = Path(shutil.copytree(ENGLISH, tmp_path / "parent"))
    card = read_card(parent)
    known = read_heads(parent, len(card.exits))
    heads = [Head(weight, bias + 50 * np.eye(3)[0]) for weight, bias in known]
    new = Candidate(proposed(*on_a_new_topic(20)).verdict, heads, card)
    folder = tmp_path / "models" / "v.c1"
    write_model(new, parent=parent, folder=folder)
    assert (folder / card.exits[0].file).samefile(parent / card.exits[0].file)
    assert not (folder / HEADS_FILE).samefile(parent / HEADS_FILE)
    (result,) = OnnxScorer(folder, threads=1).score(["I love it"], languages=["en"])
    assert result.label == "negative"
    (before,) = OnnxScorer(parent, threads=1).score(["I love it"], languages=["en"])
    assert before.label == "positive"
