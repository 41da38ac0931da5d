"""Every metric by name: what is counted, in what unit, by which labels.

Names of a stage's metrics begin with the stage, as in `score_posts_total`; here they stand without
it. docs/metrics.md is made from this table, and alert rules may name nothing else.
"""

from typing import Literal

from msgspec import Struct

Kind = Literal["counter", "gauge", "histogram"]
STAGES = ("feed", "feeds", "refine", "score", "store", "watch", "deliver")
BATCH = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
AGE = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0)


class Metric(Struct, frozen=True, kw_only=True):
    """One metric; `name` is without `_total`, which every counter has besides."""

    name: str
    kind: Kind
    unit: str
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()  # upper bounds, in its unit
    begins: tuple[str, ...] = ()  # values of its label that are there, as 0, before the first

    @property
    def shown(self) -> str:
        """As Prometheus shows it."""
        return f"{self.name}_total" if self.kind == "counter" else self.name

    @property
    def samples(self) -> tuple[str, ...]:
        """The names that an expression may have."""
        if self.kind == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.shown,)


POSTS = Metric(name="posts", kind="counter", unit="posts", says="posts that the stage finished")
REASONS = Metric(
    name="reasons",
    kind="counter",
    unit="posts",
    labels=("reason",),
    begins=("dead", "poison"),
    says="posts dropped, repeated or dead-lettered there; `poison`: posts that the stage could not "
    "bear, `feed_error_NAME`: failures of a feed",
)
LAG = Metric(
    name="lag_seconds",
    kind="gauge",
    unit="seconds",
    says="now less `received_at` of the oldest post in its last batch",
)
AGES = Metric(
    name="age_seconds",
    kind="histogram",
    unit="seconds",
    buckets=AGE,
    says="the same of every batch: age of its oldest post when the stage was done with it",
)
BUSY = Metric(
    name="busy_seconds",
    kind="counter",
    unit="seconds",
    says="time spent on batches (refine, score, store) and on passes over all brands (watch)",
)
BATCHES = Metric(
    name="batch_seconds",
    kind="histogram",
    unit="seconds",
    buckets=BATCH,
    says="the same by batch or pass; of score, by call of the model",
)
WAITING = Metric(
    name="waiting",
    kind="gauge",
    unit="posts",
    says="of feed: sent on and not yet known to be on disk",
)
FAILING = Metric(
    name="failing_seconds",
    kind="gauge",
    unit="seconds",
    labels=("receiver",),
    says="of deliver: since the receiver's first attempt that failed after a good one; 0 while it "
    "is well. An hour of it is also a warning in the log",
)
EVENTS = Metric(
    name="events",
    kind="counter",
    unit="events",
    labels=("kind",),
    begins=("model_changed", "model_refused", "drift"),
    says="what happened to models: `model_changed`, `model_refused` (score), `drift` (watch)",
)
LATENCY = Metric(
    name="latency_seconds",
    kind="histogram",
    unit="seconds",
    buckets=AGE,
    says="from publication to the end: of store, each post that it wrote, repeats too, backfill "
    "not; of watch, each change of an incident, from its newest post to the change",
)
OBJECTIVE = Metric(
    name="objective",
    kind="counter",
    unit="posts or changes",
    says="how many `latency_seconds` has seen",
)
OBJECTIVE_MET = Metric(
    name="objective_met",
    kind="counter",
    unit="posts or changes",
    says="how many of them took at most `GROUNDSWELL_OBJECTIVE_SECONDS`",
)
OF_A_STAGE = (
    *(POSTS, REASONS, LAG, AGES, BUSY, BATCHES, WAITING, FAILING, EVENTS),
    *(LATENCY, OBJECTIVE, OBJECTIVE_MET),
)

LAG_MESSAGES = Metric(
    name="lag_messages",
    kind="gauge",
    unit="messages",
    labels=("stage", "topic", "partition"),
    says="messages that a stage's group has not acknowledged, as the broker says, on a Kafka of "
    "your own. Every worker of a stage shows the same: take the largest, not the sum",
)
DISK_FREE = Metric(
    name="disk_free_ratio",
    kind="gauge",
    unit="share",
    says="free share of the disk under `GROUNDSWELL_DATA`, where the database is embedded",
)
OF_A_WORKER = (LAG_MESSAGES, DISK_FREE)

OF_OTHERS = (
    Metric(name="up", kind="gauge", unit="0 or 1", says="Prometheus: a worker could be asked"),
    Metric(
        name="process_start_time_seconds",
        kind="gauge",
        unit="Unix time",
        says="prometheus-client: when the worker's process began",
    ),
    Metric(
        name="process_resident_memory_bytes",
        kind="gauge",
        unit="bytes",
        says="prometheus-client: memory of the worker's process",
    ),
    Metric(
        name="process_cpu_seconds",
        kind="counter",
        unit="seconds",
        says="prometheus-client: CPU time of the worker's process",
    ),
    Metric(
        name="ClickHouseAsyncMetrics_DiskAvailable_default",
        kind="gauge",
        unit="bytes",
        says="a ClickHouse server with its own `prometheus` endpoint: free on its disk `default`",
    ),
    Metric(
        name="ClickHouseAsyncMetrics_DiskTotal_default",
        kind="gauge",
        unit="bytes",
        says="the same: size of that disk",
    ),
)


def every_sample() -> frozenset[str]:
    """All names that an expression may have, with those of every stage."""
    own = {f"{stage}_{name}" for stage in STAGES for one in OF_A_STAGE for name in one.samples}
    return frozenset(own.union(*(one.samples for one in (*OF_A_WORKER, *OF_OTHERS))))
