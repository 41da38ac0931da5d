"""Drift: whether what the model reads, or how sure it is of it, has changed for good.

ADWIN (Bifet and Gavalda 2007, "Learning from time-changing data with adaptive windowing") over a
value a bucket of 5 minutes. It says when two parts of its window have different means, and begins
anew; so a surge of an hour is nothing, and a change that stays is told once. How long it
takes depends on the size of the change: a share that goes from 30 to 45 % is found in 7 hours.

A change of the model changes how sure it is and what it knows: those two begin anew then.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from processors.records import UNKNOWN_LANGUAGE

LEAST_POSTS: Final = 5
"""Posts without which a bucket says nothing."""
MAIN_LANGUAGES: Final = ("ar", "de", "es", "fr", "hi", "it", "pt", "zh")
OF_THE_MODEL: Final = ("confidence", "oov")
SPAN: Final = timedelta(days=7)
_DELTA: Final = 0.002
_CLOCK: Final = 4  # buckets between two looks
_LATELY: Final = 12  # buckets
_FIRST: Final = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday


class Observed(Struct, frozen=True, kw_only=True):
    """What the posts of one bucket looked like; `languages` counts posts by code."""

    start: datetime
    posts: int
    confidence: float  # mean of the highest probability
    oov: float  # mean share of words that the vocabulary does not hold whole
    model: str  # that read the English posts; empty if there were none
    languages: Mapping[str, int]


class Drift(Struct, frozen=True, kw_only=True):
    """A value that is another one than before, seen at the end of the bucket that began at `at`."""

    signal: str
    at: datetime
    before: float  # mean of all since the last drift
    after: float  # mean of the last hour with posts
    model: str


class DriftWatch:
    """The detectors of a stream; what they say is a function of the buckets they were fed."""

    def __init__(self) -> None:
        self._detectors: dict[str, Any] = {}
        self._lately: dict[str, deque[float]] = {}
        self._model = ""

    def feed(self, buckets: Iterable[Observed]) -> list[Drift]:
        """Take buckets in the order of time; return what has changed with them.

        Buckets under LEAST_POSTS are passed over.
        """
        return [
            change
            for bucket in buckets
            if bucket.posts >= LEAST_POSTS
            for change in self._feed(bucket)
        ]

    def _feed(self, bucket: Observed) -> list[Drift]:
        if bucket.model and bucket.model != self._model:
            self._model = bucket.model
            for signal in OF_THE_MODEL:
                self._detectors.pop(signal, None)
        found = []
        for signal, value in signals(bucket).items():
            before, drifted = self._take(signal, value)
            if drifted:
                lately = self._lately[signal]
                found.append(
                    Drift(
                        signal=signal,
                        at=bucket.start,
                        before=round(before, 6),
                        after=round(sum(lately) / len(lately), 6),
                        model=self._model,
                    )
                )
        return found

    def _take(self, signal: str, value: float) -> tuple[float, bool]:
        """Return the window's mean before `value`, and whether it drifted with it."""
        detector = self._detectors.get(signal) or _detector()
        before = float(detector.estimation)
        detector.update(value)
        drifted = bool(detector.drift_detected)
        # Begun anew: it would cut its window again and again, and tell one change many times.
        self._detectors[signal] = _detector() if drifted else detector
        self._lately.setdefault(signal, deque(maxlen=_LATELY)).append(value)
        return before, drifted


def signals(bucket: Observed) -> dict[str, float]:
    """Return the values that are watched, each from 0 to 1."""
    share = {code: count / bucket.posts for code, count in bucket.languages.items()}
    return {
        "confidence": bucket.confidence,
        "oov": bucket.oov,
        "language:not en": 1 - share.get("en", 0.0),
        "language:und": share.get(UNKNOWN_LANGUAGE, 0.0),
        **{f"language:{code}": share.get(code, 0.0) for code in MAIN_LANGUAGES},
    }


def anchor(moment: datetime) -> datetime:
    """Return when detectors that judge `moment` have to begin: the start of the span before.

    So that what is found at a moment depends on the posts alone, not on when a process started,
    and nothing has to be kept.
    """
    return begin_of_span(moment) - SPAN


def next_span(moment: datetime) -> datetime:
    """Return when the next span begins: detectors begin anew there."""
    return begin_of_span(moment) + SPAN


def begin_of_span(moment: datetime) -> datetime:
    """Return when the span that `moment` is in began."""
    return _FIRST + (moment - _FIRST) // SPAN * SPAN


def _detector() -> Any:
    # Here and not above: it brings scipy and more, seconds that only a watcher has to spend.
    from river.drift import ADWIN

    return ADWIN(delta=_DELTA, clock=_CLOCK)
