"""What a consumer group has not acknowledged yet, read without taking part in it."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from infra.kafka import KafkaUnavailable
from infra.kafka_security import OPEN, KafkaSecurity, client_options

MOST = 2_000
"""Messages of a partition: of a longer backlog the newest."""
WAIT_MS = 150
PATIENCE = 15.0
"""Seconds without an answer of the broker after which it counts as away."""


def backlog(
    addresses: str, *, group: str, topic: str, partitions: int, security: KafkaSecurity = OPEN
) -> Generator[bytes, None, None]:
    """Values that `group` has not acknowledged, by partition, oldest first, at most MOST of each.

    Some that it has may come too, since it tells the broker of that with a delay.
    Raises KafkaUnavailable.
    """
    try:
        consumer = KafkaConsumer(
            **client_options(addresses, security),
            group_id=group,  # only to ask what it has acknowledged: nothing joins or commits
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
            bootstrap_timeout_ms=10_000,
        )
        try:
            for number in range(partitions):
                yield from _of(consumer, TopicPartition(topic, number))
        finally:
            consumer.close(autocommit=False)
    except KafkaError as error:
        raise KafkaUnavailable(f"{topic}: {error}") from error


def is_behind(
    addresses: str, *, group: str, topic: str, partitions: int, security: KafkaSecurity = OPEN
) -> bool:
    """Whether there is something that `group` has not acknowledged. Raises KafkaUnavailable."""
    waiting = backlog(addresses, group=group, topic=topic, partitions=partitions, security=security)
    with closing(waiting):
        return next(waiting, None) is not None


def _of(consumer: KafkaConsumer, part: TopicPartition) -> Iterator[bytes]:
    consumer.assign([part])
    # The embedded broker understates the end, by less than one batch; the answer to a fetch has the
    # true one.
    end = consumer.end_offsets([part])[part]
    first = consumer.beginning_offsets([part])[part]
    consumer.seek(part, max(consumer.committed(part) or 0, first, end - MOST))
    heard = time.monotonic()
    while time.monotonic() - heard < PATIENCE:
        for messages in consumer.poll(timeout_ms=WAIT_MS).values():
            heard = time.monotonic()
            for message in messages:
                yield message.value
        reached = consumer.highwater(part)  # None before the first answer
        if reached is not None and consumer.position(part) >= max(end, reached):
            return
    raise KafkaUnavailable(f"{part.topic}: no answer to a fetch within {PATIENCE:.0f} s")
