"""The robustness suite: what is in it, and that failures are counted rightly."""

from collections import Counter
from collections.abc import Sequence

import pytest

from processors.checks.case import Toward, fails, minimum, moves, same
from processors.checks.suite import ALL, cases, failures, outcomes, rates, run_suite
from processors.models import ENGLISH
from processors.records import Label, Sentiment
from processors.score_constant import ConstantScorer
from processors.score_onnx import OnnxScorer

CASES = cases()


def _said(label: Label, negative: float = 0.2, positive: float = 0.2) -> Sentiment:
    return Sentiment(label, negative, 1 - negative - positive, positive, "test")


class _Neutral:
    """Says neutral to everything, and remembers what it was asked."""

    version = "neutral"

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, str]]] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        self.asked.append(list(zip(texts, languages or [], strict=True)))
        return [_said("neutral") for _ in texts]


def test_there_are_cases_enough_of_everything() -> None:
    languages = Counter(case.language for case in CASES)
    assert len(CASES) >= 450
    assert languages["en"] > len(CASES) / 2
    assert languages["zh"] >= 60
    assert all(languages[code] >= 5 for code in ("es", "fr", "de", "pt", "it", "ar", "hi"))
    assert min(Counter(case.capability for case in CASES).values()) >= 10
    assert min(Counter(case.kind for case in CASES).values()) >= 50


def test_each_case_is_another_one() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({case.text for case in CASES}) == len(CASES)
    assert cases() == CASES


def test_each_case_says_what_it_wants() -> None:
    for case in CASES:
        compared = case.kind != "minimum"
        assert case.text.strip(), case
        assert bool(case.base.strip()) == compared, case
        assert bool(case.labels) != compared, case
        assert case.base != case.text, case
        assert abs(case.by) <= 0.2, case


def test_ids_depend_on_what_is_in_a_case() -> None:
    one, other = minimum("x", "+", ["good", "fine"])
    assert one.id != other.id
    assert one.id == minimum("x", "+", ["good"])[0].id
    assert one.id != minimum("x", "0", ["good"])[0].id


@pytest.mark.parametrize(
    ("labels", "given", "failed"),
    [("+", "positive", False), ("+0", "neutral", False), ("-", "neutral", True)],
)
def test_minimum(labels: str, given: Label, failed: bool) -> None:
    assert fails(minimum("x", labels, ["text"])[0], _said(given), None) is failed


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        (_said("neutral", 0.25), False),
        (_said("neutral", 0.35), True),  # moved by more than 0.1
        (_said("neutral", 0.05), True),
        (_said("positive", 0.2), True),  # another label
    ],
)
def test_invariance(given: Sentiment, failed: bool) -> None:
    case = same("x", [("base", "text")], move=0.1)[0]
    assert fails(case, given, _said("neutral", 0.2)) is failed


@pytest.mark.parametrize(
    ("toward", "by", "given", "failed"),
    [
        ("negative", 0.0, _said("neutral", negative=0.2), False),
        ("negative", 0.1, _said("neutral", negative=0.25), True),
        ("negative", -0.1, _said("neutral", negative=0.15), False),
        ("negative", -0.1, _said("neutral", negative=0.05), True),
        ("less negative", 0.1, _said("neutral", negative=0.05), False),
        ("less negative", 0.0, _said("neutral", negative=0.3), True),
        ("positive", 0.1, _said("neutral", positive=0.4), False),
        ("less positive", 0.1, _said("neutral", positive=0.4), True),
    ],
)
def test_direction(toward: Toward, by: float, given: Sentiment, failed: bool) -> None:
    case = moves("x", toward, [("base", "text")], by=by)[0]
    assert fails(case, given, _said("neutral")) is failed


def test_who_never_has_an_opinion_passes_just_what_asks_for_none() -> None:
    scorer = _Neutral()
    for outcome in outcomes(scorer):
        case = outcome.case
        if case.kind == "minimum":
            assert outcome.failed == ("neutral" not in case.labels)
        else:
            assert outcome.failed == (case.kind == "direction" and case.by > 0)


def test_each_text_is_scored_once_in_its_language() -> None:
    scorer = _Neutral()
    run_suite(scorer)
    (asked,) = scorer.asked
    assert len(asked) == len(set(asked))
    assert set(asked) >= {(case.text, case.language) for case in CASES}


def test_rates_and_failures_agree() -> None:
    scorer = ConstantScorer()
    found, failed = run_suite(scorer), failures(scorer)
    assert found[ALL].cases == len(CASES) == sum(r.cases for r in found.values()) / 2
    assert found[ALL].failed == pytest.approx(len(failed) / len(CASES))
    by_capability = Counter(one.capability for one in failed)
    for capability, rate in found.items():
        if capability != ALL:
            assert rate.failed * rate.cases == pytest.approx(by_capability[capability])


def test_languages_can_be_chosen() -> None:
    scorer = ConstantScorer()
    found = outcomes(scorer, languages=("zh", "ar"))
    assert set(rates(found, by="language")) == {"ar", "zh", ALL}
    assert {one.language for one in failures(scorer, languages=("ar",))} <= {"ar"}
    assert run_suite(scorer, languages=())[ALL].cases == 0


def test_the_shipped_model_keeps_its_head() -> None:
    found = run_suite(OnnxScorer(ENGLISH, threads=1), languages=("en",))
    assert found[ALL].failed < 0.3
    for capability in ("facts", "form", "look-alikes", "intensity"):
        assert found[capability].failed <= 0.1, capability
