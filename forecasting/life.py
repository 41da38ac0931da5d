"""What is remembered of an open incident, and what is said of it."""

import hashlib
import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from forecasting.detector_state import HOUR, Counts
from forecasting.fade import FARTHEST, fades_in
from forecasting.records import (
    Bucket,
    Change,
    IncidentChange,
    IncidentKind,
    Moment,
    Verdict,
)

LEAST_BETWEEN: Final = timedelta(minutes=15)
# After which it is closed. What lasts a day is the new normal. A silence ends sooner, so that none
# is open when nothing has come for a day (see the watch stage).
LONGEST: Final = timedelta(hours=24)
LONGEST_SILENCE: Final = timedelta(hours=11)


class OpenIncident(Struct, frozen=True, kw_only=True):
    """An incident that is not resolved, with what was last said about it."""

    incident_id: str
    opened_at: Moment
    since: Moment
    number: int  # of the last change
    said_at: Moment  # when that was
    said_severity: int
    said_observed: int
    worst: int  # highest severity so far
    total_negative: int  # since `since`
    peak_observed: int  # most in an hour; of a silence fewest
    calm: int = 0  # calm buckets in a row
    kind: IncidentKind = "negative_surge"
    alerts: bool = True
    minutes: int = 60  # the window that opened it
    peak_share: float = 1.0  # the share that normal has to be told from
    returned: float = 0.0  # log odds that the share is normal again


class Now(Struct, frozen=True, kw_only=True):
    """What an incident is about, at the end of a bucket."""

    at: Moment
    observed: int
    expected: float
    lower: float
    upper: float
    level: int  # severity
    minutes: int = 0  # the window of these numbers; 0: the last hour


def severity(observed: int, expected: float) -> int:
    """How bad, 1 to 10: how many times the expected, and how many posts more than expected.

    1 + 1.25 a doubling over the expected + 2 a tenfold of ten posts in excess, rounded. A surge
    of twice the normal with 10 posts too many is a 2; 214 where 31 are expected is a 7; ten times
    the normal with a thousand too many is a 9. What the share says of certainty is the score's
    business and not part of it.

    >>> severity(20, 10), severity(214, 31), severity(1100, 110)
    (2, 7, 9)
    """
    times = max((observed + 1) / (expected + 1), 1.0)
    excess = max(observed - expected, 1.0)
    points = 1 + 1.25 * math.log2(times) + 2 * max(math.log10(excess / 10), 0.0)
    return min(max(round(points), 1), 10)


def now(kind: IncidentKind, at: Moment, verdict: Verdict) -> Now:
    """Of the last hour; of a silence, of the window that says most of it.

    A silence is as bad as a surge from what is left to what was expected.
    """
    signal = next((one for one in verdict.signals if one.kind == kind), None)
    if kind in ("negative_surge", "mood_shift") or signal is None:
        observed, volume = verdict.hour_negative, verdict.hour_volume
        if kind in ("volume_surge", "silence"):
            return Now(at=at, observed=volume, expected=volume, lower=volume, upper=volume, level=1)
        expected = verdict.share_expected * volume
        return Now(
            at=at,
            observed=observed,
            expected=expected,
            lower=verdict.share_lower * volume,
            upper=verdict.share_upper * volume,
            level=severity(observed, expected),
        )
    level = severity(signal.observed, signal.expected)
    if kind == "silence":
        level = severity(round(signal.expected), signal.observed)
    return Now(
        at=at,
        observed=signal.observed,
        expected=signal.expected,
        lower=signal.lower,
        upper=signal.upper,
        level=level,
        minutes=signal.minutes,
    )


def incident_id(brand: str, bucket: Bucket, kind: IncidentKind = "negative_surge") -> str:
    """The id of the incident that `bucket` opens: a function of brand, kind and time alone."""
    key = "\x1f".join((brand, kind, bucket.start.isoformat()))
    return "inc_" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def lasts_too_long(incident: OpenIncident | None, at: Moment) -> bool:
    """Whether it has been open for as long as one of its kind may be, seen or not."""
    if incident is None:
        return False
    longest = LONGEST_SILENCE if incident.kind == "silence" else LONGEST
    return at - incident.opened_at >= longest


def is_worse(incident: OpenIncident, seen: Now) -> bool:
    """Whether it is time to say that it grew."""
    if seen.at - incident.said_at < LEAST_BETWEEN:
        return False
    if incident.kind == "silence":
        return seen.level > incident.said_severity
    doubled = seen.observed >= 2 * max(incident.said_observed, 1)
    return seen.level > incident.said_severity or doubled


def say(
    incident: OpenIncident,
    *,
    brand: str,
    change: Change,
    reason: str,
    seen: Now,
    verdict: Verdict,
    tail: Sequence[Counts],
) -> IncidentChange:
    """A change of an incident as it is told."""
    of_mood = incident.kind in ("negative_surge", "mood_shift")
    counts = [c.negative if of_mood else c.volume for c in tail]
    recent = counts[-HOUR:]
    growing = sum(recent[-HOUR // 2 :]) > sum(recent[: -HOUR // 2])
    if incident.kind == "silence":
        growing = not growing
    back = None
    if change != "resolved" and incident.kind != "silence":
        left = fades_in(counts, seen.expected / HOUR)
        back = seen.at + left if left is not None and left < FARTHEST else None
    return IncidentChange(
        incident_id=incident.incident_id,
        brand=brand,
        kind=incident.kind,
        change=change,
        number=incident.number,
        opened_at=incident.opened_at,
        since=incident.since,
        at=seen.at,
        reason=reason,
        severity=incident.worst if change == "resolved" else seen.level,
        score=verdict.score if of_mood else _score(incident.kind, verdict),
        observed=seen.observed,
        expected=seen.expected,
        expected_lower=seen.lower,
        expected_upper=seen.upper,
        share=verdict.share,
        share_expected=verdict.share_expected,
        total_negative=incident.total_negative,
        peak_observed=incident.peak_observed,
        growing=growing and change != "resolved",
        alerts=incident.alerts,
        minutes=seen.minutes or incident.minutes,
        returns_at=back,
    )


def _score(kind: IncidentKind, verdict: Verdict) -> float:
    return next((signal.score for signal in verdict.signals if signal.kind == kind), 0.0)
