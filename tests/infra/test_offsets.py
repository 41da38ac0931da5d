"""Offsets of a group as an outsider reads them, with another client doing the acknowledging."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as Part

from infra.broker import EmbeddedBroker
from infra.kafka import KafkaUnavailable, Producer, make_topics
from infra.offsets import GroupOffsets


@pytest.fixture
def topic(broker: EmbeddedBroker) -> str:
    name = f"t-{uuid.uuid4().hex}"
    make_topics(broker.address, {name: 2}, replication=1)
    return name


@pytest.fixture
def offsets(broker: EmbeddedBroker, topic: str) -> Iterator[GroupOffsets]:
    found = GroupOffsets(broker.address, group=topic, topic=topic, partitions=2, embedded=True)
    yield found
    found.close()


def send(broker: EmbeddedBroker, topic: str, partition: int, count: int) -> None:
    producer = Producer(broker.address, embedded=True)
    producer.send(topic, [(partition, b"%d" % number) for number in range(count)])
    producer.close()


def acknowledge(broker: EmbeddedBroker, topic: str, upto: dict[int, int]) -> None:
    async def commit() -> None:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=broker.address,
            group_id=topic,
            session_timeout_ms=2_000,
            heartbeat_interval_ms=500,
            enable_auto_commit=False,
        )
        await consumer.start()
        await consumer.commit({Part(topic, number): to for number, to in upto.items()})
        await consumer.stop()

    asyncio.run(commit())


def test_nothing_was_sent(offsets: GroupOffsets) -> None:
    assert (offsets.acknowledged(), offsets.end()) == ((0, 0), (0, 0))


def test_the_end_counts_every_message_of_the_last_batch(
    broker: EmbeddedBroker, topic: str, offsets: GroupOffsets
) -> None:
    send(broker, topic, 0, 700)
    send(broker, topic, 1, 3)
    assert offsets.end() == (700, 3)
    send(broker, topic, 1, 4)
    assert offsets.end() == (700, 7)
    assert offsets.acknowledged() == (0, 0)


def test_what_the_group_acknowledged(
    broker: EmbeddedBroker, topic: str, offsets: GroupOffsets
) -> None:
    send(broker, topic, 0, 5)
    acknowledge(broker, topic, {0: 3})
    assert offsets.acknowledged() == (3, 0)


def test_a_broker_that_is_away_is_named() -> None:
    nobody = GroupOffsets("127.0.0.1:1", group="g", topic="t", partitions=1, embedded=False)
    with pytest.raises(KafkaUnavailable):
        nobody.end()
    nobody.close()


def test_a_broker_that_goes_away_is_named(tmp_path: Path) -> None:
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    broker.start()
    make_topics(broker.address, {"t": 1}, replication=1)
    found = GroupOffsets(
        broker.address, group="g", topic="t", partitions=1, embedded=True, patience=1.0
    )
    assert (found.acknowledged(), found.end()) == ((0,), (0,))
    broker.stop()
    with pytest.raises(KafkaUnavailable):
        found.acknowledged()
    found.close()
