"""Dead letters in the database: which are still dead, and how they are given to the line again."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from infra.sql import load
from infra.store import Param, Store

OUTBOX_COLUMNS = ("feed", "position", "payload", "arrived_at", "topic")
SOME = 500
"""Letters read or written at once: one may have half a megabyte."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which dead letters; a field left out allows all."""

    reason: str = ""
    feed: str = ""
    position: int = -1


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter that has no other outcome by now."""

    feed: str
    position: int
    topic: str  # where it came from
    reason: str
    detail: str
    payload: bytes
    arrived_at: datetime


def dead_letters(store: Store, wanted: Wanted, *, most: int, skipped: int = 0) -> list[Letter]:
    """The newest `most` after the first `skipped`, newest first."""
    params: dict[str, Param] = {
        "reason": wanted.reason,
        "feed": wanted.feed,
        "position": wanted.position,
        "most": most,
        "skipped": skipped,
    }
    return [
        Letter(
            feed=feed,
            position=position,
            topic=topic,
            reason=reason,
            detail=detail,
            payload=payload if isinstance(payload, bytes) else payload.encode(),
            arrived_at=arrived_at,
        )
        for feed, position, topic, reason, detail, payload, arrived_at in store.query(
            load("dead_letters"), params
        )
    ]


def dead_counts(store: Store, wanted: Wanted) -> dict[str, int]:
    """How many there are by reason, most first; positions are not looked at."""
    params: dict[str, Param] = {"reason": wanted.reason, "feed": wanted.feed}
    return dict(store.query(load("dead_counts"), params))


def put_back(store: Store, letters: Sequence[Letter]) -> None:
    """Give letters to the line again through the outbox: they are sent under their own receipts.

    Their outcome is taken back first, or they would count as finished. Until they have a new one
    they are still listed: what ends in between can be repeated.
    """
    for some in _slices(letters):
        asked = receipts_asked((letter.feed, letter.position) for letter in some)
        store.command(load("forget_dead"), {"receipts": asked})
        rows = [
            (letter.feed, letter.position, letter.payload, letter.arrived_at, letter.topic)
            for letter in some
        ]
        store.insert("outbox", OUTBOX_COLUMNS, rows)


def receipts_asked(receipts: Iterable[tuple[str, int]]) -> str:
    """Receipts as queries take them.

    >>> receipts_asked([("f", 1), ("g", 2)])
    '66:1,67:2'
    """
    return ",".join(f"{feed.encode().hex()}:{position}" for feed, position in receipts)


def _slices(letters: Sequence[Letter]) -> Iterable[Sequence[Letter]]:
    some: list[Letter] = []
    size = 0
    for letter in letters:
        if some and (len(some) == SOME or size + len(letter.payload) > 8_000_000):
            yield some
            some, size = [], 0
        some.append(letter)
        size += len(letter.payload)
    if some:
        yield some
