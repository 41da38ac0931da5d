"""What a consumer group has acknowledged and where its topic ends, without taking part in it."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from infra.kafka import KafkaUnavailable
from infra.kafka_security import OPEN, KafkaSecurity, client_options

T = TypeVar("T")
WAIT_MS: Final = 150
PATIENCE: Final = 15.0
"""Seconds without an answer of the broker after which it counts as away."""


class GroupOffsets:
    """Asks about one group and topic; connects when first asked, and again after a failure."""

    def __init__(
        self,
        addresses: str,
        *,
        group: str,
        topic: str,
        partitions: int,
        embedded: bool,
        patience: float = PATIENCE,
        security: KafkaSecurity = OPEN,
    ) -> None:
        """`patience`: seconds without an answer after which the broker counts as away."""
        self._addresses = addresses
        self._security = security
        self._group = group
        self._parts = [TopicPartition(topic, number) for number in range(partitions)]
        self._embedded = embedded
        self._patience = patience
        self._wait_ms = round(1000 * patience)
        self._consumer: KafkaConsumer | None = None

    def acknowledged(self) -> tuple[int, ...]:
        """By partition, the offset of the first message that was not and is still there.

        Where nothing is acknowledged, or no longer known to be, and the broker has let go of all
        messages, none will ever be: those are no reason to wait. Raises KafkaUnavailable.
        """
        return self._asked(self._acknowledged)

    def end(self) -> tuple[int, ...]:
        """By partition, the offset of the next message to be written. Raises KafkaUnavailable."""
        return self._asked(self._end)

    def close(self) -> None:
        """Let go of the connection. Idempotent."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError):
                consumer.close(autocommit=False)

    def _acknowledged(self, consumer: KafkaConsumer) -> tuple[int, ...]:
        # Each with a limit: without one the client asks a broker that is away for ever.
        first = consumer.beginning_offsets(self._parts, timeout_ms=self._wait_ms)
        return tuple(
            max(consumer.committed(part, timeout_ms=self._wait_ms) or 0, first[part])
            for part in self._parts
        )

    def _end(self, consumer: KafkaConsumer) -> tuple[int, ...]:
        ends = consumer.end_offsets(self._parts, timeout_ms=self._wait_ms)
        if not self._embedded:
            return tuple(ends[part] for part in self._parts)
        # The embedded broker understates the end, by less than one batch; the answer to a fetch
        # has the true one.
        return tuple(self._fetched_end(consumer, part, ends[part]) for part in self._parts)

    def _fetched_end(self, consumer: KafkaConsumer, part: TopicPartition, end: int) -> int:
        consumer.assign([part])
        consumer.seek(part, end)
        asked = time.monotonic()
        while time.monotonic() - asked < self._patience:
            consumer.poll(timeout_ms=WAIT_MS)
            reached = consumer.highwater(part)
            if reached is not None:
                return max(end, int(reached))
        raise KafkaUnavailable(f"{part.topic}: no answer to a fetch within {self._patience:.0f} s")

    def _asked(self, ask: Callable[[KafkaConsumer], T]) -> T:
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    **client_options(self._addresses, self._security),
                    group_id=self._group,  # only to ask: nothing joins or commits
                    enable_auto_commit=False,
                    fetch_max_wait_ms=100,
                    bootstrap_timeout_ms=10_000,
                )
            return ask(self._consumer)
        except KafkaError as error:
            self.close()
            raise KafkaUnavailable(f"{self._parts[0].topic}: {error}") from error
