"""The store stage's writes: a batch into its tables, in an order that survives any crash.

Two processes may write at once, one of them having slept through what the other did. Each writes
down first what it claims (keys, edits), then its posts and receipts, then looks again at what is
known: of two that write about one post, the later one at the latest sees the other's claims, and
writes what follows from all of them. An erasure is seen in the same way (infra.erasures).

The look comes after the receipts, and not between them and the posts: a writer that slept before
its receipts would otherwise tell last what was no longer so. One look is enough for both, since
all of it is written again when something is new.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from infra.asked import receipts_asked
from infra.erasures import erase
from infra.known import LOOKUP, known_posts
from infra.sql import load
from infra.store import Row, Store
from infra.store_owned import OwnedStore
from processors.known import OnDisk
from processors.records import DeadLetter, Erasure
from processors.store import (
    BY,
    DEAD_COLUMNS,
    EDIT_COLUMNS,
    ERASURE_COLUMNS,
    KEY_COLUMNS,
    POST_COLUMNS,
    RECEIPT_COLUMNS,
    Item,
    Plan,
    authors_of,
    plan_writes,
    post_ids,
)


class Written(Struct, frozen=True):
    """What became of a batch's receipts, each counted once."""

    stored: int
    repeats: int
    dropped: int
    dead: int
    edited: int = 0
    erased: int = 0


def write_batch(
    store: Store,
    batch: Sequence[Item],
    stored_at: datetime,
    *,
    kept_days: Mapping[str, int] | None = None,
) -> Written:
    """Write a batch; on return it is durable and may be acknowledged. Writing it again changes
    no count.

    A dead letter of a receipt that has another outcome by now is an echo, and changes nothing.

    Keys and edits come first, so that a post that is on disk always has its owner and its brands
    on disk. Receipts come after all these, so that a receipt on disk means that the rest is.
    `kept_days` says how long posts are kept, by brand.
    Raises as `Store` does; then some of the tables may be written, and the same batch must come
    again.
    """
    batch = _without(batch, _settled(store, batch))
    erase(store, [item for item in batch if isinstance(item, Erasure)], stored_at, BY)
    ids, authors = post_ids(batch), authors_of(batch)
    before = _claims(store)
    known = known_posts(store, ids, authors)
    while True:
        plan = plan_writes(batch, known, stored_at, kept_days=kept_days)
        own = _write(store, plan)
        settled = _settled(store, batch)
        # What a dead letter was written over, by a writer that slept, is put back.
        store.insert("receipts", RECEIPT_COLUMNS, settled)
        batch = _without(batch, settled)
        is_alone = before is not None and _claims(store) == before + own
        if is_alone and not settled:
            break
        before, then = _claims(store), plan.known()
        if not then.posts and not settled:
            break
        found = known_posts(store, list(then.posts), authors)
        if found in (then, _of(known, then)) and not settled:
            break
        known = OnDisk({**known.posts, **found.posts}, found.authors)
    return Written(
        stored=plan.count("stored"),
        repeats=plan.count("repeat"),
        dropped=plan.count("dropped"),
        dead=plan.count("dead"),
        edited=plan.count("edited"),
        erased=plan.count("erased"),
    )


def _claims(store: Store) -> int | None:
    """How many writes of claims there were, None where that is not known."""
    return store.claims if isinstance(store, OwnedStore) else None


def _write(store: Store, plan: Plan) -> int:
    """Write it; return how many writes of claims that took."""
    claims = (
        ("post_keys", KEY_COLUMNS, plan.keys),
        ("post_edits", EDIT_COLUMNS, plan.edits),
        ("erasures", ERASURE_COLUMNS, plan.erasures),
    )
    for table, columns, rows in claims:
        store.insert(table, columns, rows)
    store.insert("posts", POST_COLUMNS, plan.posts)
    store.insert("dead_letters", DEAD_COLUMNS, plan.dead_letters)
    store.insert("receipts", RECEIPT_COLUMNS, plan.receipts)
    return sum(bool(rows) for _, _, rows in claims)


def _of(known: OnDisk, then: OnDisk) -> OnDisk:
    """What had been known of the posts of a plan: nothing new since means nothing more to do."""
    posts = {post_id: known.posts[post_id] for post_id in then.posts if post_id in known.posts}
    return OnDisk(posts, known.authors)


def _settled(store: Store, batch: Sequence[Item]) -> list[Row]:
    """Receipts of the batch's dead letters that have another outcome, with it."""
    dead = list(dict.fromkeys(_receipt(item) for item in batch if isinstance(item, DeadLetter)))
    return [
        row
        for start in range(0, len(dead), LOOKUP)
        for row in store.query(
            load("settled_receipts"), {"receipts": receipts_asked(dead[start : start + LOOKUP])}
        )
    ]


def _without(batch: Sequence[Item], settled: Sequence[Row]) -> Sequence[Item]:
    """The batch without dead letters that are an echo."""
    if not settled:
        return batch
    receipts = {(row[0], row[1]) for row in settled}
    return [
        item for item in batch if not isinstance(item, DeadLetter) or _receipt(item) not in receipts
    ]


def _receipt(item: DeadLetter) -> tuple[str, int]:
    return item.feed, item.position
