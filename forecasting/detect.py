"""Negative-surge detector: is the last hour's negative share higher than this brand's own normal?

Shares are compared on the arcsine scale, a(p) = 2 asin(sqrt p), where a share of n posts has a
variance of 1/n whatever p is, and where the normal approximation holds for the few posts of a
small brand (12 posts of which 4 are negative against a normal of 5 %: 2.7 here, 2.9 exactly, 4.5
by the plain formula, which would be a false alarm). Posts of one hour influence each other, so a
share varies more than a coin's: its variance is 1/n + rho, as of a beta-binomial count. `rho` is
learned online from how far hours have been from what was expected of them, so a brand whose mood
swings needs more of a swing to alarm.

Only voices count: reposts, near-duplicates and spam amplify a surge and never make one. A bucket
is learned when it leaves the hour that is judged, so that a surge never explains itself away.
"""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.records import BUCKET, Bucket, Moment, Verdict

HOUR: Final = 12  # buckets
TAIL: Final = 72  # buckets kept, six hours: how far back a surge's beginning is looked for
HALF_LIFE: Final = 288.0  # of the normal share, in buckets with posts: a day
RHO_HALF_LIFE: Final = 7 * 288.0  # swings are rarer than posts, so they are remembered longer
FRESH_HALF_LIFE: Final = 72.0  # of the level that becomes normal when a surge does not end

# Enough to judge: the share is then known to 8 points (95 %), from six different hours.
LEARN_BUCKETS: Final = 72
LEARN_VOICES: Final = 100

OPEN_SCORE: Final = 3.5  # 2 in 10,000 hours if the model were right
# The 95 % interval of a Poisson count of 10 is 4.8 to 18.4, a factor of two each way. Of fewer
# posts not even the size is known, so they are no news whatever their share.
OPEN_NEGATIVE: Final = 10
# Normal quantile: the hour's negative voices must also be more than usual hours hold.
COUNT_QUANTILE: Final = 1.96

PRIOR_SHARE: Final = 0.25
PRIOR_VOICES: Final = 8.0
PRIOR_RHO: Final = 0.02  # wide: 50 posts an hour are worth 25 independent ones
PRIOR_WEIGHT: Final = 12 * 30.0**2  # as if learned from 12 hours of 30 independent voices
LEAST_RHO: Final = 0.002
INFORMATIVE: Final = 100.0  # voices beyond which an hour says little more about rho
MOST_SURPRISE: Final = 9.0  # one hour teaches rho at most a z of 3


class Counts(Struct, frozen=True, array_like=True):
    """A bucket without its time, as it is kept in the state."""

    volume: int
    negative: int
    voices: int
    negative_voices: int


class Surprise(Struct, frozen=True, array_like=True):
    """How far one hour was off, squared, beyond what coins would do; and of how many voices."""

    excess: float
    voices: int


class DetectorState(Struct, frozen=True, kw_only=True):
    """All that is remembered of a brand; JSON by msgspec, about 1 kB. The default is a new brand.

    Sums are exponentially weighted. `tail` holds the newest buckets, oldest first; the last 12
    are the hour that is judged and are not part of the sums yet.
    """

    last: Moment | None = None  # start of the newest bucket
    tail: tuple[Counts, ...] = ()
    learned_buckets: int = 0  # with posts, ever
    learned_voices: int = 0
    weight: float = 0.0  # buckets behind the sums
    voices: float = 0.0
    negative_voices: float = 0.0
    fresh_voices: float = 0.0  # the same, short-lived and never held back
    fresh_negative: float = 0.0
    swing: float = 0.0  # sums behind rho
    swing_weight: float = 0.0
    surprises: tuple[
        Surprise, ...
    ] = ()  # of the last 12 buckets, not in rho yet; of no voices if empty


def step(state: DetectorState, bucket: Bucket, *, held: int = 0) -> tuple[DetectorState, Verdict]:
    """Judge the hour that ends with `bucket`, then learn. Buckets come in order of time.

    `held` is for how many buckets an incident has been open: what is normal then moves at a tenth
    of its speed, after eight hours at half. Buckets that are missing between the last one and this
    one are taken as empty. An empty bucket is not evidence: it moves nothing but the hour, and an
    hour without voices scores 0 at the expected share. Raises ValueError if `bucket` is not newer
    than the last.

    >>> from datetime import UTC, datetime
    >>> state = DetectorState()
    >>> for i in range(100):
    ...     b = Bucket(start=datetime(2026, 1, 1, tzinfo=UTC) + i * BUCKET, volume=6, negative=1,
    ...                voices=6, negative_voices=1)
    ...     state, verdict = step(state, b)
    >>> verdict.learning, round(verdict.share_expected, 2), abs(verdict.score) < 1
    (False, 0.17, True)
    """
    missed = 0
    if state.last is not None:
        missed = (bucket.start - state.last) // BUCKET - 1
        if missed < 0:
            raise ValueError(f"bucket {bucket.start} is not after {state.last}")
    for _ in range(min(missed, TAIL)):
        state = _push(state, Counts(0, 0, 0, 0), held)
    counts = Counts(bucket.volume, bucket.negative, bucket.voices, bucket.negative_voices)
    state = replace(_push(state, counts, held), last=bucket.start)
    verdict, surprise = _judge(state)
    if bucket.voices:
        state = replace(state, surprises=(*state.surprises[:-1], surprise))
    return state, verdict


