"""Every scorer keeps the contract of `processors.score.Scorer`."""

import math
from collections.abc import Callable
from functools import cache

import pytest

from processors.evaluate import SHIPPED
from processors.score import CachedScorer, Scorer
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer


@cache
def _onnx() -> OnnxScorer:
    return OnnxScorer(SHIPPED, threads=1)


SCORERS: dict[str, Callable[[], Scorer]] = {
    "onnx": _onnx,
    "constant": ConstantScorer,
    "cached onnx": lambda: CachedScorer(_onnx(), entries=8),
    "cached constant": lambda: CachedScorer(ConstantScorer(), entries=2),
}

OPINIONS = {
    "I love this airline, best flight ever, thank you!": "positive",
    "Worst service ever, my flight was cancelled and nobody helped. Terrible.": "negative",
    "The meeting is on Monday at 10 am in Denver.": "neutral",
}

NOTHING = [
    "",
    "   ",
    "\U0001f621\U0001f621",
    "https://t.co/abc",
    "\u200f\u200e",
    "\x00\x00",
    "\ud800",
]

ABSURD = [
    *NOTHING,
    "a" * 65_536,
    "a " * 32_768,
    "no " * 20_000 + "\u202e",
    "\ud83d broken \udc00 halves",
    "\u05e9\u05dc\u05d5 hello \u0645\u0631 \u4f60\u597d \u041f\u0440\u0438",
    "nul\x00nul",
    "[CLS] [SEP] [PAD] [UNK] [MASK]",
    "\ufdfa" * 1_000,
    "e" + "\u0301" * 5_000,
    "0",
    ".",
]


@pytest.fixture(params=SCORERS)
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return SCORERS[request.param]()


def test_no_texts_have_no_results(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_order_is_kept_and_plain_opinions_are_seen(scorer: Scorer) -> None:
    texts = list(OPINIONS) * 5
    assert [result.label for result in scorer.score(texts)] == list(OPINIONS.values()) * 5


@pytest.mark.parametrize("texts", [ABSURD, list(OPINIONS), ["x"]])
def test_probabilities_are_probabilities(scorer: Scorer, texts: list[str]) -> None:
    results = scorer.score(texts)
    assert len(results) == len(texts)
    for result in results:
        shares = {
            "negative": result.p_negative,
            "neutral": result.p_neutral,
            "positive": result.p_positive,
        }
        assert all(0 <= share <= 1 for share in shares.values())
        assert math.isclose(sum(shares.values()), 1, abs_tol=1e-5)
        assert shares[result.label] == max(shares.values())
        assert result.model == scorer.version


def test_a_text_with_nothing_to_read_is_neutral(scorer: Scorer) -> None:
    for result in scorer.score(NOTHING):
        assert (result.label, result.p_neutral) == ("neutral", 1.0)


def test_equal_texts_get_equal_results(scorer: Scorer) -> None:
    # Equal as the model reads them: the links differ.
    texts = [f"Great support today https://t.co/{number}" for number in range(3)]
    results = scorer.score([texts[0], "something long in between " * 20, *texts[1:]])
    assert results[0] == results[2] == results[3]


def test_the_same_call_gives_the_same_answer() -> None:
    for make in SCORERS.values():
        assert make().score(list(OPINIONS)) == make().score(list(OPINIONS))


def test_an_answer_depends_on_the_text_alone(scorer: Scorer) -> None:
    # Whatever is re-delivered, in whatever company, must come out the same: counts depend on it.
    crowd = [f"{text} {number}" for number in range(60) for text in OPINIONS] + ABSURD
    together = scorer.score(list(OPINIONS) + crowd)[: len(OPINIONS)]
    assert [scorer.score([text])[0] for text in OPINIONS] == together


def test_threads_change_no_answer() -> None:
    texts = [f"{text} {number}" for number in range(40) for text in OPINIONS] + ABSURD
    assert OnnxScorer(SHIPPED, threads=3).score(texts) == _onnx().score(texts)
