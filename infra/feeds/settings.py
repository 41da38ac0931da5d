"""Which feeds there are: one model for each `type` in the settings."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    SecretStr,
    Tag,
)

from infra.secrets import Secret
from processors.records import SOURCE

Word = Annotated[str, Field(pattern=SOURCE)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Seconds = Annotated[float, Field(ge=1, le=86_400)]


def _address(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in schemes and bool(parts.hostname)
            parts.port  # noqa: B018 - raises ValueError
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"no address that begins with {' or '.join(schemes)}://")
        return url.rstrip("/")

    return AfterValidator(check)


WebAddress = Annotated[str, _address("http", "https")]
SocketAddress = Annotated[str, _address("ws", "wss")]


class FeedSettings(BaseModel):
    """What all feeds have."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    name: Word
    """What it is called here; its cursor is kept under it."""
    source: Word
    """Of its posts: `source:native_id` is a post's identity, for ever."""

    @property
    def every(self) -> float:
        """Seconds between two looks; 0 for a stream."""
        return 0.0


class _Polled(FeedSettings):
    poll_seconds: Seconds
    """Seconds between two looks."""

    @property
    def every(self) -> float:
        """As of FeedSettings."""
        return self.poll_seconds


class JetstreamFeed(FeedSettings):
    """Bluesky, all public posts; no key."""

    type: Literal["jetstream"]
    source: Word = "bluesky"
    hosts: Annotated[tuple[SocketAddress, ...], Field(min_length=1)] = (
        "wss://jetstream2.us-east.bsky.network",
        "wss://jetstream1.us-west.bsky.network",
        "wss://jetstream1.us-east.bsky.network",
        "wss://jetstream2.us-west.bsky.network",
    )
    """Servers, in the order in which they are tried."""
    protocol: Literal["v1", "v2"] = "v1"
    """Of Jetstream."""
    languages: tuple[Language, ...] = ()
    """Of posts that say theirs; empty: all."""


class MastodonFeed(FeedSettings):
    """The public timeline of one server; needs a token of a user there."""

    type: Literal["mastodon"]
    source: Word = "mastodon"
    url: WebAddress
    """Of the server."""
    token: Secret
    """Of a user there."""
    local: bool = False
    """Only posts of this server's own users."""
    languages: tuple[Language, ...] = ()
    """Of posts that say theirs; empty: all."""


class RssFeed(_Polled):
    """RSS and Atom."""

    type: Literal["rss"]
    source: Word = "rss"
    urls: Annotated[tuple[WebAddress, ...], Field(min_length=1, max_length=1_000)]
    """Of the feeds."""
    poll_seconds: Annotated[float, Field(ge=60, le=86_400)] = 300.0


class HackerNewsFeed(_Polled):
    """Stories and comments."""

    type: Literal["hackernews"]
    source: Word = "hackernews"
    url: WebAddress = "https://hacker-news.firebaseio.com"
    """Of its API."""
    poll_seconds: Seconds = 15.0
    most_behind: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """Items that are fetched after a pause; what is beyond is a gap."""


class YouTubeFeed(_Polled):
    """Comments under videos, or under all videos of channels; needs a key of Google."""

    type: Literal["youtube"]
    source: Word = "youtube"
    key: Secret
    """Of Google's API."""
    videos: tuple[Annotated[str, Field(pattern=r"^[\w-]{6,64}$")], ...] = ()
    """Ids of videos."""
    channels: tuple[Annotated[str, Field(pattern=r"^[\w-]{6,64}$")], ...] = ()
    """Ids of channels."""
    poll_seconds: Annotated[float, Field(ge=10, le=86_400)] = 600.0
    url: WebAddress = "https://www.googleapis.com/youtube/v3"
    """Of its API."""
    most_pages: Annotated[int, Field(ge=1, le=100)] = 5
    """Of 100 threads, in one look; what is beyond is a gap."""


