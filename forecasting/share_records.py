"""What the estimate of a negative share is made from, and what it says. Pure records."""

from typing import Literal

from msgspec import Struct

Method = Literal["mean_probability", "corrected"]


class ScoreBin(Struct, frozen=True, kw_only=True):
    """Posts of nearly the same score that nobody has labelled."""

    mean: float  # of their p_negative, 0..1
    posts: int


class Window(Struct, frozen=True, kw_only=True):
    """The posts whose negative share is asked for; each is in one bin or is known."""

    bins: tuple[ScoreBin, ...]
    known: int = 0  # posts that a person has labelled, whyever
    known_negative: int = 0
    counted_negative: int = 0  # of all posts, those that the model calls negative

    @property
    def unknown(self) -> int:
        """Posts that only the model has judged."""
        return sum(one.posts for one in self.bins)

    @property
    def posts(self) -> int:
        """All posts."""
        return self.known + self.unknown


class LabelledScore(Struct, frozen=True, kw_only=True):
    """A post that was drawn by its score and nothing else, and that a person then labelled."""

    p_negative: float  # what the model that counts now says of it
    negative: bool
    in_window: bool = False  # it is one of the known posts of the window


class ShareEstimate(Struct, frozen=True, kw_only=True):
    """A share and its 90 % interval; 0 <= lower <= share <= upper <= 1."""

    share: float
    lower: float
    upper: float
    method: Method
    labels: int  # labels of the stream it was corrected by
    note: str  # what to think of it, one clause

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.upper - self.lower
