"""What a case of the robustness suite is, and when a scorer fails it.

The three kinds of test of CheckList (Ribeiro et al. 2020, "Beyond Accuracy"):

    minimum     the label has to be one of `labels`
    invariance  against `base`: the same label, and p_negative moves by at most `by`
    direction   against `base`: the share of the class `toward` grows by at least `by`
                (below zero: falls by no more than that)
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

from processors.records import Label, Sentiment

Kind = Literal["minimum", "invariance", "direction"]
Toward = Literal["negative", "less negative", "positive", "less positive"]

ENGLISH: Final = "en"
MOVE: Final = 0.1
"""How far p_negative may move where nothing of the meaning does: the tolerance of CheckList."""
SLACK: Final = 0.1
"""How far a share may go the wrong way where a text says the same more strongly: CheckList's."""


class Case(NamedTuple):
    """One test of one text."""

    capability: str
    language: str  # ISO 639-1
    kind: Kind
    text: str
    labels: tuple[Label, ...] = ()
    base: str = ""
    toward: Toward = "negative"
    by: float = 0.0

    @property
    def id(self) -> str:
        """Name of the case, from what is in it: other cases may come and go."""
        digest = blake2b(repr(tuple(self)).encode(), digest_size=4).hexdigest()
        return f"{self.capability}.{self.language}.{digest}"

    @property
    def wanted(self) -> str:
        """What would have passed, for a person."""
        if self.kind == "minimum":
            return " or ".join(self.labels)
        if self.kind == "invariance":
            return f"same label, p_negative within {self.by:g}"
        return f"{self.toward} by {self.by:+g}"


def minimum(
    capability: str, labels: str, texts: Iterable[str], *, language: str = ENGLISH
) -> list[Case]:
    """Return a case a text; `labels`: the accepted ones, by first letter: `-`, `0`, `+`."""
    accepted = tuple(_LABELS[sign] for sign in labels)
    return [Case(capability, language, "minimum", text, accepted) for text in texts]


def same(
    capability: str,
    pairs: Iterable[tuple[str, str]],
    *,
    move: float = MOVE,
    language: str = ENGLISH,
) -> list[Case]:
    """Return a case a pair of (base, text) that say the same."""
    return [
        Case(capability, language, "invariance", text, base=base, by=move) for base, text in pairs
    ]


def moves(
    capability: str,
    toward: Toward,
    pairs: Iterable[tuple[str, str]],
    *,
    by: float = 0.0,
    language: str = ENGLISH,
) -> list[Case]:
    """Return a case a pair of (base, text) where the text is more `toward` than the base."""
    return [
        Case(capability, language, "direction", text, base=base, toward=toward, by=by)
        for base, text in pairs
    ]


def fails(case: Case, given: Sentiment, base: Sentiment | None) -> bool:
    """Whether `given` for the text, and `base` for the text it is compared with, break the case."""
    if base is None:
        return given.label not in case.labels
    if case.kind == "invariance":
        moved = abs(given.p_negative - base.p_negative)
        return given.label != base.label or moved > case.by
    return _rise(case.toward, given) - _rise(case.toward, base) < case.by


def _rise(toward: Toward, given: Sentiment) -> float:
    share = given.p_positive if toward.endswith("positive") else given.p_negative
    return -share if toward.startswith("less") else share


_LABELS: Final[dict[str, Label]] = {"-": "negative", "0": "neutral", "+": "positive"}
