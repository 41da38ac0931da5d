"""The store stage's writes: a batch into its four tables, in an order that survives any crash."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from infra.dead_letters import receipts_asked
from infra.sql import load
from infra.store import Store
from processors.records import DeadLetter
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

LOOKUP = 500  # ids a query


class Written(Struct, frozen=True):
    """What became of a batch's receipts, each counted once."""

    stored: int
    repeats: int
    dropped: int
    dead: int


def write_batch(store: Store, batch: Sequence[Item], stored_at: datetime) -> Written:
    """Write a batch; on return it is durable and may be acknowledged. Writing it again changes
    no count.

    A dead letter of a receipt that has another outcome by now is an echo, and changes nothing.

    Keys come first, so that a post that is on disk always has its owner on disk. Receipts come
    last, so that a receipt on disk means that everything else about it is.
    Raises as `Store` does; then some of the tables may be written, and the same batch must come
    again.
    """
    batch = _without_echoes(store, batch)
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


def _without_echoes(store: Store, batch: Sequence[Item]) -> Sequence[Item]:
    dead = list(dict.fromkeys(_receipt(item) for item in batch if isinstance(item, DeadLetter)))
    settled: set[tuple[str, int]] = set()
    for start in range(0, len(dead), LOOKUP):
        asked = receipts_asked(dead[start : start + LOOKUP])
        settled.update(
            (feed, position)
            for feed, position in store.query(load("settled_receipts"), {"receipts": asked})
        )
    if not settled:
        return batch
    return [
        item for item in batch if not isinstance(item, DeadLetter) or _receipt(item) not in settled
    ]


def _receipt(item: DeadLetter) -> tuple[str, int]:
    return item.feed, item.position
