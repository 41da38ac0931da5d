"""An incident's life: opened once, updated when it gets worse, resolved once. Pure and resumable.

`judge` is a fold: the same buckets from the same state give the same changes with the same ids,
however often and wherever it is interrupted.
"""

import hashlib
import math
from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.detect import HOUR, Counts, DetectorState, accept, is_surge, step
from forecasting.records import (
    BUCKET,
    Bucket,
    Change,
    IncidentChange,
    IncidentKind,
    Moment,
    Policy,
    Quality,
    Verdict,
)

EVERYDAY: Final = Policy()
KIND: Final[IncidentKind] = "negative_surge"
CALM_SCORE: Final = 1.0  # below: calm
UNCALM_SCORE: Final = 2.0  # from here on calm is counted anew; in between it neither grows nor ends
CALM_BUCKETS: Final = 12
LONGEST: Final = timedelta(hours=24)
LEAST_BETWEEN: Final = timedelta(minutes=15)


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
    peak_observed: int
    buckets: int = 0  # judged since it opened
    calm: int = 0  # calm buckets in a row


class IncidentState(Struct, frozen=True, kw_only=True):
    """Everything `judge` knows of a brand. The default is a brand never seen."""

    detector: DetectorState = DetectorState()
    incident: OpenIncident | None = None
    opened: int = 0  # incidents ever


Judged = tuple[IncidentState, Verdict, tuple[IncidentChange, ...]]


def judge(
    state: IncidentState,
    brand: str,
    bucket: Bucket,
    *,
    quality: Quality | None = None,  # noqa: ARG001
    policy: Policy = EVERYDAY,  # noqa: ARG001
) -> Judged:
    """Take one bucket: the next state, the verdict, and what changed if anything did.

    Buckets come in order of time, empty ones included; a missing one counts as empty. `quality`
    is of this bucket's counts; None if nobody watches the feed: it is inferred from the counts.
    Raises ValueError for a bucket that is not newer than the last.
    """
    held = state.incident.buckets + 1 if state.incident else 0
    detector, verdict = step(state.detector, bucket, held=held)
    state = replace(state, detector=detector)
    if state.incident is None:
        if not is_surge(detector, verdict):
            return state, verdict, ()
        return _open(state, brand, bucket, verdict)
    return _follow(state, state.incident, brand, bucket, verdict)


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


def incident_id(brand: str, bucket: Bucket) -> str:
    """The id of the incident that `bucket` opens: a function of brand, kind and time alone."""
    key = "\x1f".join((brand, KIND, bucket.start.isoformat()))
    return "inc_" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _open(state: IncidentState, brand: str, bucket: Bucket, verdict: Verdict) -> Judged:
    tail = state.detector.tail
    began = _began(tail, verdict)
    at = bucket.start + BUCKET
    level = severity(verdict.hour_negative, verdict.share_expected * verdict.hour_volume)
    incident = OpenIncident(
        incident_id=incident_id(brand, bucket),
        opened_at=at,
        since=at - (len(tail) - began) * BUCKET,
        number=1,
        said_at=at,
        said_severity=level,
        said_observed=verdict.hour_negative,
        worst=level,
        total_negative=sum(c.negative for c in tail[began:]),
        peak_observed=verdict.hour_negative,
    )
    state = replace(state, incident=incident, opened=state.opened + 1)
    return state, verdict, (_change(state, incident, brand, "opened", "new", verdict),)


def _follow(
    state: IncidentState, incident: OpenIncident, brand: str, bucket: Bucket, verdict: Verdict
) -> Judged:
    at = bucket.start + BUCKET
    observed = verdict.hour_negative
    level = severity(observed, verdict.share_expected * verdict.hour_volume)
    incident = replace(
        incident,
        buckets=incident.buckets + 1,
        calm=_calm(incident.calm, bucket, verdict),
        worst=max(incident.worst, level),
        total_negative=incident.total_negative + bucket.negative,
        peak_observed=max(incident.peak_observed, observed),
    )
    said = replace(
        incident,
        number=incident.number + 1,
        said_at=at,
        said_severity=level,
        said_observed=observed,
    )
    if at - incident.opened_at >= LONGEST:
        # A day above normal is the new normal; else the same level would open again at once.
        state = replace(state, incident=None, detector=accept(state.detector))
        return state, verdict, (_change(state, said, brand, "resolved", "expired", verdict),)
    if incident.calm >= CALM_BUCKETS:
        state = replace(state, incident=None)
        return state, verdict, (_change(state, said, brand, "resolved", "calm", verdict),)
    worse = level > incident.said_severity or observed >= 2 * max(incident.said_observed, 1)
    if worse and at - incident.said_at >= LEAST_BETWEEN:
        state = replace(state, incident=said)
        return state, verdict, (_change(state, said, brand, "updated", "grew", verdict),)
    return replace(state, incident=incident), verdict, ()


def _calm(calm: int, bucket: Bucket, verdict: Verdict) -> int:
    """Calm buckets in a row. Silence is not calm: a feed that is out resolves nothing."""
    if verdict.score >= UNCALM_SCORE:
        return 0
    return calm + 1 if bucket.voices and verdict.score < CALM_SCORE else calm


def _began(tail: tuple[Counts, ...], verdict: Verdict) -> int:
    """Index of the bucket where the surge began: the likeliest change from one share to another.

    That is after the lowest point of the running sum of negatives beyond half-way between the
    expected and the present share, so one lucky bucket does not break the run. The present is the
    last half hour, as the hour that opens an incident is partly from before.
    """
    newest = tail[-HOUR // 2 :]
    voices = max(sum(c.voices for c in newest), 1)
    present = max(sum(c.negative_voices for c in newest) / voices, verdict.share)
    halfway = (verdict.share_expected + present) / 2
    total, lowest, began = 0.0, 0.0, 0
    for i, c in enumerate(tail):
        total += c.negative_voices - halfway * c.voices
        if total <= lowest:
            lowest, began = total, i + 1
    return min(began, len(tail) - 1)


def _change(
    state: IncidentState,
    incident: OpenIncident,
    brand: str,
    change: Change,
    reason: str,
    verdict: Verdict,
) -> IncidentChange:
    recent = [c.negative for c in state.detector.tail[-HOUR:]]
    growing = sum(recent[-HOUR // 2 :]) > sum(recent[: -HOUR // 2])
    return IncidentChange(
        incident_id=incident.incident_id,
        brand=brand,
        kind=KIND,
        change=change,
        number=incident.number,
        opened_at=incident.opened_at,
        since=incident.since,
        at=incident.said_at,
        reason=reason,
        severity=incident.worst if change == "resolved" else incident.said_severity,
        score=verdict.score,
        observed=verdict.hour_negative,
        expected=verdict.share_expected * verdict.hour_volume,
        expected_lower=verdict.share_lower * verdict.hour_volume,
        expected_upper=verdict.share_upper * verdict.hour_volume,
        share=verdict.share,
        share_expected=verdict.share_expected,
        total_negative=incident.total_negative,
        peak_observed=incident.peak_observed,
        growing=growing and change != "resolved",
    )
