"""Scorers that do wrong: `model: py:tests.faults.scorers:NAME`.

Each is the model of the truth, but for texts with CURSED in them.
"""

import math
import os
import threading
from collections.abc import Callable, Sequence

from processors.records import Sentiment
from processors.score import Scorer, load_scorer
from tests.faults.posts import CURSED, MODEL

LEAK = 40 << 20
"""Bytes that `leaks` keeps of each call."""


class _Own:
    """The model of the truth; `curse` is called in place of it for a cursed text."""

    def __init__(self, threads: int, curse: Callable[[], Sentiment]) -> None:
        self._model: Scorer = load_scorer(MODEL, threads=threads)
        self._curse = curse

    @property
    def version(self) -> str:
        return self._model.version

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        answers = self._model.score(texts, languages=languages)
        return [
            self._curse() if CURSED in text else answer
            for text, answer in zip(texts, answers, strict=True)
        ]


class _Leaking(_Own):
    def __init__(self, threads: int) -> None:
        super().__init__(threads, _raise)
        self._kept: list[bytes] = []

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        self._kept.append(os.urandom(LEAK))
        return super().score(texts, languages=languages)


def raises(threads: int) -> Scorer:
    """Raises."""
    return _Own(threads, _raise)


def says_nan(threads: int) -> Scorer:
    """Gives a probability that is no number."""
    return _Own(threads, lambda: Sentiment("negative", math.nan, 0.0, 0.0, "own"))


def hangs(threads: int) -> Scorer:
    """Never answers."""
    return _Own(threads, _hang)


def dies(threads: int) -> Scorer:
    """Takes the process with it."""
    return _Own(threads, lambda: os._exit(139))


def leaks(threads: int) -> Scorer:
    """Scores all as it should, and keeps memory of each call."""
    return _Leaking(threads)


def _raise() -> Sentiment:
    raise ArithmeticError("cursed")


def _hang() -> Sentiment:
    threading.Event().wait()
    raise AssertionError("nobody sets it")
