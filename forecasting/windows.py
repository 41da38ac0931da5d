"""How the windows of a brand move on by a bucket.

What leaves a window is learned: by the window's own filter for the share, by the usual volumes once
it has left the windows of silence.
"""

from typing import Final

from msgspec.structs import replace

from forecasting import opinion
from forecasting.attention import SILENCES, Attention, is_known, learn_fall, notice, usual
from forecasting.detector_state import (
    HOUR,
    MOOD,
    SCALES,
    SIZE,
    TAIL,
    Counts,
    DetectorState,
    Sum,
    begun,
    changed,
    flagged,
    hold_back,
    is_old,
    relabelled,
)
from forecasting.quality import LONGEST_WAIT, infer
from forecasting.records import Quality

SILENCE_SCALES: Final = tuple(SCALES.index(w) for w in SILENCES)
LONG_RUN: Final = 0.5 ** (
    1 / (7 * opinion.DAY)
)  # half-life of the long-run share: a week of buckets


def take(
    state: DetectorState, counts: Counts, at: int, held: int, quality: Quality | None
) -> tuple[DetectorState, Quality]:
    """Move the windows on by one bucket and learn those that leave them."""
    if is_old(state):
        state = begun(state)
    was_gap = state.run.is_gap
    run, inferred = infer(state.run, counts.volume, usual(state.attention, 1, at))
    state = replace(state, run=run)
    begins = run.is_gap and not was_gap
    if quality is None:
        quality = inferred
    else:
        begins = quality == "gap" and run.empty > 0
    if begins:
        state = hold_back(state, min(run.empty - 1, len(state.tail)), MOOD | SIZE)
    if run.empty >= LONGEST_WAIT:
        quality = "gap"  # also where the feed is well: nothing is expected any more
    flags = held
    if quality == "gap":
        flags |= MOOD | SIZE
    elif quality in ("partial", "catch_up"):
        flags |= SIZE
    elif quality == "relabelled":
        state = relabelled(state, at)
    elif quality == "changed":
        state = changed(state, at)
    blind = at + 1 if flags & SIZE and not held & SIZE else state.blind
    if flags:
        counts = flagged(counts, flags)
    tail = state.tail
    learn_mood = not held & MOOD
    levels, sums = list(state.levels), list(state.sums)
    usual_share = state.usual_share
    for i, window in enumerate(SCALES):
        total = sums[i]
        voices, negative = total.voices + counts.voices, total.negative + counts.negative_voices
        squares = total.squares + counts.voices * counts.voices
        if len(tail) >= window:
            leaving = tail[-window]
            voices -= leaving.voices
            negative -= leaving.negative_voices
            squares -= leaving.voices * leaving.voices
            if leaving.voices and learn_mood and not leaving.flags & MOOD:
                levels[i] = opinion.learn(
                    levels[i],
                    negative=leaving.negative_voices,
                    voices=leaving.voices,
                    at=at - window,
                    usual=usual_share,
                )
        sums[i] = Sum(voices, negative, squares)
    attention = _attend(state, sums, at)
    if len(tail) >= SILENCES[-1] and not tail[-SILENCES[-1]].flags & SIZE:
        attention = notice(attention, tail[-SILENCES[-1]].voices, at - SILENCES[-1])
    buckets, learned, long_voices, long_negative = _long_run(state, learn_mood)
    after = DetectorState(
        last=state.last,
        tail=(*tail, counts)[-TAIL:],
        scales=SCALES,
        on_shares=True,
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