class RedditFeed(_Polled):
    """New posts and comments of subreddits; needs an approved program and the extra `reddit`."""

    type: Literal["reddit"]
    source: Word = "reddit"
    subreddits: Annotated[
        tuple[Annotated[str, Field(pattern=r"^\w{2,32}$")], ...], Field(min_length=1)
    ]
    """Their names."""
    client_id: Secret
    """Of the approved program."""
    client_secret: Secret
    """Of the approved program."""
    user_agent: Annotated[str, Field(min_length=8)]
    """As Reddit's rules want it."""
    url: WebAddress = "https://oauth.reddit.com"
    """Of its API."""
    login_url: WebAddress = "https://www.reddit.com"
    """Where a program gets its token."""
    poll_seconds: Annotated[float, Field(ge=5, le=86_400)] = 30.0


class NewsnowFeed(_Polled):
    """Hot lists (Weibo, Zhihu, Baidu, ...) from a newsnow server of your own."""

    type: Literal["newsnow"]
    source: Word = "newsnow"
    url: WebAddress
    """Of the server."""
    platforms: Annotated[tuple[Word, ...], Field(min_length=1)]
    """Which lists, by the names that newsnow has for them."""
    poll_seconds: Annotated[float, Field(ge=120, le=86_400)] = 1_800.0


class OtherFeed(FeedSettings):
    """A feed of yours: `type` is the name of its entry point in the group `groundswell.feeds`."""

    type: Word
    source: Word
    options: dict[str, JsonValue] = {}
    """What it understands."""
    secrets: dict[str, Secret] = {}
    """What it understands and nobody else may see."""
    poll_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Seconds between two looks; 0: a stream."""

    @property
    def every(self) -> float:
        """As of FeedSettings."""
        return self.poll_seconds


_OWN: dict[str, Any] = {
    "jetstream": JetstreamFeed,
    "mastodon": MastodonFeed,
    "rss": RssFeed,
    "hackernews": HackerNewsFeed,
    "youtube": YouTubeFeed,
    "reddit": RedditFeed,
    "newsnow": NewsnowFeed,
}


def _kind(given: object) -> str:
    kind = given.get("type") if isinstance(given, dict) else getattr(given, "type", None)
    return kind if isinstance(kind, str) and kind in _OWN else "other"


AnyFeed = Annotated[
    Annotated[JetstreamFeed, Tag("jetstream")]
    | Annotated[MastodonFeed, Tag("mastodon")]
    | Annotated[RssFeed, Tag("rss")]
    | Annotated[HackerNewsFeed, Tag("hackernews")]
    | Annotated[YouTubeFeed, Tag("youtube")]
    | Annotated[RedditFeed, Tag("reddit")]
    | Annotated[NewsnowFeed, Tag("newsnow")]
    | Annotated[OtherFeed, Tag("other")],
    Discriminator(_kind),
]


def _named_once(feeds: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [feed.name for feed in feeds]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two feeds are called {sorted(twice)[0]}: their cursors would be one")
    return feeds


Feeds = Annotated[tuple[AnyFeed, ...], AfterValidator(_named_once)]


class PushToken(BaseModel):
    """Who may hand over posts of one source."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    source: Word
    """Of the posts that come with this token."""
    token: Annotated[Secret, AfterValidator(lambda token: _long_enough(token))]
    """16 characters or more, sent as `Authorization: Bearer`."""


def _long_enough(token: SecretStr) -> SecretStr:
    if len(token.get_secret_value()) < 16:
        raise ValueError("a token has at least 16 characters")
    return token


class PushSettings(BaseModel):
    """`POST /v1/posts`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    LOOPBACK: ClassVar[str] = "127.0.0.1"
    host: str = LOOPBACK
    """Where it listens."""
    port: Annotated[int, Field(ge=0, le=65_535)]
    """0: any that is free."""
    tokens: Annotated[tuple[PushToken, ...], Field(min_length=1)]
    """Who may."""


def revealed(value: object) -> object:
    """The same as plain values for a file of settings, secrets included."""
    match value:
        case BaseModel():
            return {name: revealed(one) for name, one in value if one is not None}
        case SecretStr():
            return value.get_secret_value()
        case dict():
            return {name: revealed(one) for name, one in value.items()}
        case tuple() | list():
            return [revealed(one) for one in value]
        case _:
            return value


def sources_of(feeds: Iterable[FeedSettings]) -> dict[str, str]:
    """The source of each feed, by name."""
    return {feed.name: feed.source for feed in feeds}
