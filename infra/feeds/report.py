"""How each feed fares, for the command line and the page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from infra.feeds.settings import FeedSettings
from infra.feeds.state import NEVER, FeedState, Stretch, feed_states, stretches, unseen
from infra.store import Store

MOST_GAPS = 20
"""Shown of each feed."""


class FeedStatus(Struct, frozen=True, kw_only=True):
    """How a feed fares. Times that never were are null."""

    name: str
    source: str
    state: str  # live, catching_up, waiting, retrying, refused, stopped, starting, never, stale
    configured: bool
    last_post: datetime | None
    lag_seconds: float | None  # of what it has read behind the real time
    rate: float  # posts a second
    posts: int
    erasures: int
    unreadable: int
    skipped: int
    errors: int
    error: str
    error_at: datetime | None
    gaps: tuple[Stretch, ...]
    updated_at: datetime | None  # when it said so


def feed_report(
    store: Store, feeds: Sequence[FeedSettings], now: datetime, *, over: timedelta
) -> list[FeedStatus]:
    """Those in their order, then others that were read once."""
    states = feed_states(store)
    found = stretches(store, since=now - over, until=now)
    names = [feed.name for feed in feeds]
    sources = {feed.name: feed.source for feed in feeds}
    return [
        _status(
            states.get(name) or FeedState(feed=name, source=sources[name]),
            [one for one in found if one.feed == name and one.kind == "gap"],
            now,
            configured=name in sources,
        )
        for name in [*names, *(name for name in states if name not in sources)]
    ]


def _status(
    state: FeedState, gaps: Sequence[Stretch], now: datetime, *, configured: bool
) -> FeedStatus:
    said: str = state.state
    if state.updated_at == NEVER:
        said = "never"
    elif said in ("live", "catching_up", "starting") and unseen(state, now):
        said = "stale"  # nobody runs it, or nothing gets through to the database
    lag = (now - state.live_until).total_seconds() if state.live_until != NEVER else None
    return FeedStatus(
        name=state.feed,
        source=state.source,
        state=said,
        configured=configured,
        last_post=_ever(state.last_post),
        lag_seconds=lag,
        rate=state.rate,
        posts=state.posts,
        erasures=state.erasures,
        unreadable=state.unreadable,
        skipped=state.skipped,
        errors=state.errors,
        error=state.error,
        error_at=_ever(state.error_at),
        gaps=tuple(gaps[:MOST_GAPS]),
        updated_at=_ever(state.updated_at),
    )


def _ever(moment: datetime) -> datetime | None:
    return None if moment == NEVER else moment
