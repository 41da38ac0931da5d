"""Posts to the model that reads their language."""

from collections.abc import Sequence
from typing import Final

from processors.records import Sentiment
from processors.score import Scorer, languages_of

ENGLISH: Final = "en"


class RoutedScorer:
    """A `Scorer` that asks `english` about English posts and `others` about all the rest.

    Also about those whose language is not known: romanised Hindi is among them.
    """

    def __init__(self, english: Scorer, others: Scorer) -> None:
        self._english = english
        self._others = others

    @property
    def version(self) -> str:
        return f"{self._english.version}+{self._others.version}"

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        codes = languages_of(texts, languages)
        results: dict[int, Sentiment] = {}
        for scorer, english in ((self._english, True), (self._others, False)):
            rows = [row for row, code in enumerate(codes) if (code == ENGLISH) is english]
            given = scorer.score(
                [texts[row] for row in rows], languages=[codes[row] for row in rows]
            )
            results.update(zip(rows, given, strict=True))
        return [results[row] for row in range(len(codes))]
