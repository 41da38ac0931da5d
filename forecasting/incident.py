"""An incident's life: opened once, updated when it gets worse, resolved once. Pure and resumable.

`judge` is a fold: the same buckets from the same state give the same changes with the same ids,
however often and wherever it is interrupted. A brand has at most one story of mood at a time, a
negative surge or a mood shift, and beside it at most one volume surge and one silence.
"""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.detect import EVERYDAY, step
from forecasting.life import (
    Now,
    OpenIncident,
    incident_id,
    is_worse,
    lasts_too_long,
    now,
    say,
)
from forecasting.opinion import BUCKET_RHO, LEAST_SHARE
from forecasting.records import (
    BUCKET,
    Bucket,
    Change,
    IncidentChange,
    IncidentKind,
    Moment,
    Policy,
    Quality,
    Signal,
    Verdict,
)
from forecasting.windows import (
    HOUR,
    MOOD,
    SCALES,
    SIZE,
    Counts,
    DetectorState,
    accept,
    fence,
    hold_back,
)

CALM_BUCKETS: Final = 12  # of volumes as usual, after which a volume surge or a silence is over
CALM_FALL: Final = 1.0  # standard deviations below which a fall is as usual
# Odds of 50 to 1 that the share is nearer to normal than half-way to the surge's.
RETURNED: Final = math.log(50)
LEAST_RISE: Final = 0.04  # of a share, that the way back is at least thought to be


class IncidentState(Struct, frozen=True, kw_only=True):
    """Everything `judge` knows of a brand. The default is a brand never seen."""

    detector: DetectorState = DetectorState()
    incident: OpenIncident | None = None  # of mood: a negative surge or a mood shift
    opened: int = 0  # of those, ever
    attention: OpenIncident | None = None  # a volume surge
    silence: OpenIncident | None = None


Judged = tuple[IncidentState, Verdict, tuple[IncidentChange, ...]]
_Step = tuple[OpenIncident | None, IncidentChange | None]


def judge(
    state: IncidentState,
    brand: str,
    bucket: Bucket,
    *,
    quality: Quality | None = None,
    policy: Policy = EVERYDAY,
) -> Judged:
    """Take one bucket: the next state, the verdict, and what changed.

    Buckets come in order of time, empty ones included; a missing one counts as empty. `quality`
    is of this bucket's counts; None if nobody watches the feed: it is inferred from the counts.
    In a gap that is known nothing opens, and nothing ends but what has lasted too long.
    Raises ValueError for a bucket that is not newer than the last.
    """
    held = (MOOD if state.incident else 0) | (SIZE if state.attention or state.silence else 0)
    detector, verdict = step(state.detector, bucket, held=held, quality=quality, policy=policy)
    state = replace(state, detector=detector)
    at, is_seen = bucket.start + BUCKET, quality != "gap"
    changes: list[IncidentChange] = []
    signals = {signal.kind: signal for signal in verdict.signals}
    mood = signals.get("negative_surge") or signals.get("mood_shift")
    if _goes_on(state.incident, at, is_seen) or _opens(mood, verdict):
        state = _story(state, brand, bucket, verdict, policy, mood, changes)
    volume = signals.get("volume_surge")
    if _goes_on(state.attention, at, is_seen) or _opens(volume, verdict):
        one, change = _beside(
            state.attention, state, brand, bucket, verdict, policy, volume, "volume_surge"
        )
        state = replace(state, attention=one)
        changes += [change] if change else []
    quiet = signals.get("silence")
    if _goes_on(state.silence, at, is_seen) or _opens(quiet, verdict):
        one, change = _beside(
            state.silence, state, brand, bucket, verdict, policy, quiet, "silence"
        )
        state = replace(state, silence=one)
        changes += [change] if change else []
    return state, verdict, tuple(changes)


def _goes_on(one: OpenIncident | None, at: Moment, is_seen: bool) -> bool:
    """Whether there is something to say of an incident: unseen, only that it is over."""
    return one is not None and (is_seen or lasts_too_long(one, at))


def _opens(signal: Signal | None, verdict: Verdict) -> bool:
    return signal is not None and verdict.quality != "gap" and signal.score >= signal.limit


def _story(
    state: IncidentState,
    brand: str,
    bucket: Bucket,
    verdict: Verdict,
    policy: Policy,
    signal: Signal | None,
    changes: list[IncidentChange],
) -> IncidentState:
    """Open or follow the incident of mood."""
    tail = state.detector.tail
    if state.incident is None:
        assert signal is not None
        share = _share_of(state.detector, signal)
        began = _began(tail, share, verdict)
        one = _open(brand, bucket, verdict, policy, signal, tail, began, share)
        changes.append(_told(one, brand, "opened", "new", bucket, verdict, tail))
        detector = hold_back(state.detector, len(tail) - began, MOOD)
        return replace(state, detector=detector, incident=one, opened=state.opened + 1)
    seen = now(state.incident.kind, bucket.start + BUCKET, verdict)
    one = _further(state.incident, bucket, seen)
    if not verdict.learning:
        one = _returning(one, bucket, verdict)
    if lasts_too_long(one, seen.at):
        # Else the same level would open again at once.
        changes.append(_told(_next(one, seen), brand, "resolved", "expired", bucket, verdict, tail))
        return replace(state, incident=None, detector=fence(accept(state.detector)))
    if one.returned >= RETURNED and verdict.share <= verdict.share_upper:
        changes.append(_told(_next(one, seen), brand, "resolved", "calm", bucket, verdict, tail))
        return replace(state, incident=None, detector=fence(state.detector))
    if is_worse(one, seen):
        one = _next(one, seen)
        changes.append(_told(one, brand, "updated", "grew", bucket, verdict, tail))
    return replace(state, incident=one)


