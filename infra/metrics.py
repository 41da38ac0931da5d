"""The meter that a stage counts with. What there is, and what it is called: infra.metric_table."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge

from infra import metric_table as table
from infra.bulk_histogram import BulkHistogram
from infra.metric_table import Metric


class Reading(Struct, frozen=True, kw_only=True):
    """What a stage has done since its process started."""

    stage: str
    posts: int
    lag_seconds: float
    busy_seconds: float
    waiting: int
    reasons: dict[str, int]
    failing: dict[str, float] = {}  # receivers, for how many seconds


class Meter:
    """Counts for one stage, readable by Prometheus and as a `Reading`."""

    def __init__(self, stage: str, registry: CollectorRegistry) -> None:
        self._stage = stage
        prefix = f"{stage}_"
        self._posts = counter(table.POSTS, registry, prefix=prefix)
        self._reasons = counter(table.REASONS, registry, prefix=prefix)
        self._lag = gauge(table.LAG, registry, prefix=prefix)
        self._ages = histogram(table.AGES, registry, prefix=prefix)
        self._busy = counter(table.BUSY, registry, prefix=prefix)
        self._batches = histogram(table.BATCHES, registry, prefix=prefix)
        self._waiting = gauge(table.WAITING, registry, prefix=prefix)
        self._events = counter(table.EVENTS, registry, prefix=prefix)
        self._failing = gauge(table.FAILING, registry, prefix=prefix)
        self._latency = histogram(table.LATENCY, registry, prefix=prefix)
        self._objective = counter(table.OBJECTIVE, registry, prefix=prefix)
        self._met = counter(table.OBJECTIVE_MET, registry, prefix=prefix)
        self._done = 0
        self._in_flight = 0
        self._by_reason: dict[str, int] = {}
        self._fail_for: dict[str, float] = {}
        self._last_lag = 0.0
        self._busy_for = 0.0

    def posts(self, count: int, *, oldest: datetime | None, now: datetime) -> None:
        """`count` posts are done; the oldest was received at `oldest`."""
        self._posts.inc(count)
        self._done += count
        if oldest is not None:
            self._last_lag = max(0.0, (now - oldest).total_seconds())
            self._lag.set(self._last_lag)
            self._ages.observe((self._last_lag,))

    def arrived(self, seconds: Sequence[float], *, objective: float) -> None:
        """These came to their end so long after their publication; `objective` is wanted."""
        self._latency.observe(max(0.0, one) for one in seconds)
        self._objective.inc(len(seconds))
        self._met.inc(sum(one <= objective for one in seconds))

    def left_out(self, reason: str, count: int = 1) -> None:
        """`count` posts were left out for `reason`."""
        self._reasons.labels(reason=reason).inc(count)
        self._by_reason[reason] = self._by_reason.get(reason, 0) + count

    def event(self, kind: str) -> None:
        """Something of this kind happened to a model."""
        self._events.labels(kind=kind).inc()

    def failing(self, receiver: str, seconds: float) -> None:
        """A receiver has taken nothing for so long; 0: it is well."""
        self._failing.labels(receiver=receiver).set(seconds)
        self._fail_for.pop(receiver, None)
        if seconds > 0:
            self._fail_for[receiver] = seconds

    def waiting(self, count: int) -> None:
        """`count` posts were sent on and are not known to be on disk."""
        self._waiting.set(count)
        self._in_flight = count

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Time spent in the block counts as work."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self._busy.inc(spent)
            self._batches.observe((spent,))
            self._busy_for += spent

    def reading(self) -> Reading:
        """The figures now."""
        return Reading(
            stage=self._stage,
            posts=self._done,
            lag_seconds=self._last_lag,
            busy_seconds=self._busy_for,
            waiting=self._in_flight,
            reasons=dict(self._by_reason),
            failing=dict(self._fail_for),
        )


def counter(metric: Metric, registry: CollectorRegistry, *, prefix: str = "") -> Counter:
    """The counter of the table, among what is served."""
    made = Counter(f"{prefix}{metric.name}", metric.says, metric.labels, registry=registry)
    for value in metric.begins:
        # To Prometheus what begins with 1 has not increased: no alert would hear of the first.
        made.labels(value)
    return made


def gauge(metric: Metric, registry: CollectorRegistry, *, prefix: str = "") -> Gauge:
    """The gauge of the table, among what is served."""
    return Gauge(f"{prefix}{metric.name}", metric.says, metric.labels, registry=registry)


def histogram(metric: Metric, registry: CollectorRegistry, *, prefix: str = "") -> BulkHistogram:
    """The histogram of the table, among what is served."""
    return BulkHistogram(f"{prefix}{metric.name}", metric.says, metric.buckets, registry)


def show_disk(folder: Path, registry: CollectorRegistry) -> None:
    """Serve how much of the disk under a folder that exists is free."""

    def free() -> float:
        usage = shutil.disk_usage(folder)
        return usage.free / usage.total

    gauge(table.DISK_FREE, registry).set_function(free)
