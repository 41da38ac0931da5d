"""The detector: what is far from a brand's own normal, in windows of a quarter to six hours.

Four kinds. A negative surge and a mood shift are one statistic, the negative share of the voices:
given how many posts there are, how many of them are negative? Hype that brings posts of every mood
leaves it where it was. Each window compares its share with what `forecasting.opinion` expects from
before it began; the score is the largest of the windows' exact beta-binomial deviations, each less
its allowance for there being more short windows than long ones in a day (the penalty of a
multiscale scan; Duembgen and Spokoiny 2001). If the posts in excess were added to the usual number
it is a surge of posts, if that number stayed it is a shift of mood.

A volume surge is a burst by `forecasting.bare`, a silence a fall by `forecasting.attention`.

Only voices count for mood and silence: reposts, near-duplicates and spam amplify a surge and never
make one. A bucket is learned when it leaves the window that is judged, and not at all if it was in
an incident or not seen whole, so that a surge never explains itself away.
"""

import math
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting import bare, opinion
from forecasting.attention import (
    SILENCES,
    Attention,
    fall,
    is_known,
    learn_fall,
    least_usual,
    notice,
    usual,
)
from forecasting.bare import Burst
from forecasting.chance import deviations
from forecasting.limits import limits_of
from forecasting.opinion import Level
from forecasting.quality import LONGEST_WAIT, Run, infer
from forecasting.records import (
    BUCKET,
    Bucket,
    Limits,
    Moment,
    Policy,
    Quality,
    Signal,
    Verdict,
)

HOUR: Final = 12  # buckets
SCALES: Final = (3, HOUR, 36, 72)  # buckets: a quarter, one, three and six hours
TAIL: Final = SCALES[-1]  # buckets kept
# In a day there are more chances for a short window than for a long one to be far off.
ALLOWANCES: Final = tuple(
    math.sqrt(2 * math.log(opinion.DAY / w)) - math.sqrt(2 * math.log(opinion.DAY / TAIL))
    for w in SCALES
)
SILENCE_SCALES: Final = tuple(SCALES.index(w) for w in SILENCES)
LONG_RUN: Final = 0.5 ** (
    1 / (7 * opinion.DAY)
)  # half-life of the long-run share: a week of buckets

# Enough to judge: the share is then known to 8 points (95 %), from six different hours.
LEARN_BUCKETS: Final = 72
LEARN_VOICES: Final = 100
# Below, the normal approximation has no say in whether anything opens and is good enough to show.
SURELY_NONE: Final = 2.0
# Standard deviations of a fall from which a share may have risen because others fell silent.
THIN: Final = 1.0

PRIOR_SHARE: Final = 0.25
PRIOR_VOICES: Final = 8.0

MOOD: Final = 1  # flags of a bucket: not to be learned from for the share
SIZE: Final = 2  # nor for the volume
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVERYDAY: Final = Policy()


class Counts(Struct, frozen=True, array_like=True):
    """A bucket without its time, as it is kept in the state."""

    volume: int
    negative: int
    voices: int
    negative_voices: int
    flags: int = 0


EMPTY: Final = Counts(0, 0, 0, 0)


class Sum(Struct, frozen=True, array_like=True):
    """A window's voices."""

    voices: int = 0
    negative: int = 0


class DetectorState(Struct, frozen=True, kw_only=True):
    """All that is remembered of a brand; JSON by msgspec, about 4 kB. The default is a new brand.

    `tail` holds the newest buckets, oldest first. A state of before there were several windows has
    no `levels`: they begin from its long-run share.
    """

    last: Moment | None = None  # start of the newest bucket
    tail: tuple[Counts, ...] = ()
    sums: tuple[Sum, ...] = ()  # of each window at the end of the tail
    learned_buckets: int = 0  # with posts, ever
    learned_voices: int = 0
    voices: float = 0.0  # sums behind the long-run share
    negative_voices: float = 0.0
    levels: tuple[Level, ...] = ()  # of each window
    attention: Attention = Attention()
    burst: Burst = Burst()
    run: Run = Run()
    fence: int = 0  # number of the bucket that a window of shares must begin at or after
    blind: int = 0  # the same of volumes

    @property
    def usual_share(self) -> float:
        """The long-run share."""
        known = self.voices + PRIOR_VOICES
        return (self.negative_voices + PRIOR_SHARE * PRIOR_VOICES) / known

    @property
    def is_learning(self) -> bool:
        """Too little history to judge."""
        return self.learned_buckets < LEARN_BUCKETS or self.learned_voices < LEARN_VOICES


