"""What a group has not acknowledged, with another client doing the acknowledging."""

import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as Part

from infra import backlog as module
from infra.backlog import backlog, is_behind
from infra.broker import EmbeddedBroker
from infra.kafka import Producer, make_topics


@pytest.fixture
def topic(broker: EmbeddedBroker) -> str:
    name = f"t-{uuid.uuid4().hex}"
    make_topics(broker.address, {name: 2}, replication=1)
    return name


def send(broker: EmbeddedBroker, topic: str, partition: int, numbers: range) -> None:
    producer = Producer(broker.address, embedded=True)
    producer.send(topic, [(partition, b"%d" % number) for number in numbers])
    producer.close()


def acknowledge(broker: EmbeddedBroker, topic: str, offsets: dict[int, int]) -> None:
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
        await consumer.commit({Part(topic, number): to for number, to in offsets.items()})
        await consumer.stop()

    asyncio.run(commit())


def waiting(broker: EmbeddedBroker, topic: str) -> list[int]:
    return [*map(int, backlog(broker.address, group=topic, topic=topic, partitions=2))]


def test_nothing_sent(broker: EmbeddedBroker, topic: str) -> None:
    assert waiting(broker, topic) == []


def test_all_of_it_in_order_where_nothing_was_acknowledged(
    broker: EmbeddedBroker, topic: str
) -> None:
    send(broker, topic, 0, range(700))
    send(broker, topic, 1, range(1_000, 1_003))
    assert waiting(broker, topic) == [*range(700), *range(1_000, 1_003)]


def test_only_what_was_not_acknowledged(broker: EmbeddedBroker, topic: str) -> None:
    send(broker, topic, 0, range(100))
    send(broker, topic, 1, range(1_000, 1_010))
    acknowledge(broker, topic, {0: 95, 1: 10})
    assert waiting(broker, topic) == [95, 96, 97, 98, 99]
    assert waiting(broker, topic) == [95, 96, 97, 98, 99]  # asking acknowledges nothing


def test_whether_there_is_anything(broker: EmbeddedBroker, topic: str) -> None:
    def behind() -> bool:
        return is_behind(broker.address, group=topic, topic=topic, partitions=2)

    assert not behind()
    send(broker, topic, 1, range(40))
    assert behind()
    acknowledge(broker, topic, {1: 39})
    assert behind()
    acknowledge(broker, topic, {1: 40})
    assert not behind()


def test_of_a_long_backlog_the_newest(
    broker: EmbeddedBroker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    for start in range(0, 100, 5):
        send(broker, topic, 0, range(start, start + 5))
    found = waiting(broker, topic)
    assert found[-10:] == [*range(90, 100)]
    assert len(found) <= 15
