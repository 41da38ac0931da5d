"""The store stage's writes: a batch into its four tables, in an order that survives any crash."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from infra.sql import load
from infra.store import Store
from processors.store import (
    DEAD_COLUMNS,
    KEY_COLUMNS,
    POST_COLUMNS,
    RECEIPT_COLUMNS,
    Item,
    Key,
    plan_writes,
    post_ids,
)

LOOKUP = 4000  # ids a query


class Written(Struct, frozen=True):
    """What became of a batch's receipts, each counted once."""

    stored: int
    repeats: int
    dropped: int
    dead: int


def write_batch(store: Store, batch: Sequence[Item], stored_at: datetime) -> Written:
    """Write a batch; on return it is durable and may be acknowledged. Writing it again changes
    no count.

    Keys come first, so that a post that is on disk always has its owner on disk. Receipts come
    last, so that a receipt on disk means that everything else about it is.
    Raises as `Store` does; then some of the tables may be written, and the same batch must come
    again.
    """
    plan = plan_writes(batch, _known(store, post_ids(batch)), stored_at)
    store.insert("post_keys", KEY_COLUMNS, plan.keys)
    store.insert("posts", POST_COLUMNS, plan.posts)
    store.insert("dead_letters", DEAD_COLUMNS, plan.dead_letters)
    store.insert("receipts", RECEIPT_COLUMNS, plan.receipts)
    return Written(plan.stored, plan.repeats, plan.dropped, plan.dead)


def _known(store: Store, ids: Sequence[str]) -> dict[str, Key]:
    known = {}
    for start in range(0, len(ids), LOOKUP):
        asked = ",".join(post_id.encode().hex() for post_id in ids[start : start + LOOKUP])
        for post_id, published_at, feed, position, brands in store.query(
            load("known_keys"), {"ids": asked}
        ):
            known[post_id] = Key(published_at, feed, position, tuple(brands))
    return known
