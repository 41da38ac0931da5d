"""Rows of the table of posts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from processors.known import Known
from processors.records import ScoredPost
from processors.version import ERASED

Row = tuple[Any, ...]

KEPT_DAYS: Final = 400
"""How long a post is kept of a brand that says nothing else."""
MAX_KEPT_DAYS: Final = 3650
"""The longest a brand may say: a row that takes a post out outlives every row it hides."""
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

POST_COLUMNS = (
    "brand",
    "published_at",
    "post_id",
    "version",
    "feed",
    "position",
    "source",
    "author",
    "followers",
    "lang",
    "text",
    "key_text",
    "url",
    "received_at",
    "scored_at",
    "stored_at",
    "cluster_id",
    "is_duplicate",
    "first_said_by",
    "is_repost",
    "is_spam",
    "sentiment",
    "p_negative",
    "p_neutral",
    "p_positive",
    "model",
    "abstained",
    "oov",
    "is_deleted",
    "is_backfill",
    "kept_days",
    "query",
)


def row_of(
    item: ScoredPost,
    brand: str,
    *,
    published_at: datetime,
    version: int,
    stored_at: datetime,
    kept_days: int,
) -> Row:
    """The row that makes a post count for a brand."""
    post, sentiment = item.post, item.sentiment
    return (
        brand,
        published_at,
        post.post_id,
        version,
        post.feed,
        post.position,
        post.source,
        post.author,
        post.followers,
        post.lang,
        post.text,
        post.key_text,
        post.url,
        post.received_at,
        item.scored_at,
        stored_at,
        post.cluster_id,
        int(post.is_duplicate),
        post.first_said_by,
        int(post.is_repost),
        int(post.is_spam),
        sentiment.label,
        sentiment.p_negative,
        sentiment.p_neutral,
        sentiment.p_positive,
        sentiment.model,
        int(sentiment.abstained),
        sentiment.oov,
        0,
        int(post.is_backfill),
        kept_days,
        post.query_of(brand),
    )


def rows_without(
    post_id: str, brands: Iterable[str], *, published_at: datetime, version: int, now: datetime
) -> list[Row]:
    """Rows that take a post out from under brands, over rows of lower versions; without words."""
    words = ("", 0, "", "", "", "")  # author, followers, lang, text, key_text, url
    times = (NEVER, NEVER, now)
    score = ("", 0.0, 0.0, 0.0, "", 0, 0.0)
    return [
        (
            *(brand, published_at, post_id, version, "", -1, "", *words, *times, 0, 0, 0, 0, 0),
            *(*score, 1, 0, MAX_KEPT_DAYS, ""),
        )
        for brand in sorted(brands)
    ]


def rows_of_erased(post_id: str, known: Known, now: datetime) -> list[Row]:
    """Rows that take out for good everything that is or will be there of a post."""
    return [
        row
        for at in known.places
        for row in rows_without(post_id, known.ever, published_at=at, version=ERASED, now=now)
    ]
