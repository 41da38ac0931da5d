"""What givers hand over: on disk before they are told so, and kept until it has an outcome.

The embedded broker keeps nothing over its own death, so what was acknowledged waits in the table
`outbox` until there is a receipt for it. A row is known by its feed and its position, and those are
its receipt: sent twice it counts once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from infra.asked import portions, receipts_asked
from infra.dead_letters import Letter
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
Row = tuple[str, int, bytes, datetime, str]  # COLUMNS


class OutboxFull(StoreUnavailable):
    """Too much waits already: nothing was taken, try again later."""


class Waiting(Struct, frozen=True):
    """A row of the outbox without what it holds."""

    feed: str
    position: int
    arrived_at: datetime

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
    for some in _portions(rows):
        store.insert("outbox", COLUMNS, some)
    return range(first_position, first_position + len(items))


def put_back(store: Store, letters: Sequence[Letter]) -> None:
    """Give dead letters to the line again: they are sent under their own receipts.

    Their outcome is taken back first, or they would count as finished. Until they have a new one
    they are still listed: what ends in between can be repeated.
    """
    rows = [
        (letter.feed, letter.position, letter.payload, letter.arrived_at, letter.topic)
        for letter in letters
    ]
    for some in _portions(rows):
        store.command(load("forget_dead"), {"receipts": receipts_asked(row[:2] for row in some)})
        store.insert("outbox", COLUMNS, some)


def waiting(store: Store, limit: int) -> list[Waiting]:
    """The oldest rows, finished ones that are not gone yet among them."""
    return [Waiting(*row) for row in store.query(load("intake_waiting"), {"limit": limit})]


def sizes(store: Store, keys: Sequence[Key]) -> dict[Key, int]:
    """Bytes of those of the rows that are there."""
    return {
        (feed, position): size
        for some in _asked(keys)
        for feed, position, size in store.query(load("intake_sizes"), {"keys": some})
    }


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
    """Take rows that have an outcome out, soon: until then they are still seen waiting.

    A row whose outcome was taken back meanwhile stays: it is to be sent again.
    """
    for asked in _asked(keys):
        store.command(load("intake_forget"), {"keys": asked})


def _asked(keys: Sequence[Key]) -> Iterator[str]:
    return (receipts_asked(keys[at : at + KEYS]) for at in range(0, len(keys), KEYS))


def _portions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    return portions(rows, most=KEYS, most_bytes=INSERT_BYTES, size=lambda row: len(row[2]))
