"""Says which buckets are not what the crowd said: what watch asks before it judges."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from forecasting.pipe import flow, qualities
from forecasting.records import Quality
from infra.quality import FlowCount, flow_counts, note_queries, noted_queries
from infra.series import EPOCH
from infra.settings import Brand
from infra.store import Store

CONTEXT: Final = timedelta(days=1)
"""How far back is looked for what is usual."""
LONGEST: Final = timedelta(days=500)
"""After which weights of new posts become too large to count with, and are begun anew."""
NEW: Final = timedelta(hours=1)
"""How long a model that came later than others counts as new."""
NEW_MODEL: Final = 0.5
"""Share of a brand's posts in a bucket from which on a new model is what counts it."""

Qualities = dict[str, dict[datetime, Quality]]


class PipeWatch:
    """Follows volumes by source, the models that score and the words that brands are counted by.

    Goes over the same buckets as the watch stage, in order; a process that starts again reads the
    day before.
    """

    def __init__(self, store: Store, brands: Sequence[Brand]) -> None:
        self._store = store
        self._words = {b.name: sorted({b.name, *b.aliases}) for b in brands}
        self._noted: dict[str, list[str]] | None = None
        self._until: datetime | None = None
        self._zero = EPOCH
        self._volumes: dict[str, dict[datetime, int]] = {}
        self._shares: dict[str, dict[str, float]] = {}
        self._models: dict[str, datetime] = {}  # when each was first seen
        self._marked: set[tuple[str, str]] = set()  # brands by new models

    def judge(self, since: datetime, until: datetime) -> Qualities:
        """The buckets from `since` to before `until` that are not ok, by brand. Raises StoreError;
        then ask again.
        """
        if self._until != since or since - self._zero > LONGEST:
            self._begin(since)
        fresh = flow_counts(self._store, since=since, until=until)
        self._until = None  # if this fails half-way, all is read anew
        self._take(fresh)
        self._forget(since - CONTEXT)
        new = self._by_new_models(fresh)
        flows = {
            source: flow(volumes, since=min(min(volumes), since), until=until)
            for source, volumes in self._volumes.items()
        }
        queried = self._queried_anew(since)
        found: Qualities = {}
        for brand, posts in self._shares.items():
            total = sum(posts.values())
            shares = {source: count / total for source, count in posts.items()}
            changed = new.get(brand, set()) | queried.get(brand, set())
            some = qualities(flows, shares, changed)
            if inside := {at: q for at, q in some.items() if since <= at < until}:
                found[brand] = inside
        self._until = until
        return found

    def remember(self) -> None:
        """What was judged is on disk: what it was counted by is the usual now."""
        if self._until is None:
            return
        if self._noted != self._words:
            note_queries(self._store, msgspec.json.encode(self._words).decode(), self._until)
            self._noted = self._words

    def _begin(self, since: datetime) -> None:
        self._zero = since
        self._volumes, self._shares, self._models = {}, {}, {}
        self._marked = set()
        self._take(flow_counts(self._store, since=since - CONTEXT, until=since))

    def _take(self, counts: Iterable[FlowCount]) -> None:
        """Older posts weigh less, half for each day: newer ones weigh more."""
        for one in counts:
            volumes = self._volumes.setdefault(one.source, {})
            volumes[one.bucket] = volumes.get(one.bucket, 0) + one.posts
            shares = self._shares.setdefault(one.brand, {})
            weight = 2.0 ** ((one.bucket - self._zero) / CONTEXT)
            shares[one.source] = shares.get(one.source, 0.0) + weight * one.posts
            first = self._models.get(one.model, one.bucket)
            self._models[one.model] = min(first, one.bucket)

    def _forget(self, before: datetime) -> None:
        for source, volumes in list(self._volumes.items()):
            kept = {at: count for at, count in volumes.items() if at >= before}
            self._volumes[source] = kept
            if not kept:
                del self._volumes[source]

    def _by_new_models(self, fresh: Iterable[FlowCount]) -> dict[str, set[datetime]]:
        """The first bucket of each brand that a model newer than others mostly scored."""
        earliest = min(self._models.values(), default=EPOCH)
        new = {model for model, first in self._models.items() if first - earliest >= NEW}
        posts: dict[tuple[str, datetime], int] = defaultdict(int)
        by_model: dict[tuple[datetime, str, str], int] = defaultdict(int)
        for one in fresh:
            posts[one.brand, one.bucket] += one.posts
            if one.model in new and one.bucket - self._models[one.model] <= NEW:
                by_model[one.bucket, one.brand, one.model] += one.posts
        found: dict[str, set[datetime]] = {}
        for (at, brand, model), count in sorted(by_model.items()):
            is_most = count >= NEW_MODEL * posts[brand, at]
            if is_most and (brand, model) not in self._marked:
                self._marked.add((brand, model))
                found.setdefault(brand, set()).add(at)
        return found

    def _queried_anew(self, since: datetime) -> dict[str, set[datetime]]:
        if self._noted is None:
            noted = noted_queries(self._store)
            self._noted = msgspec.json.decode(noted, type=dict[str, list[str]]) if noted else {}
        return {
            brand: {since}
            for brand, words in self._words.items()
            if brand in self._noted and self._noted[brand] != words
        }
