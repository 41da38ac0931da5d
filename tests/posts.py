"""Posts for tests that need one and do not ask which: a plain one, but for what is said."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from processors.records import CleanPost, ScoredPost, Sentiment

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEGATIVE: Final = Sentiment("negative", 0.9, 0.08, 0.02, "m")
NEUTRAL: Final = Sentiment("neutral", 0.1, 0.8, 0.1, "m")
PLAIN: Final = CleanPost(
    post_id="x:1",
    feed="f",
    position=1,
    source="x",
    author="ann",
    followers=5,
    url="",
    text="Oh no",
    key_text="oh no",
    lang="en",
    brands=("Acme",),
    published_at=NOON,
    received_at=NOON,
    is_repost=False,
    cluster_id=1,
    is_duplicate=False,
    is_spam=False,
)


def clean_post(**changed: Any) -> CleanPost:
    """A post of Acme at noon."""
    return replace(PLAIN, **changed)


def negative_post(*, scored_at: datetime = NOON, **changed: Any) -> ScoredPost:
    """The same, scored as negative."""
    sentiment = Sentiment("negative", 0.8, 0.1, 0.1, "m")
    return ScoredPost(post=clean_post(**changed), sentiment=sentiment, scored_at=scored_at)


def numbered_post(
    number: int, at: datetime = NOON, *, sentiment: Sentiment = NEGATIVE, **changed: Any
) -> ScoredPost:
    """One that differs in all that a post can: received a second after `at`, scored after two."""
    fields: dict[str, Any] = {
        "post_id": f"x:{number}",
        "position": number,
        "author": f"a{number}",
        "followers": number,
        "url": f"https://example.com/{number}",
        "text": f"Text {number}",
        "key_text": f"text {number}",
        "published_at": at,
        "received_at": at + timedelta(seconds=1),
        "cluster_id": 2**64 - 1 - number,
    }
    post = clean_post(**{**fields, **changed})
    return ScoredPost(post=post, sentiment=sentiment, scored_at=at + timedelta(seconds=2))
