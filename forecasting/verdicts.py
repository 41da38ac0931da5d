"""What people say of incidents, how right a detector was by it, and how a brand learns from it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct

from forecasting.records import Moment

Word = Literal["crisis", "not-a-crisis", "withdrawn"]

REMEMBERED: Final = timedelta(days=90)
"""How long a verdict tunes: what annoyed a team a season ago says little of today."""
LEAST_EXPONENT: Final = -3
MOST_EXPONENT: Final = 1
"""Bounds: an eighth to twice the false incidents that the sensitivity stands for."""


class CrisisVerdict(Struct, frozen=True, kw_only=True):
    """What a person says of an incident, or without one of a time in which there was a crisis."""

    brand: str
    since: Moment
    until: Moment
    word: Word
    at: Moment
    incident_id: str = ""  # empty: no incident told of it
    by: str = ""
    note: str = ""


class Tuning(Struct, frozen=True, kw_only=True):
    """By what factor a brand bears more or fewer false incidents, and the verdicts behind it."""

    factor: float = 1.0
    false: int = 0  # incidents that were no crisis
    confirmed: int = 0  # incidents that were one
    missed: int = 0  # crises without an incident


class Judged(Struct, frozen=True, kw_only=True):
    """How incidents agree with verdicts. None where no verdict says anything."""

    right: int
    false: int
    missed: int
    unjudged: int
    precision: float | None
    recall: float | None


def by_brand(verdicts: Iterable[CrisisVerdict]) -> dict[str, list[CrisisVerdict]]:
    """The verdicts of each brand, in the order given."""
    found: dict[str, list[CrisisVerdict]] = {}
    for said in verdicts:
        found.setdefault(said.brand, []).append(said)
    return found


def tuning(verdicts: Iterable[CrisisVerdict], *, now: Moment) -> Tuning:
    """What the verdicts of the last 90 days make of a brand.

    Each incident that was no crisis halves the false incidents the brand is taken to bear, each
    confirmed one takes one halving back, each crisis that was missed doubles it; an eighth is the
    least and twice the most. Withdrawing a verdict takes its effect away.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 3, 1, tzinfo=UTC)
    >>> said = CrisisVerdict(brand="A", since=day, until=day, word="not-a-crisis", at=day,
    ...                      incident_id="inc_1")
    >>> tuning([said], now=day).factor
    0.5
    """
    recent = [v for v in verdicts if v.at > now - REMEMBERED]
    false = sum(v.word == "not-a-crisis" for v in recent)
    confirmed = sum(v.word == "crisis" and bool(v.incident_id) for v in recent)
    missed = sum(v.word == "crisis" and not v.incident_id for v in recent)
    exponent = missed - max(false - confirmed, 0)
    return Tuning(
        factor=2.0 ** min(max(exponent, LEAST_EXPONENT), MOST_EXPONENT),
        false=false,
        confirmed=confirmed,
        missed=missed,
    )


def judged(spans: Sequence[tuple[Moment, Moment]], verdicts: Sequence[CrisisVerdict]) -> Judged:
    """Compare spans of incidents with verdicts: an incident is what a verdict says of its time.

    One that touches a crisis is right, else one that touches what was no crisis is false, and all
    others are unjudged. A crisis that no incident touches is missed.
    """
    crises = [v for v in verdicts if v.word == "crisis"]
    others = [v for v in verdicts if v.word == "not-a-crisis"]
    right = sum(any(_touch(span, v) for v in crises) for span in spans)
    false = sum(
        any(_touch(span, v) for v in others) and not any(_touch(span, v) for v in crises)
        for span in spans
    )
    found = sum(any(_touch(span, v) for span in spans) for v in crises)
    return Judged(
        right=right,
        false=false,
        missed=len(crises) - found,
        unjudged=len(spans) - right - false,
        precision=right / (right + false) if right + false else None,
        recall=found / len(crises) if crises else None,
    )


def _touch(span: tuple[Moment, Moment], verdict: CrisisVerdict) -> bool:
    return span[0] <= verdict.until and verdict.since <= span[1]
