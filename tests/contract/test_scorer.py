"""Every scorer keeps the contract of `processors.score.Scorer`."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.model_card import LABELS
from processors.models import ENGLISH
from processors.records import Sentiment
from processors.score import CachedScorer, Scorer
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer
from processors.score_route import RoutedScorer


@cache
def _onnx() -> OnnxScorer:
    return OnnxScorer(ENGLISH, threads=1)


SCORERS: dict[str, Callable[[], Scorer]] = {
    "onnx": _onnx,
    "constant": ConstantScorer,
    "cached onnx": lambda: CachedScorer(_onnx(), entries=8),
    "cached constant": lambda: CachedScorer(ConstantScorer(), entries=2),
    "routed": lambda: RoutedScorer(_onnx(), ConstantScorer()),
    "cached routed": lambda: CachedScorer(RoutedScorer(ConstantScorer(), _onnx()), entries=8),
}

OPINIONS = {
    "I love this airline, best flight ever, thank you!": "positive",
    "Worst service ever, my flight was cancelled and nobody helped. Terrible.": "negative",
    "The meeting is on Monday at 10 am in Denver.": "neutral",
}

NOTHING = [
    "",
    "   ",
    "https://t.co/abc",
    "\u200f\u200e",
    "\x00\x00",
    "\ud800",
    "a" * 65_536,
    "a " * 32_768,
]

ABSURD = [
    *NOTHING,
    "\U0001f621\U0001f621",
    "\U0001f6b2",
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

LANGUAGES = ["en", "und", "de", "zh"]


@pytest.fixture(params=SCORERS)
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return SCORERS[request.param]()


def check(results: Sequence[Sentiment], scorer: Scorer) -> None:
    """Probabilities are probabilities, and everything else is what it says."""
    for result in results:
        shares = dict(
            zip(
                LABELS,
                (result.p_negative, result.p_neutral, result.p_positive),
                strict=True,
            )
        )
        assert all(0 <= share <= 1 for share in shares.values())
        assert math.isclose(sum(shares.values()), 1, abs_tol=1e-5)
        assert shares[result.label] == max(shares.values())
        assert 0 <= result.oov <= 1
        assert result.model in scorer.version.split("+")


def test_no_texts_have_no_results(scorer: Scorer) -> None:
    assert scorer.score([]) == []
    assert scorer.score([], languages=[]) == []


@pytest.mark.parametrize("languages", [None, ["en"] * 15])
def test_order_is_kept_and_plain_opinions_are_seen(
    scorer: Scorer, languages: list[str] | None
) -> None:
    results = scorer.score(list(OPINIONS) * 5, languages=languages)
    assert [result.label for result in results] == list(OPINIONS.values()) * 5


@pytest.mark.parametrize("texts", [ABSURD, list(OPINIONS), ["x"]])
@pytest.mark.parametrize("language", LANGUAGES)
def test_probabilities_are_probabilities(scorer: Scorer, texts: list[str], language: str) -> None:
    results = scorer.score(texts, languages=[language] * len(texts))
    assert len(results) == len(texts)
    check(results, scorer)


@settings(max_examples=30, deadline=None)
@given(
    asked=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=()), max_size=40),
            st.sampled_from([*LANGUAGES, "xx", ""]),
        ),
        max_size=6,
    )
)
def test_every_text_has_an_answer_of_its_own(asked: list[tuple[str, str]]) -> None:
    texts, languages = [text for text, _ in asked], [language for _, language in asked]
    for make in SCORERS.values():
        scorer = make()
        together = scorer.score(texts, languages=languages)
        check(together, scorer)
        alone = [
            scorer.score([text], languages=[language])[0] for text, language in reversed(asked)
        ]
        assert together == alone[::-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_with_nothing_to_read_is_neutral_and_abstained(
    scorer: Scorer, language: str
) -> None:
    for result in scorer.score(NOTHING, languages=[language] * len(NOTHING)):
        assert (result.label, result.p_neutral, result.abstained) == ("neutral", 1.0, True)


def test_equal_texts_get_equal_results(scorer: Scorer) -> None:
    # Equal as the model reads them: the links differ.
    texts = [f"Great support today https://t.co/{number}" for number in range(3)]
    results = scorer.score([texts[0], "something long in between " * 20, *texts[1:]])
    assert results[0] == results[2] == results[3]


def test_who_says_no_language_says_it_is_not_known(scorer: Scorer) -> None:
    texts = [*OPINIONS, *ABSURD]
    assert scorer.score(texts) == scorer.score(texts, languages=["und"] * len(texts))


def test_the_same_call_gives_the_same_answer() -> None:
    for make in SCORERS.values():
        assert make().score(list(OPINIONS)) == make().score(list(OPINIONS))


def test_an_answer_depends_on_the_text_and_its_language_alone(scorer: Scorer) -> None:
    # Whatever is re-delivered, in whatever company, must come out the same: counts depend on it.
    asked = [(text, language) for text in OPINIONS for language in LANGUAGES]
    crowd = [(f"{text} {number}", "en") for number in range(60) for text in OPINIONS]
    crowd += [(text, "de") for text in ABSURD]
    everyone = asked + crowd
    together = scorer.score(
        [text for text, _ in everyone], languages=[language for _, language in everyone]
    )
    alone = [scorer.score([text], languages=[language])[0] for text, language in asked]
    assert alone == together[: len(asked)]


def test_threads_change_no_answer() -> None:
    texts = [f"{text} {number}" for number in range(40) for text in OPINIONS] + ABSURD
    assert OnnxScorer(ENGLISH, threads=3).score(texts) == _onnx().score(texts)


def test_a_language_that_the_model_does_not_read_is_answered_and_abstained() -> None:
    texts = list(OPINIONS)
    read = _onnx().score(texts, languages=["en"] * len(texts))
    unread = _onnx().score(texts, languages=["xx"] * len(texts))
    assert all(result.abstained for result in unread)
    assert not all(result.abstained for result in read)
    assert [result.label for result in unread] == [result.label for result in read]


def test_what_the_vocabulary_has_nothing_of_is_neutral_and_abstained() -> None:
    runes, long, partly = _onnx().score(["\u16a0\u16a2\u16a6", "ab" * 99, "\u16a0\u16a2 is awful"])
    for nothing in (runes, long):
        assert (nothing.label, nothing.p_neutral, nothing.abstained) == ("neutral", 1.0, True)
        assert nothing.oov == 1
    assert (partly.label, partly.abstained) == ("negative", False)


def test_words_that_are_not_in_the_vocabulary_are_told() -> None:
    plain, new, both = _onnx().score(
        ["the new phone is good", "zxqv blorptastic fnords", "the new phone is blorptastic"]
    )
    assert plain.oov == 0
    assert new.oov == 1
    assert both.oov == pytest.approx(0.2)


class Named(ConstantScorer):
    """Tells by `model` who was asked."""

    def __init__(self, version: str) -> None:
        self.version = version  # type: ignore[misc]


def test_english_goes_to_one_model_and_all_else_to_the_other() -> None:
    scorer = RoutedScorer(Named("one"), Named("two"))
    languages = ["en", "und", "hi", "en", ""]
    results = scorer.score(["love it"] * 5, languages=languages)
    assert [result.model for result in results] == ["one", "two", "two", "one", "two"]
    assert [result.model for result in scorer.score(["love it"])] == ["two"]
    assert scorer.version == "one+two"


# A model that answers at several places.


@pytest.fixture(scope="module", params=[1, 3])
def several(request: pytest.FixtureRequest, several_exits: Path) -> OnnxScorer:
    return OnnxScorer(several_exits, threads=request.param)


CROWD = [f"{text} {number}" for number in range(20) for text in OPINIONS]


def test_sure_texts_are_answered_early_and_the_others_late(several: OnnxScorer) -> None:
    exits = [reading.exit for reading in several.read(CROWD, ["en"] * len(CROWD))]
    assert set(exits) == {0, 1, 2}


def test_the_exit_that_answers_does_not_depend_on_the_company(several: OnnxScorer) -> None:
    together = several.read(CROWD, ["en"] * len(CROWD))
    for text, reading in zip(CROWD, together, strict=True):
        (alone,) = several.read([text], ["en"])
        assert alone.exit == reading.exit
        assert (alone.features == reading.features).all()
        assert (alone.logits == reading.logits).all()
    results = several.score(CROWD, languages=["en"] * len(CROWD))
    assert results == [several.score([text], languages=["en"])[0] for text in CROWD]


def test_an_exit_can_be_told_to_answer(several: OnnxScorer) -> None:
    languages = ["en"] * len(CROWD)
    found = several.read(CROWD, languages)
    for number in range(3):
        forced = several.read(CROWD, languages, answer_at=number)
        assert {reading.exit for reading in forced} == {number}
        same = [
            (one.logits == other.logits).all()
            for one, other in zip(forced, found, strict=True)
            if other.exit == number
        ]
        assert same
        assert all(same)


def test_a_language_has_its_own_calibration(several: OnnxScorer) -> None:
    # The fixture's model makes everything German positive.
    languages = ["de", "en"] * 20
    results = several.score([text for text in CROWD[:20] for _ in "ab"], languages=languages)
    assert {result.label for result in results[::2]} == {"positive"}
    assert {result.label for result in results[1::2]} != {"positive"}
