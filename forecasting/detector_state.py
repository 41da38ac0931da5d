"""What a detector remembers of a brand, and what is done to it besides moving on by a bucket.

The newest buckets stay in windows until they leave them, and only then are learned. What was in an
incident or was not seen whole is flagged and never learned.
"""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting import opinion
from forecasting.attention import Attention
from forecasting.bare import Burst
from forecasting.opinion import Level
from forecasting.quality import Run
from forecasting.records import BUCKET, Moment

HOUR: Final = 12  # buckets
SCALES: Final = (6, HOUR, 36, 72)  # buckets: half an hour, one, three and six
OLD_SCALES: Final = (3, HOUR, 36, 72)  # of states that do not say theirs
TAIL: Final = SCALES[-1]  # buckets kept

# Enough to judge: the share is then known to 8 points (95 %), from six different hours.
LEARN_BUCKETS: Final = 72
LEARN_VOICES: Final = 100
PRIOR_SHARE: Final = 0.25
PRIOR_VOICES: Final = 8.0

MOOD: Final = 1  # flags of a bucket: not to be learned from for the share
SIZE: Final = 2  # nor for the volume
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
    squares: int = 0  # of each bucket's voices


class DetectorState(Struct, frozen=True, kw_only=True):
    """All that is remembered of a brand; JSON by msgspec, about 4 kB. The default is a new brand.

    `tail` holds the newest buckets, oldest first. A state of before there were several windows has
    no `levels`: they begin from its long-run share. One of other windows goes on with these. One
    that learned swings on arcsines forgets them: for a small brand they were mostly chance.
    """

    last: Moment | None = None  # start of the newest bucket
    tail: tuple[Counts, ...] = ()
    scales: tuple[int, ...] = OLD_SCALES  # the windows that sums and levels are of
    on_shares: bool = False  # whether the swings of its levels were learned on shares
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
    return replace(state, tail=kept + tuple(flagged(c, flags) for c in marked))


def flagged(counts: Counts, flags: int) -> Counts:
    """The same, not to be learned from."""
    return Counts(
        counts.volume,
        counts.negative,
        counts.voices,
        counts.negative_voices,
        counts.flags | flags,
    )


def is_old(state: DetectorState) -> bool:
    """Whether it has no levels, those of other windows, or swings that were learned otherwise."""
    return not state.levels or state.scales != SCALES or not state.on_shares


def begun(state: DetectorState) -> DetectorState:
    """Levels and sums of SCALES for a state that has none, or those of other windows."""
    if state.levels:
        levels = tuple(_level_of(state, window) for window in SCALES)
    else:
        levels = (_first(state),) * len(SCALES)
    if not state.on_shares:
        levels = tuple(opinion.without_swings(level) for level in levels)
    sums = tuple(
        Sum(
            sum(c.voices for c in state.tail[-window:]),
            sum(c.negative_voices for c in state.tail[-window:]),
            sum(c.voices * c.voices for c in state.tail[-window:]),
        )
        for window in SCALES
    )
    return replace(state, scales=SCALES, on_shares=True, levels=levels, sums=sums)


def _first(state: DetectorState) -> Level:
    """Of a new brand, or of a state of before there were windows."""
    if not state.voices:
        return Level()
    share = state.usual_share
    return Level(mean=share, p00=opinion.WANDER * share * (1 - share), at=1)


def _level_of(state: DetectorState, window: int) -> Level:
    """What that window has learned; if it is new, what the next longer one has.

    The longer one has learned nothing that is still in the new window, nothing is learned twice.
    """
    known = dict(zip(state.scales, state.levels, strict=True))
    if window in known:
        return known[window]
    longer = min((w for w in known if w > window), default=max(known))
    return replace(known[longer], pending=0.0, pending_weight=0.0)


def changed(state: DetectorState, at: int) -> DetectorState:
    """Other posts are counted: learn moods and volumes anew."""
    state = relabelled(state, at)
    return replace(
        state,
        attention=Attention(),
        burst=Burst(),
        blind=at,
        tail=tuple(flagged(c, SIZE) for c in state.tail),
    )


def relabelled(state: DetectorState, at: int) -> DetectorState:
    """Learn anew what mood is normal, as of a new brand; how much it swings is kept."""
    return replace(
        state,
        learned_buckets=0,
        learned_voices=0,
        voices=0.0,  # else levels would go on falling back to the share of before
        negative_voices=0.0,
        fence=at,
        levels=tuple(opinion.unsettle(level) for level in state.levels),
        tail=tuple(flagged(c, MOOD) for c in state.tail),
    )
