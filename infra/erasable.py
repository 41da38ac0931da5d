"""What an erasure would take, before it does."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from infra.asked import hexed
from infra.redact import shown_posts
from infra.sql import load
from infra.store import Store
from infra.times import to_ms


class Erasable(Struct, frozen=True, kw_only=True):
    """What is there of some posts and authors."""

    posts: int
    brands: tuple[str, ...]
    incidents: int  # that show words of them
    authors: tuple[str, ...]  # ids of those authors that any of it is by


def erasable(
    store: Store, *, posts: Collection[str], authors: Collection[str], until: datetime
) -> Erasable:
    """What is stored of these posts, and of what these authors published until then.

    Authors are `source:author`, as stored. Raises StoreError.
    """
    count, brands, found = store.query(
        load("erasable"),
        {
            "posts": hexed(posts),
            "names": hexed(author.partition(":")[2] for author in authors),
            "authors": hexed(authors),
            "until": to_ms(until),
        },
    )[0]
    shown = [one for one in shown_posts(store) if not one.is_erased]
    by_author = [one for one in shown if one.author_id in authors and one.published_at <= until]
    incidents = {one.incident_id for one in shown if one.post_id in posts}
    return Erasable(
        posts=count,
        brands=tuple(brands),
        incidents=len(incidents | {one.incident_id for one in by_author}),
        authors=tuple(sorted({*found, *(one.author_id for one in by_author)})),
    )
