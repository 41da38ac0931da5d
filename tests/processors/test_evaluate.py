"""Judging a model: the card's numbers, sets of several languages, and the shipped model's own."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import msgspec
import pytest

from processors.checks import Attack
from processors.evaluate import (
    DataFile,
    Evaluation,
    Judged,
    Part,
    Speed,
    judge,
    part,
    quality,
    speed,
)
from processors.evaluate_text import as_text
from processors.labelled import APART, Labelled, read_judged
from processors.model_card import CARD_FILE, Card, FailureRate, Shift
from processors.models import ENGLISH
from processors.records import Label, Sentiment
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer

DATA = Path(__file__).parents[3] / "shared" / "data" / "tweeteval"


def _said(label: Label, sure: float = 1.0) -> Sentiment:
    rest = (1 - sure) / 2
    shares = [sure if name == label else rest for name in ("negative", "neutral", "positive")]
    return Sentiment(label, shares[0], shares[1], shares[2], "test")


def test_all_right() -> None:
    labels: list[Label] = ["negative", "neutral", "positive"]
    found = quality(labels, [_said(label) for label in labels])
    assert (found.macro_recall, found.accuracy, found.macro_f1, found.ece) == (1, 1, 1, 0)


def test_recall_weighs_classes_alike_and_accuracy_posts() -> None:
    labels: list[Label] = ["neutral"] * 8 + ["negative", "positive"]
    found = quality(labels, [_said("neutral")] * 10)
    assert found.accuracy == pytest.approx(0.8)
    assert found.macro_recall == pytest.approx(1 / 3)
    assert found.macro_f1 == pytest.approx((2 * 8 / 18) / 3)
    assert found.confusion == ((0, 1, 0), (0, 8, 0), (0, 1, 0))


def test_a_class_without_labels_does_not_count() -> None:
    found = quality(["negative", "positive"], [_said("negative"), _said("positive")])
    assert (found.macro_recall, found.macro_f1) == (1, 1)


@pytest.mark.parametrize(
    ("sure", "right", "ece"),
    [
        (0.8, 8, 0.0),  # says 80 %, is right 80 % of the time
        (0.95, 5, 0.45),  # over-confident
        (0.5, 9, 0.4),  # under-confident
    ],
)
def test_calibration_error(sure: float, right: int, ece: float) -> None:
    labels: list[Label] = ["negative"] * right + ["positive"] * (10 - right)
    assert quality(labels, [_said("negative", sure)] * 10).ece == pytest.approx(ece)


def test_needs_one_result_a_label_and_at_least_one() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quality([], [])
    with pytest.raises(ValueError, match="zip"):
        quality(["neutral"], [])


class Told(ConstantScorer):
    """Remembers what it was asked, without the first call, which only warms up."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, set[str]]] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        self.asked.append((len(texts), set(languages or ())))
        return super().score(texts)


def test_posts_are_scored_in_batches_in_their_languages() -> None:
    rows = [Labelled("so good", 2, "en", "val")] * 600 + [Labelled("gut", 2, "de", "val")] * 10
    scorer, ticks = Told(), count(10.0, 2.0)
    done: list[int] = []
    judged = judge(scorer, rows, cpu_clock=lambda: next(ticks), progress=done.append)
    assert scorer.asked == [(1, {"en"}), (512, {"en"}), (98, {"en", "de"})]
    assert done == [512, 98]
    assert (len(judged.results), judged.cpu_seconds) == (610, 2.0)
    judge(scorer, rows[:2], cpu_clock=lambda: 0.0, language=lambda row: "und")
    assert scorer.asked[-1] == (2, {"und"})


def _judged(*rows: tuple[str, str, int, Label]) -> Judged:
    """Language, split, true label, given label of each post."""
    posts = [Labelled("text", label, language, split) for language, split, label, _ in rows]
    return Judged(posts, [_said(given) for _, _, _, given in rows], 1.0)


def test_one_language_is_summed_up_by_its_macro_recall() -> None:
    found = part(
        _judged(
            ("en", "val", 0, "negative"), ("en", "val", 0, "neutral"), ("en", "val", 2, "positive")
        ),
        [],
        seed=0,
    )
    assert found.headline.measure == "macro recall"
    assert found.headline.value == pytest.approx(0.75)
    assert found.headline.low <= 0.75 <= found.headline.high
    assert set(found.by_language) == {"en"}


