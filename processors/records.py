"""The records of the line. Times are UTC; every record knows the post's `published_at`.

Where a post came from is its receipt: (`feed`, `position`). It is stable over re-delivery, so it
tells "the same row again" from "another row that repeats the post".

None can be part of a cycle, so the collector of cycles need not look at them (`gc=False`).
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Label = Literal["negative", "neutral", "positive"]
DropReason = Literal["repeat", "no_brand", "empty_text"]
Moment = Annotated[datetime, Meta(tz=True)]

MAX_TEXT_BYTES = 64 * 1024
SOURCE: Final = r"^[A-Za-z0-9_.-]{1,64}$"
UNKNOWN_LANGUAGE: Final = "und"


class RawPost(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One post as a feed hands it over: the contract of `posts.raw`.

    A message is one of these (or a RawErasure) or an array of them, in JSON. Unknown fields are
    ignored.
    """

    source: Annotated[
        str,
        Meta(
            pattern=SOURCE,
            description="platform or feed the post was published on, such as `bluesky`",
        ),
    ]
    native_id: Annotated[
        str,
        Meta(min_length=1, max_length=512, description="the platform's own id, stable for ever"),
    ]
    text: Annotated[
        str, Meta(max_length=MAX_TEXT_BYTES, description="as published, at most 64 KiB of UTF-8")
    ]
    published_at: Annotated[
        datetime, Meta(tz=True, description="when its author says it was published, with zone")
    ]
    observed_at: Annotated[
        datetime | None,
        Meta(
            description="when the feed first saw it, on the clock of the line (the file's clock in "
            "a replay); caps `published_at`. Default: when the broker got the message"
        ),
    ] = None
    received_at: Annotated[
        datetime | None,
        Meta(description="wall clock at the feed, for latencies. Default: as `observed_at`"),
    ] = None
    author: Annotated[str, Meta(max_length=512, description="the author's handle or id")] = ""
    followers: Annotated[int, Meta(ge=0, le=2**53, description="reach of the author")] = 0
    url: Annotated[str, Meta(max_length=4096, description="link to the post")] = ""
    repost_of: Annotated[
        str, Meta(max_length=512, description="native id of the post that this one repeats")
    ] = ""
    brands: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=256)], ...],
        Meta(max_length=64, description="brands it is about, where the feed knows them"),
    ] = ()
    feed: Annotated[str, Meta(max_length=512, description="receipt: which feed; set by feeds")] = ""
    position: Annotated[
        int, Meta(ge=-1, le=2**62, description="receipt: where in the feed; set by feeds")
    ] = -1
    kind: Annotated[
        Literal["post", "edit"],
        Meta(description="`edit` replaces the text of the post with this `native_id`"),
    ] = "post"
    edited_at: Annotated[
        datetime | None,
        Meta(description="of an edit: when it was made. Default: `observed_at`"),
    ] = None
    backfill: Annotated[
        bool,
        Meta(description="history fetched later: counted and marked, never a reason for an alert"),
    ] = False


class RawErasure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post, or all posts of an author, that must go: also a message of `posts.raw`."""

    kind: Literal["delete", "account_delete"]
    source: Annotated[str, Meta(pattern=SOURCE, description="where it was published")]
    native_id: Annotated[str, Meta(max_length=512, description="of the post: `delete`")] = ""
    author: Annotated[
        str, Meta(max_length=512, description="whose, as in the posts: `account_delete`")
    ] = ""
    at: Annotated[
        datetime | None,
        Meta(description="when; an author's later posts stay. Default: when the broker got it"),
    ] = None
    feed: Annotated[str, Meta(max_length=512)] = ""
    position: Annotated[int, Meta(ge=-1, le=2**62)] = -1


class CleanPost(Struct, frozen=True, kw_only=True, gc=False):
    """A valid post about at least one watched brand: what `posts.clean` carries."""

    post_id: str  # `source:native_id`
    feed: str
    position: int
    source: str
    author: str
    followers: int
    url: str
    text: str  # as published
    key_text: str  # normalised: equal key_text means one score and one voice
    lang: str  # ISO 639-1, or `und`
    brands: tuple[str, ...]
    published_at: Moment  # min(claimed, observed): never in the future, never changed
    received_at: Moment
    is_repost: bool  # marked as a repost by its platform
    cluster_id: int  # unsigned 64 bit; posts that say (nearly) the same share it
    is_duplicate: bool  # repeats an earlier post of its cluster: amplification, not a voice
    is_spam: bool
    first_said_by: int = 0  # of a duplicate: hash of the id of the post it repeats; 0: not known
    edited_at: Moment | None = None  # this is the text of an edit; its brands may be none
    is_backfill: bool = False
    queries: tuple[str, ...] = ()  # of each brand the version of what found it; "": its feed did

    def query_of(self, brand: str) -> str:
        """The version of the query that found the brand; empty if none did."""
        if self.brands == (brand,):
            return self.queries[0] if self.queries else ""
        return dict(zip(self.brands, self.queries, strict=False)).get(brand, "")


class Sentiment(Struct, frozen=True, gc=False):
    """Three class probabilities (sum 1) and the model that gave them.

    `label` is the likeliest class; with `abstained`, the model would rather not say, and the label
    is no more than its best guess. `oov` is the share (0 to 1) of words that the model's vocabulary
    does not hold whole: it rises when people begin to talk of something new.
    """

    label: Label
    p_negative: float
    p_neutral: float
    p_positive: float
    model: str
    abstained: bool = False
    oov: float = 0.0


class ScoredPost(Struct, frozen=True, kw_only=True, gc=False):
    """What `posts.scored` carries."""

    post: CleanPost
    sentiment: Sentiment
    scored_at: Moment


class Drop(Struct, frozen=True, kw_only=True, gc=False):
    """A post left out on purpose, with its counted reason."""

    feed: str
    position: int
    post_id: str
    reason: DropReason


class Erasure(Struct, frozen=True, kw_only=True):
    """What must go and not come back: what `posts.erased` carries."""

    feed: str
    position: int
    scope: Literal["post", "author"]
    id: str  # a post_id, or `source:author` with the author as stored
    at: Moment  # an author's posts until then


class DeadLetter(Struct, frozen=True, kw_only=True, gc=False):
    """A message, or one item of an array, that could not be read: reason and original bytes."""

    feed: str
    position: int
    reason: str  # one word, counted: not_json, wrong_type, missing_field, text_too_long, ...
    detail: str  # for a person
    payload: bytes
    arrived_at: Moment
    topic: str = "posts.raw"  # where the payload came from, and goes when it is tried again
