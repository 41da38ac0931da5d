"""What is remembered of an open incident, and what is said of it."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.detector_state import HOUR, Counts
from forecasting.fade import FARTHEST, fades_in
from forecasting.records import (
    BUCKET,
    Bucket,
    Change,
    IncidentChange,
    IncidentKind,
    Moment,
    Signal,
    Verdict,
)
from forecasting.severity import Now, now

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


def incident_id(brand: str, bucket: Bucket, kind: IncidentKind = "negative_surge") -> str:
    """The id of the incident that `bucket` opens: a function of brand, kind and time alone."""
    key = "\x1f".join((brand, kind, bucket.start.isoformat()))
    return "inc_" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def opened(
    brand: str,
    bucket: Bucket,
    *,
    verdict: Verdict,
    signal: Signal,
    alerts: bool,
    tail: Sequence[Counts],
    began: int,
    share: float,
) -> OpenIncident:
    """The incident that `bucket` opens; `began` is the bucket of `tail` in which its story did."""
    at = bucket.start + BUCKET
    seen = now(signal.kind, at, verdict)
    return OpenIncident(
        incident_id=incident_id(brand, bucket, signal.kind),
        opened_at=at,
        since=at - (len(tail) - began) * BUCKET,
        number=1,
        said_at=at,
        said_severity=seen.level,
        said_observed=seen.observed,
        worst=seen.level,
        total_negative=sum(c.negative for c in tail[began:]),
        peak_observed=seen.observed,
        kind=signal.kind,
        alerts=alerts,
        minutes=signal.minutes,
        peak_share=share,
    )


def further(one: OpenIncident, bucket: Bucket, seen: Now) -> OpenIncident:
    """One bucket on."""
    extreme = min if one.kind == "silence" else max
    return replace(
        one,
        worst=max(one.worst, seen.level),
        total_negative=one.total_negative + bucket.negative,
        peak_observed=extreme(one.peak_observed, seen.observed),
    )


def said_again(one: OpenIncident, seen: Now) -> OpenIncident:
    """With one more change said."""
    return replace(
        one,
        number=one.number + 1,
        said_at=seen.at,
        said_severity=seen.level,
        said_observed=seen.observed,
    )


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
