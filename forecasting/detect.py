"""The detector: what is far from a brand's own normal, in windows of half an hour to six.

Four kinds. A negative surge and a mood shift are one statistic, the negative share of the voices:
given how many posts there are, how many of them are negative? Hype that brings posts of every mood
leaves it where it was. Each window compares its share with what `forecasting.opinion` expects from
before it began, as beta-binomial deviations, each less its allowance for there being more short
windows than long ones in a day (the penalty of a multiscale scan, Duembgen and Spokoiny 2001;
measured here, as moods are no white noise). The score adds up the windows' likelihood ratios, so
that windows that agree say more than the one that says most (Chan and Walther 2013). If the posts
in excess were added to the usual number it is a surge of posts, if that number stayed it is a shift
of mood.

A volume surge is a burst by `forecasting.bare`, a silence a fall by `forecasting.attention`.

Only voices count for mood and silence: reposts, near-duplicates and spam amplify a surge and never
make one. A bucket is learned when it leaves the window that is judged, and not at all if it was in
an incident or not seen whole, so that a surge never explains itself away.
"""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting import bare, opinion
from forecasting.detector_state import (
    EMPTY,
    HOUR,
    MOOD,
    SCALES,
    SIZE,
    TAIL,
    Counts,
    DetectorState,
    number,
)
from forecasting.limits import limits_of
from forecasting.quality import LONGEST_WAIT
from forecasting.records import Bucket, Policy, Quality, Verdict
from forecasting.signals import View, burst_of, mood_of, silence_of, to_angle, to_share, view
from forecasting.windows import take

EVERYDAY: Final = Policy()


class Seen(Struct, frozen=True):
    """What one bucket shows: each window (None without voices), its quality, what burst is told."""

    views: list[View | None]
    quality: Quality
    told: float


def step(
    state: DetectorState,
    bucket: Bucket,
    *,
    held: int = 0,
    quality: Quality | None = None,
    policy: Policy = EVERYDAY,
) -> tuple[DetectorState, Verdict]:
    """Judge the windows that end with `bucket`, then learn. Buckets come in order of time.

    `held`: what is not to be learned because an incident is open, MOOD, SIZE or both. `quality` is
    inferred if None. Buckets that are missing between the last one and this one are empty ones. An
    empty bucket is no evidence of mood. Raises ValueError if `bucket` is not newer than the last.

    >>> from datetime import UTC, datetime
    >>> from forecasting.records import BUCKET
    >>> state = DetectorState()
    >>> for i in range(100):
    ...     b = Bucket(start=datetime(2026, 1, 1, tzinfo=UTC) + i * BUCKET, volume=6, negative=1,
    ...                voices=6, negative_voices=1)
    ...     state, verdict = step(state, b)
    >>> verdict.learning, round(verdict.share_expected, 2), verdict.score < 1
    (False, 0.17, True)
    """
    at = number(bucket.start)
    if state.last is not None:
        last = number(state.last)
        if at <= last:
            raise ValueError(f"bucket {bucket.start} is not after {state.last}")
        # After so many nothing of the state changes any more but up to when it is blind.
        least = last + 1 + LONGEST_WAIT + 2 * TAIL
        for missed in range(last + 1, min(at, least)):
            state = _go(state, EMPTY, missed, held, None)[0]
        if at > least and not held & SIZE:
            state = replace(state, blind=at)
    elif not state.levels:
        state = replace(state, fence=at, blind=at)
    counts = Counts(bucket.volume, bucket.negative, bucket.voices, bucket.negative_voices)
    after, seen = _go(state, counts, at, held, quality)
    after = replace(after, last=bucket.start)
    return after, _verdict(after, seen, at, policy)


def _go(
    state: DetectorState, counts: Counts, at: int, held: int, quality: Quality | None
) -> tuple[DetectorState, Seen]:
    """Take one bucket: what the windows show, and what they teach."""
    state, quality = take(state, counts, at, held, quality)
    told = 0.0
    if quality in ("ok", "changed", "relabelled"):
        burst, told = bare.pulse(*bare.score(state.burst, float(counts.volume)))
        state = replace(state, burst=burst)
    views = [view(state, i, at) for i in range(len(SCALES))]
    return _swing(state, views, at), Seen(views, quality, told)


def _swing(state: DetectorState, views: list[View | None], at: int) -> DetectorState:
    """Let the windows that are whole with this bucket teach how much shares swing."""
    levels = list(state.levels)
    for i, window in enumerate(SCALES):
        if (at + 1) % window:
            continue
        whole = len(state.tail) >= window and at - window >= state.fence
        free = whole and not any(c.flags & MOOD and c.voices for c in state.tail[-window:])
        view = views[i]
        square = chance = variance = 0.0
        if view is not None:
            spread = view.expected * (1 - view.expected)
            square = (view.share - view.expected) ** 2 / spread
            variance = view.variance
            chance = variance - levels[i].rho
        levels[i] = opinion.swing(
            levels[i],
            window,
            free=free,
            square=square,
            chance=chance,
            variance=variance,
            voices=state.sums[i].voices,
        )
    return state if levels == list(state.levels) else replace(state, levels=tuple(levels))


def _verdict(state: DetectorState, seen: Seen, at: int, policy: Policy) -> Verdict:
    limits, views, quality = limits_of(policy), seen.views, seen.quality
    hour = state.tail[-HOUR:]
    of_hour = views[SCALES.index(HOUR)]
    share = expected = state.usual_share
    reach = 0.0
    if of_hour is None:
        i = SCALES.index(HOUR)
        expected, known = opinion.expect(state.levels[i], at, expected)
        share, reach = expected, 1.96 * math.sqrt(state.levels[i].rho + known)
    else:
        share, expected = of_hour.share, of_hour.expected
        reach = 1.96 * math.sqrt(of_hour.variance)
    mood = None if state.is_learning else mood_of(state, views, at, limits)
    signals = (mood, burst_of(state, limits, seen.told), silence_of(state, at, quality, limits))
    return Verdict(
        learning=state.is_learning,
        score=mood.score if mood else 0.0,
        hour_volume=sum(c.volume for c in hour),
        hour_negative=sum(c.negative for c in hour),
        share=share,
        share_expected=expected,
        share_lower=to_share(to_angle(expected) - reach),
        share_upper=to_share(to_angle(expected) + reach),
        signals=tuple(signal for signal in signals if signal is not None),
        quality=quality,
        sensitivity=policy.sensitivity,
        false_a_week=limits.false_a_week,
    )
