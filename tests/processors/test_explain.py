"""Which words moved a score."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.explain import MAX_WORDS, Explanation, WordEffect, explain, largest_first
from processors.models import ENGLISH
from processors.records import Sentiment
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer


class Counting(ConstantScorer):
    """Remembers how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], list[str]]] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        self.calls.append((list(texts), list(languages or ())))
        return super().score(texts)


def test_the_word_without_which_the_label_falls_has_the_effect() -> None:
    found = explain(ConstantScorer(), "a  terrible day,\nsaid I", language="en")
    assert found.label == "negative"
    assert found.words == (
        WordEffect("a", 0.0),
        WordEffect("terrible", 0.7),
        WordEffect("day,", 0.0),
        WordEffect("said", 0.0),
        WordEffect("I", 0.0),
    )


def test_everything_is_one_call_in_the_texts_language() -> None:
    scorer = Counting()
    explain(scorer, "gut und schlecht", language="de")
    [(texts, languages)] = scorer.calls
    assert texts == ["gut und schlecht", " und schlecht", "gut  schlecht", "gut und "]
    assert languages == ["de"] * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("so #NotGood\u5566!", ["so", "#NotGood\u5566", "!"]),
        (
            "good\U0001f621\U0001f621 \u2764\ufe0f",
            ["good", "\U0001f621", "\U0001f621", "\u2764\ufe0f"],
        ),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467!",
            ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "!"],
        ),
        (
            "\U0001f44d\U0001f3fd\U0001f1e9\U0001f1ea",
            ["\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea"],
        ),
        ("服务太差了，Apple不行", ["服务", "太差", "了", "，Apple", "不行"]),
        ("すごく良い", ["すご", "く良", "い"]),
        ("정말 좋아요", ["정말", "좋아요"]),
        ("don't @acme https://t.co/x", ["don't", "@acme", "https://t.co/x"]),
    ],
)
def test_words_are_as_published(text: str, words: list[str]) -> None:
    found = explain(ConstantScorer(), text, language="und")
    assert [one.word for one in found.words] == words


def test_of_a_long_text_the_first_words_are_tried() -> None:
    scorer = Counting()
    found = explain(scorer, "word " * 300 + "terrible", language="en")
    assert found.label == "negative"  # of the whole text all the same
    assert len(found.words) == MAX_WORDS
    assert len(scorer.calls[0][0]) == MAX_WORDS + 1


def test_the_strongest_support_comes_first_and_what_moved_nothing_is_left_out() -> None:
    words = (
        WordEffect("a", 0.001),
        WordEffect("b", -0.2),
        WordEffect("c", 0.1),
        WordEffect("d", 0.3),
    )
    shown = largest_first(Explanation("negative", words))
    assert [one.word for one in shown] == ["d", "c", "b"]


@given(st.text(st.characters(codec=None)), st.sampled_from(["en", "zh", "und"]))
def test_there_is_an_explanation_of_any_text(text: str, language: str) -> None:
    found = explain(ConstantScorer(), text, language=language)
    assert found.label == ConstantScorer().score([text])[0].label
    at = 0
    for word, effect in found.words:
        assert word
        at = text.index(word, at) + len(word)  # in order, and none of them twice
        assert -1 <= effect <= 1


@pytest.mark.parametrize(
    "text", ["", " \n", "\ud800", "\U0001f621" * 200, "a" * 70_000, "\u202e\x00"]
)
def test_odd_texts_and_a_real_model(text: str) -> None:
    scorer = OnnxScorer(ENGLISH, threads=1)
    found = explain(scorer, text, language="und")
    assert found.label == scorer.score([text])[0].label


def test_a_real_model_is_moved_by_the_word_of_opinion() -> None:
    scorer = OnnxScorer(ENGLISH, threads=1)
    found = explain(scorer, "The staff at the desk was terrible today", language="en")
    assert largest_first(found)[0].word == "terrible"
