"""Says which buckets are not what the crowd said: what watch asks before it judges."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from forecasting.pipe import NOTHING_TOLD, Pipes, Qualities, Told, advance_pipes
from infra.brands import Brand
from infra.feeds.settings import FeedSettings
from infra.feeds.state import feed_states, of_feeds, stretches
from infra.quality import PIPES_NOTE, flow_counts, noted_pipes
from infra.series import Memory
from infra.store import Store
from processors.watched import version
from streams.told_pipes import told_pipes


class PipeWatch:
    """Goes over the same buckets as the watch stage, in order; a process that starts again goes on
    with what was remembered."""

    def __init__(
        self, store: Store, brands: Sequence[Brand], feeds: Sequence[FeedSettings] = ()
    ) -> None:
        self._store = store
        self.watch(brands)
        self._feeds = [feed.name for feed in feeds]
        self._pipes: Pipes | None = None
        self._next = Pipes()

    def watch(self, brands: Sequence[Brand]) -> None:
        """From the next `judge` on the brands are found in this way."""
        self._queries = {brand.name: version(brand.watched) for brand in brands}

    def judge(self, since: datetime, until: datetime) -> Qualities:
        """The buckets from `since` to before `until` that are not ok, by brand. Until that is
        remembered it may be asked again. Raises StoreError."""
        if self._pipes is None:
            noted = noted_pipes(self._store)
            self._pipes = msgspec.json.decode(noted, type=Pipes) if noted else Pipes()
        self._next, found = advance_pipes(
            self._pipes,
            flow_counts(self._store, since=since, until=until),
            since=since,
            until=until,
            queries=self._queries,
            told=self._told(since, until),
        )
        return found

    def _told(self, since: datetime, until: datetime) -> Told:
        if not self._feeds:
            return NOTHING_TOLD
        states = of_feeds(feed_states(self._store).values(), self._feeds)
        names = {state.feed for state in states}
        found = stretches(self._store, since=since, until=until)
        some = [one for one in found if one.feed in names]
        return told_pipes(states, some, since=since, until=until)

    def memory(self) -> Memory:
        """What to remember of the last `judge`, together with what else is: all or nothing."""
        assert self._next.until is not None
        state = msgspec.json.encode(self._next).decode()
        return Memory(brand=PIPES_NOTE, bucket=self._next.until, state=state, verdict="")

    def remembered(self) -> None:
        """What was judged is on disk: go on from there."""
        self._pipes = self._next

    def forget(self) -> None:
        """Another process may have gone on: read again what is remembered."""
        self._pipes = None
