"""How far the consumer groups are behind, by stage and partition.

Asked of the broker by an outsider, so it is known of stages that do not run as well. Ends are true
on the embedded broker too (`infra.offsets`).
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry, Gauge

from infra.kafka import KafkaUnavailable
from infra.metric_table import LAG_MESSAGES
from infra.metrics import gauge
from infra.offsets import GroupOffsets

log = structlog.get_logger()
EVERY: Final = 15.0
"""Seconds between two looks: as often as Prometheus asks."""


class Lag(Struct, frozen=True, kw_only=True):
    """Messages of a topic that a stage has not acknowledged."""

    stage: str
    topic: str
    partitions: tuple[int, ...]  # messages of each

    @property
    def messages(self) -> int:
        """In all partitions."""
        return sum(self.partitions)


class LagReader:
    """Reads the lag of one stage at one topic. Raises KafkaUnavailable."""

    def __init__(self, stage: str, topic: str, offsets: GroupOffsets) -> None:
        self.stage = stage
        self.topic = topic
        self._offsets = offsets

    def read(self) -> Lag:
        """What it is now."""
        # In this order: what arrives in between is counted, and never a negative number.
        done = self._offsets.acknowledged()
        ends = self._offsets.end()
        return Lag(
            stage=self.stage,
            topic=self.topic,
            partitions=tuple(max(0, end - upto) for end, upto in zip(ends, done, strict=True)),
        )

    def close(self) -> None:
        """Let go of the broker. Idempotent."""
        self._offsets.close()


class LagMeter:
    """Shows lags as `lag_messages`, read in a thread of its own until it is stopped."""

    def __init__(
        self,
        readers: Sequence[LagReader],
        registry: CollectorRegistry,
        *,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`wait` passes seconds and says whether to end."""
        self._readers = readers
        self._gauge = gauge(LAG_MESSAGES, registry)
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. Idempotent."""
        self._stopping.set()

    def _run(self) -> None:
        while True:
            for reader in self._readers:
                self._look(reader)
            if self._wait(EVERY):
                break
        for reader in self._readers:
            reader.close()

    def _look(self, reader: LagReader) -> None:
        try:
            self._show(reader.read())
        except KafkaUnavailable as error:
            # The old figure would look like a stage that stands still.
            self._forget(reader)
            log.warning("lag unknown", stage=reader.stage, topic=reader.topic, error=str(error))

    def _show(self, lag: Lag) -> None:
        for number, messages in enumerate(lag.partitions):
            self._gauge.labels(lag.stage, lag.topic, str(number)).set(messages)

    def _forget(self, reader: LagReader) -> None:
        for labels in _labels_of(self._gauge, reader):
            self._gauge.remove(*labels)


def _labels_of(gauge: Gauge, reader: LagReader) -> Iterable[tuple[str, str, str]]:
    samples = [sample.labels for metric in gauge.collect() for sample in metric.samples]
    return [
        (one["stage"], one["topic"], one["partition"])
        for one in samples
        if (one["stage"], one["topic"]) == (reader.stage, reader.topic)
    ]
