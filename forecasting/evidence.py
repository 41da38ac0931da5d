"""The records of an incident's evidence: why, who says it, and what to read.

Only what may be kept when a post is erased: words and names of one post stand in records that carry
its id (`Example`, `Voice`); everything else is counts, or words that several authors used. Fields
are added with a default, so that incidents stored before can still be read. What each figure means
is in docs/evidence.md.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from forecasting.share_records import ShareEstimate

Moment = Annotated[datetime, Meta(tz=True)]
Ground = Literal["rate", "sleepless", "reuse", "synchrony"]
Shared = Literal["texts", "first_post", "words"]


class Example(Struct, frozen=True, kw_only=True):
    """A post to read for yourself; of one that was erased since, only when it was is left."""

    post_id: str  # empty: erased
    author: str
    followers: int
    url: str
    text: str
    published_at: Moment
    p_negative: float

    @property
    def is_erased(self) -> bool:
        """Its words, its author and where it was are gone."""
        return not self.post_id


class Term(Struct, frozen=True, kw_only=True):
    """A word, phrase or hashtag that grew: in what share of the posts, now and before."""

    text: str
    share: float
    share_before: float


class Part(Struct, frozen=True, kw_only=True):
    """A named part of a whole, as a count."""

    name: str
    count: int
    expected: float | None = None  # in as long a time of the day before; None: nothing is known
    grew: bool = False  # more than chance: docs/evidence.md says by how much


class Topic(Struct, frozen=True, kw_only=True):
    """Terms that stand in the same posts, and how many posts hold one; a post is in one topic."""

    terms: tuple[str, ...]
    count: int
    share: float


class Cluster(Struct, frozen=True, kw_only=True):
    """Posts of (nearly) one text, reposts included, with the first of them."""

    cluster_id: str  # 16 hex digits: the same text has the same id, whatever the brand
    count: int
    authors: int
    sources: int
    first: Example


class Voice(Struct, frozen=True, kw_only=True):
    """An author of wide reach, known by one post; nothing but the counts of one erased since."""

    post_id: str  # the author's first post here; empty: erased
    author: str
    followers: int
    url: str
    published_at: Moment
    posts: int

    @property
    def is_erased(self) -> bool:
        """Who it was is gone."""
        return not self.post_id


class Suspicion(Struct, frozen=True, kw_only=True):
    """A reason to think that suspected accounts are machines, and how many it holds for.

    `most` is the strongest case: posts an hour, hours without rest, posts of one text, accounts
    at once; `seconds` is how long "at once" is.
    """

    ground: Ground
    accounts: int
    posts: int  # of these accounts
    most: int
    seconds: int = 0


class Origin(Struct, frozen=True, kw_only=True):
    """How the posts came about: each is in exactly one of the six groups."""

    posts: int
    organic: int  # own words, and nothing to suspect
    reposts: int  # marked as one by the platform
    copies: int  # repeats an earlier text
    syndicated: int  # one text over several sources, or by several accounts with one link
    automated: int  # of accounts suspected of automation
    spam: int
    suspected_accounts: int
    suspicions: tuple[Suspicion, ...]


class Link(Struct, frozen=True, kw_only=True):
    """Another brand's incident that tells the same story."""

    incident_id: str
    brand: str
    by: Shared
    shared: int  # texts or words in common


class FeedWord(Struct, frozen=True, kw_only=True):
    """What a feed last said of itself."""

    name: str
    state: str
    clock: Moment  # everything before this has arrived


class Story(Struct, frozen=True, kw_only=True):
    """What is known of another brand's incident when one looks for the same story in it."""

    incident_id: str
    brand: str
    cluster_ids: tuple[str, ...]
    terms: tuple[str, ...]
    first: str  # id of the first post that had its top term; empty: none


class Stamps(Struct, frozen=True, kw_only=True):
    """The five times of the newest post behind an incident change."""

    published: Moment
    received: Moment
    scored: Moment
    stored: Moment
    fired: Moment


class Evidence(Struct, frozen=True, kw_only=True):
    """Why, and who says it: over the posts of the last hour, negative ones or all by the kind."""

    terms: tuple[Term, ...]
    sources: tuple[Part, ...]
    languages: tuple[Part, ...]
    authors: int  # distinct
    reposts: int  # posts that repeat another
    organic_share: float  # share of posts that are somebody's own words, 0..1
    examples: tuple[Example, ...]
    first: Example | None  # the first post of the story that had the top term
    stamps: Stamps | None
    posts: int = 0  # that this was read from
    hashtags: tuple[Term, ...] = ()
    topics: tuple[Topic, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    cluster_ids: tuple[str, ...] = ()  # of texts in 5 % of the posts: incidents are linked by them
    loudest: tuple[Voice, ...] = ()  # by reach
    origin: Origin | None = None
    only_source: str = ""  # the one source that the growth comes from; empty: several, or unknown
    only_language: str = ""
    linked: tuple[Link, ...] = ()
    share: ShareEstimate | None = None  # of negative posts among all of the hour: how sure we are
    feeds: tuple[FeedWord, ...] = ()  # of a silence
    elsewhere: int | None = None  # of a silence: posts about other brands in that time
