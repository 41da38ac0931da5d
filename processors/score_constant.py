"""A stand-in for the model where tests need scores and not skill."""

import re
from collections.abc import Sequence

from processors.clean import model_text
from processors.records import Sentiment
from processors.score import silent

_NEGATIVE = re.compile(
    r"\b(?:angry|awful|bad|broken|cancelled|disappointed|disgusting|hate|horrible|late|lost"
    r"|never|refund|sad|scam|terrible|unacceptable|useless|worst)\b",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"\b(?:amazing|awesome|beautiful|best|excellent|excited|fantastic|good|great|happy"
    r"|helpful|impressed|love|loved|perfect|thanks?|wonderful)\b",
    re.IGNORECASE,
)


class ConstantScorer:
    """A `Scorer` that counts plain words: the same text gives the same score for ever.

    >>> ConstantScorer().score(["I love it", "the worst", "on Monday"])[1].label
    'negative'
    """

    version = "constant-1"

    def score(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str] | None = None,  # noqa: ARG002 - its words are English
    ) -> list[Sentiment]:
        return [self._score_one(model_text(text)) for text in texts]

    def _score_one(self, text: str) -> Sentiment:
        if not text:
            return silent(self.version)
        tone = len(_POSITIVE.findall(text)) - len(_NEGATIVE.findall(text))
        if tone < 0:
            return Sentiment("negative", 0.8, 0.15, 0.05, self.version)
        if tone > 0:
            return Sentiment("positive", 0.05, 0.15, 0.8, self.version)
        return Sentiment("neutral", 0.1, 0.8, 0.1, self.version)