class View(Struct, frozen=True, kw_only=True):
    """One window at the end of the tail."""

    scale: int  # which
    share: float
    expected: float
    variance: float  # of the difference, on the arcsine scale
    rho: float  # of that, what is not chance
    deviations: float


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
        # After so many the state does not change any more.
        for missed in range(last + 1, min(at, last + 1 + LONGEST_WAIT + 2 * TAIL)):
            state = _go(state, EMPTY, missed, held, None)[0]
    elif not state.levels:
        state = replace(state, fence=at, blind=at)
    counts = Counts(bucket.volume, bucket.negative, bucket.voices, bucket.negative_voices)
    after, seen = _go(state, counts, at, held, quality)
    after = replace(after, last=bucket.start)
    return after, _verdict(after, seen, at, policy)


def number(moment: Moment) -> int:
    """Number of the bucket that starts at `moment`."""
    return (moment - EPOCH) // BUCKET


def accept(state: DetectorState) -> DetectorState:
    """Take the level of the last six hours as the new normal: after a surge that did not end."""
    newest = state.sums[-1] if state.sums else Sum()
    if not newest.voices:
        return state
    assert state.last is not None
    share, at = newest.negative / newest.voices, number(state.last)
    return replace(
        state,
        voices=float(newest.voices),
        negative_voices=float(newest.negative),
        levels=tuple(opinion.settle(level, share, at) for level in state.levels),
    )


def fence(state: DetectorState) -> DetectorState:
    """No window may reach back before the bucket after the newest one."""
    assert state.last is not None
    return replace(state, fence=number(state.last) + 1)


def hold_back(state: DetectorState, buckets: int, flags: int) -> DetectorState:
    """Mark the newest `buckets` as not to be learned from."""
    kept, marked = state.tail[: len(state.tail) - buckets], state.tail[len(state.tail) - buckets :]
    return replace(state, tail=kept + tuple(_flagged(c, flags) for c in marked))


def _flagged(counts: Counts, flags: int) -> Counts:
    return Counts(
        counts.volume,
        counts.negative,
        counts.voices,
        counts.negative_voices,
        counts.flags | flags,
    )


def _go(
    state: DetectorState, counts: Counts, at: int, held: int, quality: Quality | None
) -> tuple[DetectorState, Seen]:
    """Take one bucket: what the windows show, and what they teach."""
    state, quality = _take(state, counts, at, held, quality)
    told = 0.0
    if quality == "ok" or quality == "changed":
        burst, told = bare.pulse(*bare.score(state.burst, float(counts.volume)))
        state = replace(state, burst=burst)
    views = [_view(state, i, at) for i in range(len(SCALES))]
    return _swing(state, views, at), Seen(views, quality, told)


def _take(
    state: DetectorState, counts: Counts, at: int, held: int, quality: Quality | None
) -> tuple[DetectorState, Quality]:
    """Move the windows on by one bucket and learn those that leave them."""
    if not state.levels:
        state = _begin(state)
    was_gap = state.run.is_gap
    run, inferred = infer(state.run, counts.volume, usual(state.attention, 1, at))
    state = replace(state, run=run)
    if quality is None:
        quality = inferred
        if run.is_gap and not was_gap:
            state = hold_back(state, min(run.empty - 1, len(state.tail)), MOOD | SIZE)
    flags = held
    if quality == "gap" or run.empty >= LONGEST_WAIT:
        flags |= MOOD | SIZE
    elif quality == "catch_up":
        flags |= SIZE
    elif quality == "changed":
        state = _changed(state, at)
    blind = at + 1 if flags & SIZE and not held & SIZE else state.blind
    if flags:
        counts = _flagged(counts, flags)
    tail = state.tail
    learn_mood = not held & MOOD
    levels, sums = list(state.levels), list(state.sums)
    usual_share = state.usual_share
    for i, window in enumerate(SCALES):
        total = sums[i]
        voices, negative = total.voices + counts.voices, total.negative + counts.negative_voices
        if len(tail) >= window:
            leaving = tail[-window]
            voices -= leaving.voices
            negative -= leaving.negative_voices
            if leaving.voices and learn_mood and not leaving.flags & MOOD:
                levels[i] = opinion.learn(
                    levels[i],
                    negative=leaving.negative_voices,
                    voices=leaving.voices,
                    at=at - window,
                    usual=usual_share,
                )
        sums[i] = Sum(voices, negative)
    attention = _attend(state, sums, at)
    if len(tail) >= SILENCES[-1] and not tail[-SILENCES[-1]].flags & SIZE:
        attention = notice(attention, tail[-SILENCES[-1]].voices, at - SILENCES[-1])
    buckets, learned, long_voices, long_negative = _long_run(state, learn_mood)
    after = DetectorState(
        last=state.last,
        tail=(*tail, counts)[-TAIL:],
        sums=tuple(sums),
        learned_buckets=buckets,
        learned_voices=learned,
        voices=long_voices,
        negative_voices=long_negative,
        levels=tuple(levels),
        attention=attention,
        burst=state.burst,
        run=state.run,
        fence=state.fence,
        blind=blind,
    )
    return after, quality


