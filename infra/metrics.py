"""Every metric by name, and the meter that a stage counts with.

<stage>_posts_total        posts the stage finished
<stage>_reasons_total      posts dropped, repeated or dead-lettered there, by reason; `poison` are
                           those that their stage could not bear. Stalls and other ends of a process
                           outlive it in the table stage_events and in the supervisor's log
<stage>_lag_seconds        now - received_at of the oldest post in its last batch
<stage>_busy_seconds_total time spent on batches
<stage>_waiting            posts sent on and not yet known to be on disk
<stage>_failing_seconds    of deliver, by receiver: since its first attempt that failed after a good
                           one; 0 while it is well. An hour of it is also a warning in the log
lag_messages               of each stage that a worker runs, by `stage`, `topic` and `partition`:
                           messages its group has not acknowledged, as the broker says (infra.lag)
                           Every worker of a stage shows the same: take the largest, not the sum
<stage>_events_total       what happened to models: model_changed, model_refused, drift
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge


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
        self._posts = Counter(f"{stage}_posts", "posts finished", registry=registry)
        self._reasons = Counter(
            f"{stage}_reasons", "posts left out, by reason", ["reason"], registry=registry
        )
        self._lag = Gauge(f"{stage}_lag_seconds", "age of the last batch", registry=registry)
        self._busy = Counter(f"{stage}_busy_seconds", "time on batches", registry=registry)
        self._waiting = Gauge(f"{stage}_waiting", "sent, not yet on disk", registry=registry)
        self._events = Counter(
            f"{stage}_events", "what happened to models, by kind", ["kind"], registry=registry
        )
        self._failing = Gauge(
            f"{stage}_failing_seconds", "how long a receiver fails", ["receiver"], registry=registry
        )
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
