"""What is said, whatever the language: which sentences there are, and what is filled into each.

A new language is one more `Wording`: only words, no decisions. Sentences end with their stop; no
exclamation marks. Braces are filled in by `forecasting.tell` and `forecasting.sentence`.
"""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from forecasting.evidence import Ground, Shared
from forecasting.records import Change, IncidentKind
from forecasting.share_records import Method
from forecasting.wording_notice import NoticeWording


class KindWording(Struct, frozen=True, kw_only=True):
    """What is said of one kind of incident. Where a kind leaves something out, it is empty."""

    what: dict[Change, str]
    observed: str  # n, expected, lower, upper, window
    total: str  # total, peak
    calm: str  # n, expected, lower, upper
    expired: str
    going: dict[bool, str]  # growing or not; ends the sentence of `since`
    brief: str  # n, expected, lower, upper, window, since, share, before: begins the one sentence


class Wording(Struct, frozen=True, kw_only=True):
    """One language."""

    kinds: dict[IncidentKind, KindWording]
    severity: str
    worst: str  # severity of what is over
    simulated_mark: str
    simulated: str
    window: str  # window: that it was found in, where longer than an hour
    share: str  # share, before
    true_share: dict[Method, str]  # share, lower, upper, labels: how sure we are of it
    since: str  # since, zone
    returns: str  # time
    lasted: str  # length, since, at, zone
    term: str  # term, share, before
    text: str  # share: the most repeated text, where no term stands out
    nothing: str
    first: str  # time, author
    also: str  # terms
    authors: str  # n, reposts, organic
    pieces: str  # n
    syndicated: str  # share
    suspected: str  # n, posts, grounds
    grounds: dict[Ground, str]  # most, seconds
    loudest: str  # authors
    sources: str  # parts
    languages: str  # parts
    part: str  # name, n, usual
    part_new: str  # name, n: none before
    only: str  # parts
    linked: str  # brand, by
    shared: dict[Shared, str]  # n
    elsewhere: str  # n
    feeds: str  # feeds
    feed: str  # name, state, time
    states: dict[str, str]  # of feeds
    erased: str  # in the place of the author or the words of a post that is gone
    reach: str  # name, n
    quote: str  # text
    unnamed: str
    pseudonym: str  # short
    brief_term: str  # term, share, before
    brief_text: str  # share
    brief_nothing: str
    brief_own: str  # n
    brief_repeated: str  # n, organic
    brief_automated: str  # share
    brief_only: str  # name
    brief_elsewhere: str  # n
    brief_over: str  # what, length
    stop: str
    comma: str
    listed: str  # between parts of a list that hold more than a name
    colon: str
    between: str  # sentences
    count: Callable[[int], str]
    length: Callable[[timedelta], str]
    span: Callable[[timedelta], str]  # a length after "the last"
    notice: NoticeWording

    def join(self, *sentences: str) -> str:
        """Sentences as one line; empty ones are left out."""
        return self.between.join(s for s in sentences if s)


def some(n: int) -> dict[str, str]:
    """A number to fill in, and how English writes what follows it."""
    return {"n": str(n), "s": "" if n == 1 else "s"}


def counted(n: int, noun: str) -> str:
    """A number with its noun, for what is told in English alone.

    >>> counted(1, "incident"), counted(1_200, "row")
    ('1 incident', '1,200 rows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def short(x: float) -> str:
    """Two digits: enough to know who is speaking."""
    return f"{x:.0f}" if x >= 9.95 else f"{x:.1f}".removesuffix(".0")


def hours_and_minutes(length: timedelta) -> tuple[int, int]:
    """A length in whole minutes, never negative."""
    return divmod(max(round(length / timedelta(minutes=1)), 0), 60)