def _begin(state: DetectorState) -> DetectorState:
    """Levels and sums for a state that has none: a new brand's, or one of before."""
    level = Level()
    if state.voices:
        share = state.usual_share
        level = replace(level, mean=share, p00=opinion.WANDER * share * (1 - share), at=1)
    sums = tuple(
        Sum(
            sum(c.voices for c in state.tail[-window:]),
            sum(c.negative_voices for c in state.tail[-window:]),
        )
        for window in SCALES
    )
    return replace(state, levels=(level,) * len(SCALES), sums=sums)


def _changed(state: DetectorState, at: int) -> DetectorState:
    """Learn anew what is normal, as of a new brand; how much it swings is kept."""
    return replace(
        state,
        learned_buckets=0,
        learned_voices=0,
        fence=at,
        levels=tuple(opinion.unsettle(level) for level in state.levels),
        tail=tuple(_flagged(c, MOOD) for c in state.tail),
    )


def _long_run(state: DetectorState, learn: bool) -> tuple[int, int, float, float]:
    """What is learned of the bucket that leaves the hour."""
    was = state.learned_buckets, state.learned_voices, state.voices, state.negative_voices
    if not learn or len(state.tail) < HOUR:
        return was
    leaving = state.tail[-HOUR]
    if not leaving.voices or leaving.flags & MOOD:
        return was
    return (
        state.learned_buckets + 1,
        state.learned_voices + leaving.voices,
        state.voices * LONG_RUN + leaving.voices,
        state.negative_voices * LONG_RUN + leaving.negative_voices,
    )


def _attend(state: DetectorState, sums: list[Sum], at: int) -> Attention:
    """Learn how far volumes fall from the windows of silence that are whole with this bucket."""
    attention = state.attention
    for which, window in enumerate(SILENCES):
        if (at + 1) % window == 0 and at - window >= state.blind and is_known(attention, at):
            expected = usual(attention, window, at)
            attention = learn_fall(attention, which, sums[SILENCE_SCALES[which]].voices, expected)
    return attention


def _view(state: DetectorState, i: int, at: int) -> View | None:
    total = state.sums[i]
    if not total.voices:
        return None
    level = state.levels[i]
    middle = at - (SCALES[i] - 1) / 2
    expected, known = opinion.expect(level, middle, state.usual_share)
    rho = min(level.rho + known, opinion.MOST_RHO)
    variance = 1 / total.voices + rho
    share = total.negative / total.voices
    score = (_angle(share) - _angle(expected)) / math.sqrt(variance)
    if score > SURELY_NONE:
        score = deviations(total.negative, total.voices, expected, rho)
    return View(
        scale=i, share=share, expected=expected, variance=variance, rho=rho, deviations=score
    )


