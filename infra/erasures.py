"""Taking posts out for good: their words go from every row, and they do not come back."""

from collections.abc import Sequence
from datetime import datetime

from infra.asked import hexed
from infra.known import LOOKUP, known_posts
from infra.sql import load
from infra.store import Store
from processors.post_rows import POST_COLUMNS, rows_of_erased
from processors.records import Erasure

COLUMNS = ("scope", "id", "at", "by")


def erase(store: Store, erasures: Sequence[Erasure], now: datetime, by: str) -> int:
    """Erase posts, or authors' posts published until `at`; return how many rows stopped counting.

    What is erased is written down first, so that whoever writes one of the posts at the same time
    sees it; the posts of an author are written down one by one as well, so that an edit which
    does not name its author brings none back. A post that never came stays away when it comes.
    Erasing again changes nothing and returns 0. Raises as `Store` does; then repeat it.
    """
    if not erasures:
        return 0
    store.insert("erasures", COLUMNS, [(each.scope, each.id, each.at, by) for each in erasures])
    found = _posts_of(store, [each for each in erasures if each.scope == "author"])
    store.insert("erasures", COLUMNS, [("post", post_id, at, by) for post_id, at in found.items()])
    ids = list(dict.fromkeys([*(e.id for e in erasures if e.scope == "post"), *found]))
    gone = 0
    for start in range(0, len(ids), LOOKUP):
        some = ids[start : start + LOOKUP]
        [(count,)] = store.query(load("rows_of_posts"), {"ids": hexed(some)})
        known = known_posts(store, some).posts
        rows = [row for post_id in some for row in rows_of_erased(post_id, known[post_id], now)]
        store.insert("posts", POST_COLUMNS, rows)
        gone += count
    return gone


def _posts_of(store: Store, erasures: Sequence[Erasure]) -> dict[str, datetime]:
    """Ids of the authors' stored posts, and until when their author's go."""
    until: dict[str, datetime] = {}
    for each in erasures:
        until[each.id] = max(each.at, until.get(each.id, each.at))
    authors = list(until)
    found = {}
    for start in range(0, len(authors), LOOKUP):
        some = authors[start : start + LOOKUP]
        names = [author.partition(":")[2] for author in some]
        asked = {"names": hexed(names), "ids": hexed(some)}
        for post_id, published_at, author in store.query(load("posts_of_authors"), asked):
            if published_at <= until[author]:
                found[post_id] = until[author]
    return found
