"""What a consumer group has not acknowledged yet, read without taking part in it."""

from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from infra.kafka import KafkaUnavailable

MOST = 2_000
"""Messages of a partition: of a longer backlog the newest."""
WAIT_MS = 500


def backlog(addresses: str, *, group: str, topic: str, partitions: int) -> Iterator[bytes]:
    """Values that `group` has not acknowledged, by partition, oldest first, at most MOST of each.

    Some that it has may come too, since it tells the broker of that with a delay.
    Raises KafkaUnavailable.
    """
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=addresses.split(","),
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


def _of(consumer: KafkaConsumer, part: TopicPartition) -> Iterator[bytes]:
    consumer.assign([part])
    # The embedded broker understates the end, by less than one batch: that only reads more.
    end = consumer.end_offsets([part])[part]
    first = consumer.beginning_offsets([part])[part]
    consumer.seek(part, max(consumer.committed(part) or 0, first, end - MOST))
    while True:
        for messages in consumer.poll(timeout_ms=WAIT_MS).values():
            for message in messages:
                yield message.value
        reached = consumer.highwater(part)  # the true end, known once something was fetched
        if consumer.position(part) >= max(end, reached or 0):
            return
