"""Dead letters that hold words of erased posts, as far as their bytes say whose they are."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from infra.asked import receipts_asked
from infra.known import known_posts
from infra.sql import load
from infra.store import Store
from processors.known import Known, OnDisk
from processors.named import Named, named

PAGE: Final = 100
"""Letters read together: each may have half a megabyte."""
ASKED: Final = 1000
"""Letters taken in one change of files."""
TAKEN: Final = "erased (none of its bytes are kept)"
"""Detail of a letter whose words were taken. It ends as that of one that cannot be tried again."""

Receipt = tuple[str, int]
_Letter = tuple[Receipt, list[Named], datetime]  # and when it arrived


def erased_letters(store: Store, key: bytes) -> list[Receipt]:
    """Receipts of dead letters that name an erased post, or an author erased since they published.

    `key` is that of authors' pseudonyms. A letter that does not say when it was published counts
    from its arrival. Raises StoreError.
    """
    if store.query("SELECT count() > 0 FROM erasures") == [(0,)]:
        return []
    return [receipt for page in _pages(store, key) for receipt in _erased(store, page)]


def changes_for(receipts: Sequence[Receipt]) -> Iterator[dict[str, str]]:
    """Parameters of the changes that take the words of these letters (purge_letters)."""
    for start in range(0, len(receipts), ASKED):
        some = receipts[start : start + ASKED]
        yield {"receipts": receipts_asked(some), "detail": TAKEN}


def _pages(store: Store, key: bytes) -> Iterator[list[_Letter]]:
    last: Receipt = ("", -1)
    while rows := store.query(
        load("letters_after"), {"feed": last[0], "position": last[1], "most": PAGE}
    ):
        page: list[_Letter] = []
        for feed, position, payload, arrived_at in rows:
            said = payload if isinstance(payload, bytes) else payload.encode()
            page.append(((feed, position), named(said, key), arrived_at))
        yield page
        last = page[-1][0]


def _erased(store: Store, page: Sequence[_Letter]) -> Iterator[Receipt]:
    ones = [one for _, said, _ in page for one in said]
    ids = dict.fromkeys(one.post_id for one in ones if one.post_id)
    authors = dict.fromkeys(author for one in ones for author in one.authors)
    known = known_posts(store, list(ids), list(authors))
    for receipt, said, arrived_at in page:
        if any(_is_erased(one, arrived_at, known) for one in said):
            yield receipt


def _is_erased(one: Named, arrived_at: datetime, known: OnDisk) -> bool:
    if known.posts.get(one.post_id, Known()).erased:
        return True
    at = one.published_at or arrived_at
    return any(at <= known.authors[author] for author in one.authors if author in known.authors)
