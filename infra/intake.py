"""What givers hand over: on disk before they are told so, and kept until it has an outcome.

The embedded broker keeps nothing over its own death, so what was acknowledged waits in the table
`outbox` until there is a receipt for it. A row is known by its feed and its position, and those are
its receipt: sent twice it counts once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from infra.sql import load
from infra.store import Store, StoreUnavailable

MOST_WAITING = 200_000
"""Rows in the outbox after which no more are taken."""
INSERT_BYTES = 8 << 20
"""Bytes written at once: a frame to the process that owns the database is bounded."""
KEYS = 2_000
"""Rows asked for at once."""
COLUMNS = ("feed", "position", "payload", "arrived_at", "topic")

Key = tuple[str, int]  # feed, position


class OutboxFull(StoreUnavailable):
    """Too much waits already: nothing was taken, try again later."""


class Waiting(Struct, frozen=True):
    """A row of the outbox without what it holds."""

    feed: str
    position: int
    arrived_at: datetime
    size: int

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.feed, self.position

    @property
    def age(self) -> tuple[datetime, str, int]:
        """What rows are ordered by."""
        return self.arrived_at, self.feed, self.position


class Given(Struct, frozen=True, kw_only=True):
    """A row of the outbox: `payload` is one item for `topic`, as it was given."""

    feed: str
    position: int
    topic: str
    payload: bytes
    arrived_at: datetime


def accept(
    store: Store,
    *,
    feed: str,
    items: Sequence[bytes],
    now: datetime,
    first_position: int,
    topic: str = "posts.raw",
    most: int = MOST_WAITING,
) -> range:
    """Put items on disk; returns their positions, and only then they are accepted.

    `feed` belongs to one giver, who counts from 0 and gives the next batch the next positions: a
    name with something random in it for each life of a giver, or one that says what is read where
    that is the same again, such as the hash of a file. After an error or a lost answer the giver
    repeats the call: the same positions are the same rows. Items of a posts.raw are one post or
    erasure each; items of another topic are one record of it, and its receipt becomes this one.

    Raises OutboxFull when `most` rows wait, and as `Store` does.
    """
    [(waiting,)] = store.query(load("intake_count"))
    if waiting >= most:
        raise OutboxFull(f"{waiting:,} rows wait in the outbox already: try again later")
    rows = [
        (feed, position, item, now, topic) for position, item in enumerate(items, first_position)
    ]
    for some in _slices(rows):
        store.insert("outbox", COLUMNS, some)
    return range(first_position, first_position + len(items))


def waiting(store: Store, limit: int) -> list[Waiting]:
    """The oldest rows, finished ones that are not gone yet among them."""
    return [Waiting(*row) for row in store.query(load("intake_waiting"), {"limit": limit})]


def given(store: Store, keys: Sequence[Key]) -> list[Given]:
    """Those of the rows that are there, in the order of `keys`."""
    found = {
        (feed, position): Given(
            feed=feed,
            position=position,
            topic=topic,
            payload=payload if isinstance(payload, bytes) else payload.encode(),
            arrived_at=arrived_at,
        )
        for asked in _asked(keys)
        for feed, position, topic, payload, arrived_at in store.query(
            load("intake_rows"), {"keys": asked}
        )
    }
    return [found[key] for key in keys if key in found]


def with_outcome(store: Store, keys: Iterable[Key]) -> set[Key]:
    """Those of the rows that have a receipt on disk."""
    return {
        (feed, position)
        for asked in _asked(list(keys))
        for feed, position in store.query(load("intake_outcomes"), {"keys": asked})
    }


def forget(store: Store, keys: Sequence[Key]) -> None:
    """Take rows out of the outbox, soon: until then they are still seen waiting."""
    for asked in _asked(keys):
        store.command(load("intake_forget"), {"keys": asked})


def _asked(keys: Sequence[Key]) -> Iterator[str]:
    for start in range(0, len(keys), KEYS):
        some = keys[start : start + KEYS]
        yield ",".join(f"{feed.encode().hex()}:{position}" for feed, position in some)


def _slices(
    rows: Sequence[tuple[str, int, bytes, datetime, str]],
) -> Iterator[list[tuple[str, int, bytes, datetime, str]]]:
    some: list[tuple[str, int, bytes, datetime, str]] = []
    size = 0
    for row in rows:
        if some and size + len(row[2]) > INSERT_BYTES:
            yield some
            some, size = [], 0
        some.append(row)
        size += len(row[2])
    yield some
