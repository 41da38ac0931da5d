"""What the windows show: how far each kind is from opening."""

import math
from typing import Final

from msgspec import Struct

from forecasting import bare, opinion
from forecasting.attention import SILENCES, fall, is_known, least_usual, usual
from forecasting.chance import added_up, deviations
from forecasting.detector_state import HOUR, SCALES, DetectorState
from forecasting.quality import LONGEST_WAIT
from forecasting.records import Limits, Quality, Signal
from forecasting.windows import SILENCE_SCALES

# In a day there are more chances for a short window than for a long one to be far off. Less these,
# each window opens about as many of the false incidents: `python -m benchmarks.calibrate`.
ALLOWANCES: Final = (0.6, 0.5, 0.25, 0.0)
# Below, the normal approximation is good enough: alone it opens nothing, and the limits were found
# with what it adds to other windows.
SURELY_NONE: Final = 2.0
# Times the usual voices to which a crowd counts: such numbers have taught rho, larger ones hardly.
CROWD: Final = 2.0
# Standard deviations of a fall from which a share may have risen because others fell silent.
THIN: Final = 1.0


class View(Struct, frozen=True, kw_only=True):
    """One window at the end of the tail."""

    scale: int  # which
    share: float
    expected: float
    variance: float  # of the difference, in units of p (1 - p)
    rho: float  # of that, what is not chance
    deviations: float


def view(state: DetectorState, i: int, at: int) -> View | None:
    total = state.sums[i]
    if not total.voices:
        return None
    level = state.levels[i]
    middle = at - (SCALES[i] - 1) / 2
    expected, known = opinion.expect(level, middle, state.usual_share)
    # Posts of one bucket resemble each other: voices from a few buckets say less of the share.
    alike = opinion.BUCKET_RHO * total.squares / total.voices**2
    rho = min(level.rho + known + alike, opinion.MOST_RHO)
    variance = 1 / total.voices + rho
    share = total.negative / total.voices
    score = (to_angle(share) - to_angle(expected)) / math.sqrt(variance)
    if score > SURELY_NONE:
        enough = max(CROWD * usual(state.attention, SCALES[i], at), opinion.INFORMATIVE)
        score = deviations(total.negative, total.voices, expected, rho, enough=enough)
    return View(
        scale=i, share=share, expected=expected, variance=variance, rho=rho, deviations=score
    )


def mood_of(
    state: DetectorState, views: list[View | None], at: int, limits: Limits
) -> Signal | None:
    """What the windows after the fence say of the negative share, and the one that says most."""
    whole = [view for view in views if view and at - SCALES[view.scale] + 1 >= state.fence]
    if not whole:
        return None
    above = [view.deviations - ALLOWANCES[view.scale] for view in whole]
    best = whole[above.index(max(above))]
    score = added_up(above)
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
        lower=to_share(to_angle(best.expected) - reach) * total.voices,
        upper=to_share(to_angle(best.expected) + reach) * total.voices,
    )


def _is_thin(state: DetectorState, view: View, usual_voices: float) -> bool:
    """Whether the share is high because others fell silent, and no more is negative than ever."""
    total = state.sums[view.scale]
    which = 0 if SCALES[view.scale] <= SILENCES[0] else 1
    return (
        total.negative < view.expected * usual_voices
        and fall(state.attention, which, total.voices, usual_voices) >= THIN
    )


def burst_of(state: DetectorState, limits: Limits, told: float) -> Signal | None:
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


def silence_of(state: DetectorState, at: int, quality: Quality, limits: Limits) -> Signal | None:
    """The window that says most of a fall in voices, among those that were seen whole."""
    if quality not in ("ok", "changed", "relabelled") or state.run.empty >= LONGEST_WAIT:
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


def to_angle(share: float) -> float:
    return 2 * math.asin(math.sqrt(share))


def to_share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi) / 2) ** 2
