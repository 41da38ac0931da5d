"""A histogram that takes many values at once: a stage has thousands a second, and one at a time
they would cost as much as a part of its work."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from threading import Lock

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class BulkHistogram(Collector):
    """Counts values by upper bound, both ends of a bucket as Prometheus has them.

    >>> registry = CollectorRegistry()
    >>> BulkHistogram("age_seconds", "how old", (1.0, 5.0), registry).observe([0.5, 1.0, 7.0])
    >>> registry.get_sample_value("age_seconds_bucket", {"le": "1.0"})
    2.0
    """

    def __init__(
        self, name: str, says: str, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        """`bounds` rise; what is above the last is counted as well. Raises ValueError: it is known
        already."""
        self._name, self._says, self._bounds = name, says, tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        self._lock = Lock()  # a scrape is answered in another thread
        registry.register(self)

    def observe(self, values: Iterable[float]) -> None:
        """Count them."""
        with self._lock:
            for value in values:
                self._counts[bisect_left(self._bounds, value)] += 1
                self._sum += value

    def describe(self) -> Iterable[HistogramMetricFamily]:
        """What a registry knows it by."""
        return [HistogramMetricFamily(self._name, self._says)]

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """What it holds now."""
        with self._lock:
            totals, total = list(accumulate(self._counts)), self._sum
        bounds = [*map(str, self._bounds), "+Inf"]
        buckets = [(bound, float(count)) for bound, count in zip(bounds, totals, strict=True)]
        return [HistogramMetricFamily(self._name, self._says, buckets=buckets, sum_value=total)]
