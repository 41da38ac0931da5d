"""An incident's life: opened once, updated when it gets worse, resolved once. Pure and resumable.

`judge` is a fold: the same buckets from the same state give the same changes with the same ids,
however often and wherever it is interrupted. A brand has at most one story of mood at a time, a
negative surge or a mood shift, and beside it at most one volume surge and one silence.
"""

from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from forecasting.detect import EVERYDAY, step
from forecasting.detector_state import MOOD, SIZE, Counts, DetectorState, accept, fence, hold_back
from forecasting.life import (
    OpenIncident,
    further,
    is_worse,
    lasts_too_long,
    opened,
    said_again,
    say,
)
from forecasting.onset import began, share_of
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
from forecasting.recovery import has_returned, returning
from forecasting.severity import now

CALM_BUCKETS: Final = 12  # of volumes as usual, after which a volume surge or a silence is over
CALM_FALL: Final = 1.0  # standard deviations below which a fall is as usual


class IncidentState(Struct, frozen=True, kw_only=True):
    """Everything `judge` knows of a brand. The default is a brand never seen."""

    detector: DetectorState = DetectorState()
    incident: OpenIncident | None = None  # of mood: a negative surge or a mood shift
    opened: int = 0  # of those, ever
    attention: OpenIncident | None = None  # a volume surge
    silence: OpenIncident | None = None


class _Look(NamedTuple):
    """What a bucket is looked at with."""

    brand: str
    bucket: Bucket
    verdict: Verdict
    policy: Policy
    tail: tuple[Counts, ...]

    @property
    def at(self) -> Moment:
        return self.bucket.start + BUCKET


Judged = tuple[IncidentState, Verdict, tuple[IncidentChange, ...]]


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
    look = _Look(brand, bucket, verdict, policy, detector.tail)
    is_seen = quality != "gap"
    changes: list[IncidentChange] = []
    signals = {signal.kind: signal for signal in verdict.signals}
    mood = signals.get("negative_surge") or signals.get("mood_shift")
    if _goes_on(state.incident, look.at, is_seen) or _opens(mood, verdict):
        state, change = _story(state, look, mood)
        changes += [change] if change else []
    volume = signals.get("volume_surge")
    if _goes_on(state.attention, look.at, is_seen) or _opens(volume, verdict):
        attention, change = _beside(state.attention, look, volume, "volume_surge")
        state = replace(state, attention=attention)
        changes += [change] if change else []
    quiet = signals.get("silence")
    if _goes_on(state.silence, look.at, is_seen) or _opens(quiet, verdict):
        silence, change = _beside(state.silence, look, quiet, "silence")
        state = replace(state, silence=silence)
        changes += [change] if change else []
    return state, verdict, tuple(changes)


def _goes_on(one: OpenIncident | None, at: Moment, is_seen: bool) -> bool:
    """Whether there is something to say of an incident: unseen, only that it is over."""
    return one is not None and (is_seen or lasts_too_long(one, at))


def _opens(signal: Signal | None, verdict: Verdict) -> bool:
    return signal is not None and verdict.quality != "gap" and signal.score >= signal.limit


def _story(
    state: IncidentState, look: _Look, signal: Signal | None
) -> tuple[IncidentState, IncidentChange | None]:
    """Open or follow the incident of mood."""
    if state.incident is None:
        assert signal is not None
        share = share_of(state.detector, signal)
        first = began(look.tail, share, look.verdict)
        one = _opened(look, signal, first, share)
        detector = hold_back(state.detector, len(look.tail) - first, MOOD)
        state = replace(state, detector=detector, incident=one, opened=state.opened + 1)
        return state, _told(one, look, "opened", "new")
    seen = now(state.incident.kind, look.at, look.verdict)
    one = further(state.incident, look.bucket, seen)
    if not look.verdict.learning:
        one = returning(one, look.bucket, look.verdict)
    if lasts_too_long(one, seen.at):
        # Else the same level would open again at once.
        state = replace(state, incident=None, detector=fence(accept(state.detector)))
        return state, _told(said_again(one, seen), look, "resolved", "expired")
    if has_returned(one, look.verdict):
        state = replace(state, incident=None, detector=fence(state.detector))
        return state, _told(said_again(one, seen), look, "resolved", "calm")
    if is_worse(one, seen):
        one = said_again(one, seen)
        return replace(state, incident=one), _told(one, look, "updated", "grew")
    return replace(state, incident=one), None


def _beside(
    one: OpenIncident | None, look: _Look, signal: Signal | None, kind: IncidentKind
) -> tuple[OpenIncident | None, IncidentChange | None]:
    """Open or follow a volume surge or a silence."""
    if one is None:
        assert signal is not None
        first = max(len(look.tail) - signal.minutes * 60 // int(BUCKET.total_seconds()), 0)
        one = _opened(look, signal, first, look.verdict.share)
        return one, _told(one, look, "opened", "new")
    seen = now(kind, look.at, look.verdict)
    one = further(one, look.bucket, seen)
    if look.verdict.quality == "changed":  # how many are usual is not known any more
        return None, _told(said_again(one, seen), look, "resolved", "withdrawn")
    if signal is not None and look.verdict.quality == "ok":
        one = replace(one, calm=one.calm + 1 if _is_calm(signal) else 0)
    if one.calm >= CALM_BUCKETS or lasts_too_long(one, seen.at):
        reason = "calm" if one.calm >= CALM_BUCKETS else "expired"
        return None, _told(said_again(one, seen), look, "resolved", reason)
    if signal is not None and is_worse(one, seen):
        one = said_again(one, seen)
        return one, _told(one, look, "updated", "grew")
    return one, None


def _is_calm(signal: Signal) -> bool:
    """Whether volumes are as usual: for a burst within one standard deviation."""
    if signal.kind == "silence":
        return signal.score < CALM_FALL
    one_above = signal.expected + (signal.upper - signal.expected) / 1.96
    return signal.observed <= one_above


def _opened(look: _Look, signal: Signal, first: int, share: float) -> OpenIncident:
    return opened(
        look.brand,
        look.bucket,
        verdict=look.verdict,
        signal=signal,
        alerts=signal.kind in look.policy.alert_on,
        tail=look.tail,
        began=first,
        share=share,
    )


def _told(one: OpenIncident, look: _Look, change: Change, reason: str) -> IncidentChange:
    return say(
        one,
        brand=look.brand,
        change=change,
        reason=reason,
        seen=now(one.kind, look.at, look.verdict),
        verdict=look.verdict,
        tail=look.tail,
    )
