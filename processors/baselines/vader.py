"""VADER: an English lexicon and rules for emphasis, negation and emoji.

Hutto and Gilbert 2014, "VADER: A parsimonious rule-based model for sentiment analysis of social
media text"; the authors' package and their thresholds of the compound score.
"""

from collections.abc import Sequence
from typing import Final

from processors.baselines.tone import by_tone
from processors.records import Sentiment
from processors.score import one_by_one

THRESHOLD: Final = 0.05


class Vader:
    """A `Scorer`; ModuleNotFoundError where `vaderSentiment` is not installed."""

    version = "vader-3"

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self._compound = SentimentIntensityAnalyzer().polarity_scores

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return one_by_one(texts, languages, self._score_one, model=self.version)

    def _score_one(self, text: str, language: str) -> Sentiment:
        tone = float(self._compound(text)["compound"])
        return by_tone(tone, threshold=THRESHOLD, model=self.version, language=language, reads="en")
