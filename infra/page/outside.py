"""What the line depends on: the feeds it reads, and the receivers it tells."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from infra.deliver.delivery_log import ReceiverState
from infra.feeds.report import FeedStatus, feed_report
from infra.page.place import Place

GAPS_OF: Final = timedelta(days=1)
LONG: Final = timedelta(hours=1)
"""A receiver that takes nothing for so long is a problem of its own."""


class Outside(Struct, frozen=True):
    """Feeds and receivers as they are when they are asked for; each may raise StoreError."""

    feeds: Callable[[], tuple[FeedStatus, ...]]
    receivers: Callable[[], Mapping[str, ReceiverState]]


class Failing(Struct, frozen=True, kw_only=True):
    """A receiver that has taken nothing for long, or that is switched off."""

    name: str
    since: datetime
    is_off: bool
    reason: str


def read_feeds(place: Place) -> tuple[FeedStatus, ...]:
    """Feeds of the settings, then others that were read once. Raises StoreError."""
    return tuple(feed_report(place.store, place.settings.feeds, place.now(), over=GAPS_OF))


def failing(receivers: Mapping[str, ReceiverState], now: datetime) -> tuple[Failing, ...]:
    """Those that have to be looked after, the longest first."""
    return tuple(sorted(_failing(receivers, now), key=lambda one: one.since))


def _failing(receivers: Mapping[str, ReceiverState], now: datetime) -> Iterable[Failing]:
    for name, one in receivers.items():
        if one.disabled_since is not None:
            why = one.disabled_reason
            yield Failing(name=name, since=one.disabled_since, is_off=True, reason=why)
        elif one.failing_since is not None and now - one.failing_since >= LONG:
            why = one.last_failure
            yield Failing(name=name, since=one.failing_since, is_off=False, reason=why)