def is_surge(state: DetectorState, verdict: Verdict) -> bool:
    """Whether a verdict on `state`, as `step` returned both, should open an incident."""
    negative = sum(c.negative_voices for c in state.tail[-HOUR:])
    usual = HOUR * state.negative_voices / max(state.weight, 1.0)
    return (
        not verdict.learning
        and verdict.score >= OPEN_SCORE
        and negative >= OPEN_NEGATIVE
        and negative > usual + COUNT_QUANTILE * math.sqrt(usual)
    )


def accept(state: DetectorState) -> DetectorState:
    """Take the level of the last hours as the new normal: after a surge that did not end."""
    if state.fresh_voices <= 0:
        return state
    return replace(
        state,
        voices=state.fresh_voices,
        negative_voices=state.fresh_negative,
        weight=min(state.weight, FRESH_HALF_LIFE / math.log(2)),
    )


def _push(state: DetectorState, counts: Counts, held: int) -> DetectorState:
    """Move the hour on by one bucket and learn the one that leaves it."""
    leaving = state.tail[-HOUR] if len(state.tail) >= HOUR else None
    surprise = state.surprises[0] if len(state.surprises) >= HOUR else None
    state = replace(
        state,
        tail=(*state.tail, counts)[-TAIL:],
        surprises=(*state.surprises, Surprise(0.0, 0))[-HOUR:],
    )
    speed = _speed(held)
    if surprise is not None:
        state = _learn_swing(state, surprise, speed)
    return state if leaving is None else _learn_share(state, leaving, speed)


def _learn_share(state: DetectorState, counts: Counts, speed: float) -> DetectorState:
    if not counts.voices:
        return state
    keep, fresh = 0.5 ** (speed / HALF_LIFE), 0.5 ** (1 / FRESH_HALF_LIFE)
    return replace(
        state,
        learned_buckets=state.learned_buckets + 1,
        learned_voices=state.learned_voices + counts.voices,
        weight=state.weight * keep + speed,
        voices=state.voices * keep + speed * counts.voices,
        negative_voices=state.negative_voices * keep + speed * counts.negative_voices,
        fresh_voices=state.fresh_voices * fresh + counts.voices,
        fresh_negative=state.fresh_negative * fresh + counts.negative_voices,
    )


def _learn_swing(state: DetectorState, surprise: Surprise, speed: float) -> DetectorState:
    """Learn rho from one hour; hours overlap, so each bucket's is worth a twelfth."""
    if not surprise.voices:
        return state
    worth = speed / HOUR * (surprise.voices / (1 + surprise.voices / INFORMATIVE)) ** 2
    keep = 0.5 ** (speed / RHO_HALF_LIFE)
    return replace(
        state,
        swing=state.swing * keep + worth * surprise.excess,
        swing_weight=state.swing_weight * keep + worth,
    )


def _judge(state: DetectorState) -> tuple[Verdict, Surprise]:
    """The verdict on the hour at the end of the tail, and what it will teach."""
    hour = state.tail[-HOUR:]
    voices = sum(c.voices for c in hour)
    negative = sum(c.negative_voices for c in hour)
    known = state.voices + PRIOR_VOICES
    expected = (state.negative_voices + PRIOR_SHARE * PRIOR_VOICES) / known
    share = negative / voices if voices else expected
    rho = (PRIOR_RHO * PRIOR_WEIGHT + state.swing) / (PRIOR_WEIGHT + state.swing_weight)
    rho = max(rho, LEAST_RHO)
    normal_variance = 1 / known + rho / (1 + state.weight / HOUR)
    variance = 1 / max(voices, 1) + rho + normal_variance
    off = _angle(share) - _angle(expected)
    learning = state.learned_buckets < LEARN_BUCKETS or state.learned_voices < LEARN_VOICES
    reach = 1.96 * math.sqrt(variance)
    verdict = Verdict(
        learning=learning,
        score=0.0 if learning else off / math.sqrt(variance),
        hour_volume=sum(c.volume for c in hour),
        hour_negative=sum(c.negative for c in hour),
        share=share,
        share_expected=expected,
        share_lower=_share(_angle(expected) - reach),
        share_upper=_share(_angle(expected) + reach),
    )
    excess = min(off * off, MOST_SURPRISE * variance) - 1 / max(voices, 1) - normal_variance
    counted = voices if state.learned_buckets >= HOUR else 0  # before, nothing was expected
    return verdict, Surprise(excess, counted)


def _speed(held: int) -> float:
    if held <= 0:
        return 1.0
    return 0.1 if held <= 8 * HOUR else 0.5


def _angle(share: float) -> float:
    return 2 * math.asin(math.sqrt(share))


def _share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi) / 2) ** 2
