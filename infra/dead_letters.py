"""Dead letters in the database: which are still dead."""

from datetime import datetime

from msgspec import Struct

from infra.sql import load
from infra.store import Param, Store


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
