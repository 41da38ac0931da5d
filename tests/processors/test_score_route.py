"""Posts to the model that reads their language."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from processors.records import Sentiment
from processors.score_constant import ConstantScorer
from processors.score_route import RoutedScorer


class Named(ConstantScorer):
    """Remembers what it was asked, and says its name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.asked: list[tuple[str, str]] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        assert languages is not None, "a model must be told the language"
        self.asked += zip(texts, languages, strict=True)
        return [Sentiment("neutral", 0.0, 1.0, 0.0, f"{self._name} {text}") for text in texts]


CODES = st.sampled_from(["en", "de", "und", "hi", ""])


@given(asked=st.lists(st.tuples(st.text(max_size=5), CODES), max_size=12))
def test_each_is_asked_what_it_reads_and_answers_come_in_order(
    asked: list[tuple[str, str]],
) -> None:
    english, others = Named("english"), Named("others")
    results = RoutedScorer(english, others).score(
        [text for text, _ in asked], languages=[code for _, code in asked]
    )
    expected = [f"{'english' if code == 'en' else 'others'} {text}" for text, code in asked]
    assert [result.model for result in results] == expected
    assert english.asked == [one for one in asked if one[1] == "en"]
    assert others.asked == [one for one in asked if one[1] != "en"]


def test_texts_of_unknown_language_go_to_the_model_of_many() -> None:
    english, others = Named("english"), Named("others")
    RoutedScorer(english, others).score(["bahut accha"])
    assert (english.asked, others.asked) == ([], [("bahut accha", "und")])


def test_the_version_names_both() -> None:
    scorer = RoutedScorer(ConstantScorer(), ConstantScorer())
    assert scorer.version == "constant-1+constant-1"
