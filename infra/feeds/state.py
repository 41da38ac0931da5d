"""How far feeds have read, how they fare, and what they missed; on disk."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import astuple, fields

from infra.sql import load
from infra.store import Store
from infra.times import to_ms

State = Literal["starting", "live", "catching_up", "waiting", "retrying", "refused", "stopped"]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MOST_GAPS = 10_000


class FeedState(Struct, frozen=True, kw_only=True):
    """The newest word of one feed. Counts are of all its lives."""

    feed: str
    source: str
    version: int = 0
    cursor: str = ""
    at: datetime = NEVER
    live_until: datetime = NEVER
    tolerance: float = 0.0  # seconds
    state: State = "starting"
    last_post: datetime = NEVER
    posts: int = 0
    erasures: int = 0
    unreadable: int = 0
    skipped: int = 0
    errors: int = 0
    rate: float = 0.0  # posts a second, over the last minutes
    error: str = ""  # the last
    error_at: datetime = NEVER
    updated_at: datetime = NEVER


class Stretch(Struct, frozen=True, kw_only=True):
    """A time of which a feed missed posts, or in which it read what it had missed."""

    feed: str
    source: str
    kind: Literal["gap", "catch_up"]
    since: datetime
    until: datetime
    reason: str


COLUMNS = tuple(field.name for field in fields(FeedState))
GAP_COLUMNS = (*(field.name for field in fields(Stretch)), "at")


def feed_states(store: Store) -> dict[str, FeedState]:
    """By name. Raises StoreError."""
    rows = store.query(load("feed_cursors"))
    states = (FeedState(**dict(zip(COLUMNS, row, strict=True))) for row in rows)
    return {state.feed: state for state in states}


def write_state(store: Store, state: FeedState) -> None:
    """Durable on return; `version` has to be above the one before. Raises StoreError."""
    store.insert("feed_cursors", COLUMNS, [astuple(state)])


def stretches(
    store: Store, *, since: datetime, until: datetime, most: int = MOST_GAPS
) -> list[Stretch]:
    """Gaps and catch-ups that touch [since, until), the newest first. Raises StoreError."""
    params = {"since": to_ms(since), "until": to_ms(until), "limit": most}
    columns = [field.name for field in fields(Stretch)]
    return [
        Stretch(**dict(zip(columns, row, strict=True)))
        for row in store.query(load("feed_gaps"), params)
    ]


def write_stretches(store: Store, found: Sequence[Stretch], now: datetime) -> None:
    """Durable on return; one of the same feed, kind and beginning is replaced."""
    if found:
        store.insert("feed_gaps", GAP_COLUMNS, [(*astuple(one), now) for one in found])


def unseen(state: FeedState, now: datetime) -> datetime | None:
    """From when on the feed does not know what was posted; None while it is live."""
    if state.live_until == NEVER:
        return None  # it has yet to begin: nothing is known of what is usual
    late = now - state.live_until
    return state.live_until if late > timedelta(seconds=state.tolerance) else None


def of_feeds(states: Iterable[FeedState], names: Iterable[str]) -> list[FeedState]:
    """Those of feeds that there still are."""
    wanted = set(names)
    return [state for state in states if state.feed in wanted]
