"""Scorers for measurements, for the setting `model: py:benchmarks.constant:NAME`."""

from collections.abc import Sequence

from processors.models import ENGLISH
from processors.records import Sentiment
from processors.score import Scorer
from processors.score_onnx import OnnxScorer


class Constant:
    """A `Scorer` that says the same of every text: what is left is what all else costs."""

    version = "constant"

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return [ANSWER for _ in languages or texts]


ANSWER = Sentiment("neutral", 0.25, 0.5, 0.25, Constant.version)


def constant(_threads: int) -> Scorer:
    """No model at all."""
    return Constant()


def plain(threads: int) -> OnnxScorer:
    """The English model with all its layers for every text."""
    return OnnxScorer(ENGLISH, threads=threads, early_exits=False)


def cascade(threads: int) -> OnnxScorer:
    """The English model as shipped: no more layers than a text needs."""
    return OnnxScorer(ENGLISH, threads=threads)
