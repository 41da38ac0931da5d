"""What the store stage writes for a batch: keys, posts, dead letters and receipts.

A post belongs to the first receipt that brought it. The same receipt again is a re-delivery and
gives the same rows; another receipt is a repeat and gives no post.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from processors.records import DeadLetter, Drop, ScoredPost

Item = ScoredPost | Drop | DeadLetter
Outcome = Literal["stored", "repeat", "dropped", "dead"]
Row = tuple[Any, ...]
Receipt = tuple[str, int]  # feed, position

VERSION = 1  # of a post's content: equal versions are the same row, but for the time of writing

KEY_COLUMNS = ("post_id", "published_at", "feed", "position", "brands")
RECEIPT_COLUMNS = ("feed", "position", "post_id", "outcome", "reason")
DEAD_COLUMNS = ("feed", "position", "reason", "detail", "payload", "arrived_at")
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
    "is_repost",
    "is_spam",
    "sentiment",
    "p_negative",
    "p_neutral",
    "p_positive",
    "model",
    "abstained",
    "oov",
)


class Key(Struct, frozen=True, gc=False):
    """What was fixed when a post was first seen."""

    published_at: datetime
    feed: str
    position: int
    brands: tuple[str, ...]


class Plan(Struct, frozen=True, kw_only=True):
    """Rows to write, in the order of the fields, and what became of the batch's receipts."""

    keys: list[Row]
    posts: list[Row]
    dead_letters: list[Row]
    receipts: list[Row]
    stored: int
    repeats: int
    dropped: int
    dead: int


def post_ids(batch: Iterable[Item]) -> list[str]:
    """The ids whose keys `plan_writes` must know, each once."""
    return list(dict.fromkeys(item_id for item in batch if (item_id := _post_id(item))))


def plan_writes(batch: Sequence[Item], known: Mapping[str, Key], stored_at: datetime) -> Plan:
    """Rows for a batch, given the keys already stored for its `post_ids`.

    Each receipt has one outcome, the same however often and in whatever company it comes again:
    a drop of a receipt that owns its post is an echo of the post, which stays stored.
    """
    keys = _owners(batch, known)
    posts: dict[tuple[str, str], Row] = {}
    dead_letters: dict[Receipt, Row] = {}
    receipts: dict[Receipt, Row] = {}
    # The weakest outcome first, so that the strongest has the last word on a receipt.
    for item in sorted(batch, key=lambda item: _strength(item, keys)):
        feed, position = receipt = _receipt(item)
        outcome, reason = _outcome(item, keys)
        receipts[receipt] = (feed, position, _post_id(item), outcome, reason)
        if isinstance(item, DeadLetter):
            times = (item.arrived_at,)
            dead_letters[receipt] = (feed, position, reason, item.detail, item.payload, *times)
        elif isinstance(item, ScoredPost) and outcome == "stored":
            key = keys[item.post.post_id]
            for brand in key.brands:
                posts[item.post.post_id, brand] = _post_row(
                    item, brand, key.published_at, stored_at
                )
    outcomes = [row[3] for row in receipts.values()]
    return Plan(
        keys=[
            (post_id, key.published_at, key.feed, key.position, key.brands)
            for post_id, key in keys.items()
            if post_id not in known
        ],
        posts=list(posts.values()),
        dead_letters=list(dead_letters.values()),
        receipts=list(receipts.values()),
        stored=outcomes.count("stored"),
        repeats=outcomes.count("repeat"),
        dropped=outcomes.count("dropped"),
        dead=outcomes.count("dead"),
    )


def _owners(batch: Iterable[Item], known: Mapping[str, Key]) -> dict[str, Key]:
    keys = dict(known)
    for item in batch:
        if isinstance(item, ScoredPost):
            post = item.post
            brands = tuple(dict.fromkeys(post.brands))
            keys.setdefault(post.post_id, Key(post.published_at, post.feed, post.position, brands))
    return keys


def _outcome(item: Item, keys: Mapping[str, Key]) -> tuple[Outcome, str]:
    if isinstance(item, DeadLetter):
        return "dead", item.reason
    key = keys.get(_post_id(item))
    if key is not None and (key.feed, key.position) == _receipt(item):
        return "stored", ""
    if isinstance(item, ScoredPost) or item.reason == "repeat":
        return "repeat", "repeat"
    return "dropped", item.reason


def _strength(item: Item, keys: Mapping[str, Key]) -> int:
    return ("dead", "dropped", "repeat", "stored").index(_outcome(item, keys)[0])


def _post_id(item: Item) -> str:
    if isinstance(item, ScoredPost):
        return item.post.post_id
    return item.post_id if isinstance(item, Drop) else ""


def _receipt(item: Item) -> Receipt:
    holder = item.post if isinstance(item, ScoredPost) else item
    return holder.feed, holder.position


def _post_row(item: ScoredPost, brand: str, published_at: datetime, stored_at: datetime) -> Row:
    post, sentiment = item.post, item.sentiment
    return (
        brand,
        published_at,
        post.post_id,
        VERSION,
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
        int(post.is_repost),
        int(post.is_spam),
        sentiment.label,
        sentiment.p_negative,
        sentiment.p_neutral,
        sentiment.p_positive,
        sentiment.model,
        int(sentiment.abstained),
        sentiment.oov,
    )