def test_several_languages_by_the_mean_of_their_macro_f1_and_none_of_those_apart() -> None:
    good: list[tuple[str, str, int, Label]] = [("en", "val", 0, "negative")] * 9
    bad: list[tuple[str, str, int, Label]] = [("de", "val", 2, "neutral")]
    apart: list[tuple[str, str, int, Label]] = [("hi", APART, 2, "neutral")] * 30
    found = part(_judged(*good, *bad, *apart), [], seed=0)
    assert found.headline.measure == "macro F1, mean over languages"
    assert found.headline.value == 0.5  # a language counts as one, however many its posts
    assert (found.overall.posts, found.overall.accuracy) == (10, 0.9)
    assert (set(found.by_language), set(found.apart)) == ({"en", "de"}, {"hi"})
    alone = part(_judged(*apart), [], seed=0)
    assert alone.overall.posts == 30  # nothing else was asked about


def test_the_interval_is_the_seeds() -> None:
    rows: list[tuple[str, str, int, Label]] = [("en", "val", 0, "negative")] * 30
    rows += [("en", "val", 0, "neutral")] * 10 + [("en", "val", 2, "positive")] * 20
    first, again, other = (part(_judged(*rows), [], seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.headline != other.headline
    assert first.headline.low < first.headline.value < first.headline.high


def test_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="nothing"):
        part(Judged([], [], 0.0), [], seed=0)


def _evaluation(found: Part) -> Evaluation:
    return Evaluation(
        date="2026-03-01",
        groundswell="1.2.3",
        model="minilm-x",
        data={"tweets": found},
        speed=Speed(posts_per_cpu_second=612.5, cpu_seconds=3.0, threads=2, machine="a machine"),
        robustness={"negation": FailureRate(cases=40, failed=0.125)},
        bias={"religion: Sikh": Shift(cases=30, mean=-0.014)},
        attacks={"typos": Attack(posts=9, accuracy_before=0.7, accuracy_after=0.6, flipped=0.2)},
    )


def test_the_document_reads_back_the_same() -> None:
    rows: list[tuple[str, str, int, Label]] = [
        ("en", "val", 0, "negative"),
        ("hi", APART, 0, "neutral"),
    ]
    files = [DataFile(name="a.csv", sha256="00")]
    whole = _evaluation(part(_judged(*rows), files, seed=0))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Evaluation) == whole


def test_a_person_sees_every_figure() -> None:
    rows: list[tuple[str, str, int, Label]] = [
        ("en", "val", 0, "negative"),
        ("de", "val", 1, "positive"),
        ("hi", APART, 0, "neutral"),
    ]
    shown = as_text(_evaluation(part(_judged(*rows), [], seed=0)))
    for words in (
        "minilm-x, groundswell 1.2.3, 2026-03-01",
        "tweets: 2 posts",
        "macro F1, mean over languages: 50.0 (95 % of resamples: 50.0 to 50.0)",
        "precision    recall        F1     posts",
        "calibration error 50.0 (of chance alone 0.0, 0.0 to 0.0); answers 100.0, abstains 0.0",
        "negative share: true 50.0, counted 50.0, mean probability 50.0",
        "negation                            40      12.5",
        "religion: Sikh",
        "typos",
        "612 posts per CPU-second (2 threads, a machine)",
    ):
        assert words in shown
    languages = [line.split()[0] for line in shown.splitlines() if line[:2] in ("en", "de", "hi")]
    assert languages == ["de", "en", "hi"]


def test_speed_is_of_all_sets_together() -> None:
    posts = [Labelled("x", 1, "en", "val")] * 30
    found = speed([Judged(posts, [], 1.0), Judged(posts, [], 2.0)], threads=2, machine="x")
    assert (found.posts_per_cpu_second, found.cpu_seconds) == (20.0, 3.0)


@pytest.mark.skipif(not DATA.exists(), reason="the TweetEval tweets are not beside the checkout")
def test_the_card_tells_the_truth() -> None:
    scorer = OnnxScorer(ENGLISH, threads=2)
    judged = judge(scorer, read_judged(DATA), cpu_clock=lambda: 0.0)
    found = part(judged, [], seed=0)
    assert found.headline.value > 0.70
    card = msgspec.json.decode((ENGLISH / CARD_FILE).read_bytes(), type=Card)
    assert card.validation is not None
    # Another CPU rounds differently.
    assert found.overall.macro_recall == pytest.approx(card.validation.macro_recall, abs=0.01)
    assert found.overall.ece == pytest.approx(card.validation.ece, abs=0.02)
