"""What there is to say of feeds on the command line."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from infra.feeds.feed import FeedRefused
from infra.feeds.registry import feed_of
from infra.feeds.report import FeedStatus
from infra.feeds.settings import FeedSettings
from infra.settings import Settings


class Listed(Struct, frozen=True, kw_only=True):
    """A feed of the settings."""

    name: str
    type: str
    source: str
    problem: str = ""  # why it can't be read, empty if it can


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


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span((now - moment).total_seconds())} ago"


def _span(seconds: float) -> str:
    seconds = max(seconds, 0)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
