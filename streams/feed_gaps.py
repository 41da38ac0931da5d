"""What a feed did not see, or saw late: told, so that nobody takes silence for calm."""

from datetime import datetime
from typing import Final

from infra.feeds.feed import Batch
from infra.feeds.settings import FeedSettings
from infra.feeds.state import NEVER, FeedState, Stretch, unseen

TOLERANCE: Final = 60.0
"""Seconds by which a feed may be behind and still be live."""


class FeedGaps:
    """Of one life of a feed: whether it catches up, and since when."""

    def __init__(self, settings: FeedSettings) -> None:
        self._settings = settings
        self._caught: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether it has caught up."""
        return self._caught is None

    @property
    def tolerance(self) -> float:
        """Seconds by which this feed may be behind and still be live."""
        return TOLERANCE + 2 * self._settings.every

    def found(self, batch: Batch, state: FeedState, now: datetime) -> list[Stretch]:
        """What the batch tells of stretches that were not seen; `state`: as it was before it."""
        told = [
            self._stretch("gap", gap.since, gap.until, gap.reason)
            for gap in batch.gaps
            if gap.until > gap.since
        ]
        return [*told, *self._seen_again(batch, state, now)]

    def _seen_again(self, batch: Batch, state: FeedState, now: datetime) -> list[Stretch]:
        """What there is to tell of a feed that was away and gives again."""
        late = (now - batch.at).total_seconds() > self.tolerance
        if self._caught is None:
            since = unseen(state, now)
            failed = state.state in ("retrying", "refused", "starting", "stopped")
            if since is None and not (failed and state.live_until != NEVER):
                return []
            lost = []
            if not state.cursor:  # it can't go back
                lost = [self._stretch("gap", state.live_until, now, "was not connected")]
            if since is None:
                return lost
            self._caught = now
            return [*lost, self._stretch("catch_up", now, now, "was away, reads what it missed")]
        began = self._caught
        if not late:
            self._caught = None
        return [self._stretch("catch_up", began, now, "was away, reads what it missed")]

    def _stretch(self, kind: str, since: datetime, until: datetime, reason: str) -> Stretch:
        return Stretch(
            feed=self._settings.name,
            source=self._settings.source,
            kind="gap" if kind == "gap" else "catch_up",
            since=since,
            until=until,
            reason=reason,
        )
