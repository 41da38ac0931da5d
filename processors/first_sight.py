"""First sights: what a post fixes for ever when it comes, and the short way of most posts.

A post of which nothing is known, and which nothing else in its batch is about, owns its receipt:
there is nothing to weigh up. `processors.store` gives the same rows for it, at twice the cost.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from processors.known import FIRST, Key, Known, OnDisk
from processors.post_rows import KEPT_DAYS, row_of
from processors.records import CleanPost, ScoredPost

Row = tuple[Any, ...]
T = TypeVar("T")


class Firsts(Struct, frozen=True):
    """Rows of new posts."""

    keys: list[Row]
    posts: list[Row]
    receipts: list[Row]

    def known(self) -> dict[str, Known]:
        """What is known of them once these are written."""
        return {post_id: Known(frozenset([Key(*fixed)])) for post_id, *fixed, _claim in self.keys}


def firsts_apart(
    batch: Sequence[T], names: Sequence[tuple[str, str, int]], on_disk: OnDisk
) -> tuple[list[ScoredPost], list[T]]:
    """Posts of the batch that take the short way, and what does not.

    `names`: of each item its post's id, empty for none, and its receipt (feed, position).
    """
    ids = Counter(name[0] for name in names)
    receipts = Counter(name[1:] for name in names)
    firsts: list[ScoredPost] = []
    others: list[T] = []
    for item, name in zip(batch, names, strict=True):
        if (
            isinstance(item, ScoredPost)
            and item.post.edited_at is None
            and ids[name[0]] == 1
            and receipts[name[1:]] == 1
            and name[0] not in on_disk.posts
            and not (on_disk.authors and author_id(item.post) in on_disk.authors)
        ):
            firsts.append(item)
        else:
            others.append(item)
    return firsts, others


def rows_of_firsts(
    items: Sequence[ScoredPost], stored_at: datetime, kept_days: Mapping[str, int]
) -> Firsts:
    """All there is to write of posts that `firsts_apart` says are first."""
    keys: list[Row] = []
    posts: list[Row] = []
    receipts: list[Row] = []
    for item in items:
        post = item.post
        at = milliseconds(post.published_at)
        brands = tuple(dict.fromkeys(post.brands)) if len(post.brands) > 1 else post.brands
        receipts.append((post.feed, post.position, post.post_id, "stored", ""))
        keys.append((post.post_id, at, post.feed, post.position, brands, claim_of(post, at)))
        for brand in brands:
            days = kept_days.get(brand, KEPT_DAYS)
            posts.append(
                row_of(
                    item,
                    brand,
                    published_at=at,
                    version=FIRST,
                    stored_at=stored_at,
                    kept_days=days,
                )
            )
    return Firsts(keys, posts, receipts)


def claim_of(post: CleanPost, at: datetime) -> str:
    """Who saw it at which time: two who claim at once must not replace each other's row."""
    return f"{post.feed}/{post.position}@{at.timestamp():.3f}"


def author_id(post: CleanPost) -> str:
    """What an author is erased by."""
    return f"{post.source}:{post.author}"


def milliseconds(at: datetime) -> datetime:
    """As the database keeps it, so that what is read back is equal to what was written."""
    over = at.microsecond % 1000
    return at.replace(microsecond=at.microsecond - over) if over else at
