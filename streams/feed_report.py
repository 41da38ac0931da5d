"""What there is to say of feeds, for the command line and the page."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from infra.feeds.feed import FeedRefused
from infra.feeds.registry import feed_of
from infra.feeds.settings import FeedSettings
from infra.feeds.state import NEVER, FeedState, Stretch, feed_states, stretches, unseen
from infra.settings import Settings
from infra.store import Store

MOST_GAPS = 20
"""Shown of each feed."""


class Listed(Struct, frozen=True, kw_only=True):
    """A feed of the settings."""

    name: str
    type: str
    source: str
    problem: str = ""  # why it can't be read, empty if it can


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


def listed(settings: Settings) -> list[Listed]:
    """The feeds of the settings, in their order."""
    return [_listed(feed) for feed in settings.feeds]


def _listed(feed: FeedSettings) -> Listed:
    kind = str(feed.type)  # type: ignore[attr-defined]
    problem = ""
    try:
        feed_of(feed)
    except FeedRefused as error:
        problem = str(error)
    return Listed(name=feed.name, type=kind, source=feed.source, problem=problem)


def feed_report(
    store: Store, settings: Settings, now: datetime, *, over: timedelta
) -> list[FeedStatus]:
    """Feeds of the settings in their order, then others that were read once."""
    states = feed_states(store)
    found = stretches(store, since=now - over, until=now)
    names = [feed.name for feed in settings.feeds]
    sources = {feed.name: feed.source for feed in settings.feeds}
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
    )


def lines_of(report: Sequence[FeedStatus], now: datetime) -> Iterator[str]:
    """For a person; a problem under the feed that has it."""
    if not report:
        yield "no feeds: set `feeds` in groundswell.yaml, see docs/feeds.md"
    for one in report:
        known = f"last post {_ago(one.last_post, now)}"
        behind = "" if one.lag_seconds is None else f", {_span(one.lag_seconds)} behind"
        yield (
            f"{one.name} ({one.source})  {one.state}  {known}{behind}  {one.rate:.2f}/s  "
            f"{one.posts:,} posts, {one.unreadable:,} unreadable, {one.errors:,} errors"
            f"{'' if one.configured else '  (not in the settings any more)'}"
        )
        if one.error_at is not None:
            yield f"  last error {_ago(one.error_at, now)}: {one.error}"
        for gap in one.gaps:
            span = f"{gap.since:%Y-%m-%d %H:%M:%S} - {gap.until:%Y-%m-%d %H:%M:%S} UTC"
            yield f"  gap {span}: {gap.reason}"


def _ever(moment: datetime) -> datetime | None:
    return None if moment == NEVER else moment


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span((now - moment).total_seconds())} ago"


def _span(seconds: float) -> str:
    seconds = max(seconds, 0)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