def _swing(state: DetectorState, views: list[View | None], at: int) -> DetectorState:
    """Let the windows that are whole with this bucket teach how much shares swing."""
    levels = list(state.levels)
    for i, window in enumerate(SCALES):
        if (at + 1) % window:
            continue
        whole = len(state.tail) >= window and at - window >= state.fence
        free = whole and not any(c.flags & MOOD and c.voices for c in state.tail[-window:])
        view = views[i]
        off = chance = variance = 0.0
        if view is not None:
            off = _angle(view.share) - _angle(view.expected)
            variance = view.variance
            chance = variance - levels[i].rho
        levels[i] = opinion.swing(
            levels[i],
            window,
            free=free,
            off=off,
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
    mood = None if state.is_learning else _mood(state, views, at, limits)
    signals = (mood, _burst(state, limits, seen.told), _silence(state, at, quality, limits))
    return Verdict(
        learning=state.is_learning,
        score=mood.score if mood else 0.0,
        hour_volume=sum(c.volume for c in hour),
        hour_negative=sum(c.negative for c in hour),
        share=share,
        share_expected=expected,
        share_lower=_share(_angle(expected) - reach),
        share_upper=_share(_angle(expected) + reach),
        signals=tuple(signal for signal in signals if signal is not None),
        quality=quality,
        sensitivity=policy.sensitivity,
        false_a_week=limits.false_a_week,
    )


def _mood(state: DetectorState, views: list[View | None], at: int, limits: Limits) -> Signal | None:
    """The window that says most of the negative share, among those after the fence."""
    best, score = None, -math.inf
    for view in views:
        if view is None or at - SCALES[view.scale] + 1 < state.fence:
            continue
        if view.deviations - ALLOWANCES[view.scale] > score:
            best, score = view, view.deviations - ALLOWANCES[view.scale]
    if best is None:
        return None
    window, total = SCALES[best.scale], state.sums[best.scale]
    usual_voices = usual(state.attention, window, at)
    expected = best.expected * total.voices
    added = (total.negative - expected) / (1 - best.expected)
    surge = total.voices >= usual_voices + added / 2
    if score >= limits.share and _is_thin(state, best, usual_voices):
        score = 0.0
    reach = 1.96 * math.sqrt(best.variance)
    return Signal(
        kind="negative_surge" if surge else "mood_shift",
        score=score,
        limit=limits.share,
        minutes=5 * window,
        observed=total.negative,
        expected=expected,
        lower=_share(_angle(best.expected) - reach) * total.voices,
        upper=_share(_angle(best.expected) + reach) * total.voices,
    )


def _is_thin(state: DetectorState, view: View, usual_voices: float) -> bool:
    """Whether the share is high because others fell silent, and no more is negative than ever."""
    total = state.sums[view.scale]
    which = 0 if SCALES[view.scale] <= SILENCES[0] else 1
    return (
        total.negative < view.expected * usual_voices
        and fall(state.attention, which, total.voices, usual_voices) >= THIN
    )


def _burst(state: DetectorState, limits: Limits, told: float) -> Signal | None:
    """A burst of all posts, once it is told."""
    if state.burst.rows <= bare.WARM:
        return None
    mean, deviation = bare.usual(state.burst)
    return Signal(
        kind="volume_surge",
        score=math.expm1(told),
        limit=math.expm1(limits.burst),
        minutes=5 * HOUR,
        observed=sum(c.volume for c in state.tail[-HOUR:]),
        expected=HOUR * mean,
        lower=HOUR * max(mean - 1.96 * deviation, 0.0),
        upper=HOUR * (mean + 1.96 * deviation),
    )


def _silence(state: DetectorState, at: int, quality: Quality, limits: Limits) -> Signal | None:
    """The window that says most of a fall in voices, among those that were seen whole."""
    if quality not in ("ok", "changed") or state.run.empty >= LONGEST_WAIT:
        return None
    best = None
    for which, window in enumerate(SILENCES):
        if at - window + 1 < state.blind or not is_known(state.attention, at):
            continue
        expected = usual(state.attention, window, at)
        observed = state.sums[SILENCE_SCALES[which]].voices
        score = fall(state.attention, which, observed, expected)
        if best is None or score > best.score:
            best = Signal(
                kind="silence",
                score=score,
                limit=limits.fall,
                minutes=5 * window,
                observed=observed,
                expected=expected,
                lower=least_usual(state.attention, which, expected),
                upper=expected,
            )
    return best


def _angle(share: float) -> float:
    return 2 * math.asin(math.sqrt(share))


def _share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi) / 2) ** 2
