"""What is known of a feed's rows: which have a receipt, how far the feed has come."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from infra.sql import load
from infra.store import Store
from infra.times import to_ms

FeedState = Literal["running", "finished"]


class Progress(Struct, frozen=True, kw_only=True):
    """How far a feed has come: all before `clock` is on disk."""

    feed: str
    clock: datetime
    sent: int
    durable: int
    state: FeedState


class Tally(Struct, frozen=True, kw_only=True):
    """What became of a feed's rows so far."""

    stored: int
    repeats: int
    dead_letters: int
    dropped: dict[str, int]
    edited: int = 0
    erased: int = 0  # messages that asked for it, not posts


def report(store: Store, progress: Progress, now: datetime, *, last: int | None = None) -> int:
    """Write down how far the feed has come; it counts whatever the clocks of its hosts say.

    Returns the report's version: who reports again can give it as `last` and has none looked up.
    """
    if last is None:
        [(last,)] = store.query(load("feed_version"), {"feed": progress.feed})
    version = max(to_ms(now), last + 1)
    columns = ("feed", "version", "clock", "sent", "durable", "state", "updated_at")
    row = (
        progress.feed,
        version,
        progress.clock,
        progress.sent,
        progress.durable,
        progress.state,
        now,
    )
    store.insert("feed_progress", columns, [row])
    return version


def progress_of(store: Store, feed: str) -> Progress | None:
    """What the feed reported last."""
    rows = store.query(load("feed_progress"), {"feed": feed})
    if not rows:
        return None
    clock, sent, durable, state = rows[0]
    return Progress(feed=feed, clock=clock, sent=sent, durable=durable, state=state)


def receipts_from(store: Store, feed: str, position: int) -> set[int]:
    """Positions >= `position` of the feed that have a receipt."""
    rows = store.query(load("receipts_from"), {"feed": feed, "position": position})
    return {row[0] for row in rows}


def tally(store: Store, feed: str) -> Tally:
    """Outcomes of all the feed's rows."""
    dropped: dict[str, int] = {}
    totals = {"stored": 0, "repeat": 0, "dead": 0, "edited": 0, "erased": 0}
    for outcome, reason, count in store.query(load("tally"), {"feed": feed}):
        if outcome == "dropped":
            dropped[reason] = count
        else:
            totals[outcome] += count
    return Tally(
        stored=totals["stored"],
        repeats=totals["repeat"],
        dead_letters=totals["dead"],
        dropped=dropped,
        edited=totals["edited"],
        erased=totals["erased"],
    )


def brand_counts(store: Store, feed: str) -> dict[str, dict[str, int]]:
    """Brand -> posts, negative, neutral, positive of the feed's stored posts."""
    names = ("posts", "negative", "neutral", "positive")
    return {
        brand: dict(zip(names, numbers, strict=True))
        for brand, *numbers in store.query(load("brand_counts"), {"feed": feed})
    }