def _beside(
    one: OpenIncident | None,
    state: IncidentState,
    brand: str,
    bucket: Bucket,
    verdict: Verdict,
    policy: Policy,
    signal: Signal | None,
    kind: IncidentKind,
) -> _Step:
    """Open or follow a volume surge or a silence."""
    tail = state.detector.tail
    if one is None:
        assert signal is not None
        began = max(len(tail) - signal.minutes * 60 // int(BUCKET.total_seconds()), 0)
        one = _open(brand, bucket, verdict, policy, signal, tail, began, verdict.share)
        return one, _told(one, brand, "opened", "new", bucket, verdict, tail)
    seen = now(kind, bucket.start + BUCKET, verdict)
    one = _further(one, bucket, seen)
    if verdict.quality == "changed":  # how many are usual is not known any more
        return None, _told(_next(one, seen), brand, "resolved", "withdrawn", bucket, verdict, tail)
    if signal is not None and verdict.quality == "ok":
        one = replace(one, calm=one.calm + 1 if _is_calm(signal) else 0)
    if one.calm >= CALM_BUCKETS or lasts_too_long(one, seen.at):
        reason = "calm" if one.calm >= CALM_BUCKETS else "expired"
        return None, _told(_next(one, seen), brand, "resolved", reason, bucket, verdict, tail)
    if signal is not None and is_worse(one, seen):
        one = _next(one, seen)
        return one, _told(one, brand, "updated", "grew", bucket, verdict, tail)
    return one, None


def _is_calm(signal: Signal) -> bool:
    """Whether volumes are as usual: for a burst within one standard deviation."""
    if signal.kind == "silence":
        return signal.score < CALM_FALL
    one_above = signal.expected + (signal.upper - signal.expected) / 1.96
    return signal.observed <= one_above


def _open(
    brand: str,
    bucket: Bucket,
    verdict: Verdict,
    policy: Policy,
    signal: Signal,
    tail: tuple[Counts, ...],
    began: int,
    share: float,
) -> OpenIncident:
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
        alerts=signal.kind in policy.alert_on,
        minutes=signal.minutes,
        peak_share=share,
    )


def _further(one: OpenIncident, bucket: Bucket, seen: Now) -> OpenIncident:
    """One bucket on."""
    extreme = min if one.kind == "silence" else max
    return replace(
        one,
        worst=max(one.worst, seen.level),
        total_negative=one.total_negative + bucket.negative,
        peak_observed=extreme(one.peak_observed, seen.observed),
    )


def _next(one: OpenIncident, seen: Now) -> OpenIncident:
    """With one more change said."""
    return replace(
        one,
        number=one.number + 1,
        said_at=seen.at,
        said_severity=seen.level,
        said_observed=seen.observed,
    )


def _told(
    one: OpenIncident,
    brand: str,
    change: Change,
    reason: str,
    bucket: Bucket,
    verdict: Verdict,
    tail: tuple[Counts, ...],
) -> IncidentChange:
    return say(
        one,
        brand=brand,
        change=change,
        reason=reason,
        seen=now(one.kind, bucket.start + BUCKET, verdict),
        verdict=verdict,
        tail=tail,
    )


def _returning(one: OpenIncident, bucket: Bucket, verdict: Verdict) -> OpenIncident:
    """Add what the bucket says for the share being normal again: a CUSUM of its log odds.

    Against it stands the share half-way from normal to the surge's. A bucket of many posts that
    resemble each other counts as fewer. No posts say nothing: a feed that is out ends no incident.
    """
    peak = max(one.peak_share, verdict.share)
    if not bucket.voices:
        return replace(one, peak_share=peak)
    normal = min(max(verdict.share_expected, LEAST_SHARE), 1 - LEAST_SHARE)
    high = min(normal + max(peak - normal, LEAST_RISE) / 2, 1 - LEAST_SHARE / 2)
    others = bucket.voices - bucket.negative_voices
    odds = bucket.negative_voices * math.log(normal / high)
    odds += others * math.log((1 - normal) / (1 - high))
    odds /= 1 + (bucket.voices - 1) * BUCKET_RHO
    return replace(one, peak_share=peak, returned=max(one.returned + odds, 0.0))


def _share_of(detector: DetectorState, signal: Signal) -> float:
    total = detector.sums[SCALES.index(signal.minutes // 5)]
    return total.negative / max(total.voices, 1)


def _began(tail: tuple[Counts, ...], share: float, verdict: Verdict) -> int:
    """Index of the bucket where the surge began: the likeliest change from one share to another.

    That is after the lowest point of the running sum of negatives beyond half-way between the
    expected and the present share, so one lucky bucket does not break the run. The present is the
    highest of the last quarter, the last half hour, the last hour and the window that opened it, as
    a window that opens an incident is partly from before.
    """
    present = max(share, verdict.share)
    for newest in (tail[-HOUR // 4 :], tail[-HOUR // 2 :]):
        voices = max(sum(c.voices for c in newest), 1)
        present = max(present, sum(c.negative_voices for c in newest) / voices)
    halfway = (verdict.share_expected + present) / 2
    total, lowest, began = 0.0, 0.0, 0
    for i, c in enumerate(tail):
        total += c.negative_voices - halfway * c.voices
        if total <= lowest:
            lowest, began = total, i + 1
    return min(began, len(tail) - 1)
