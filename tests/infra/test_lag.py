"""How far groups are behind: the true number, on a broker that understates its ends."""

import threading
import uuid
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from infra.broker import EmbeddedBroker
from infra.kafka import KafkaUnavailable, Producer, make_topics
from infra.lag import Lag, LagMeter, LagReader
from infra.offsets import GroupOffsets
from tests.infra.test_offsets import acknowledge


@pytest.fixture
def topic(broker: EmbeddedBroker) -> str:
    name = f"t-{uuid.uuid4().hex}"
    make_topics(broker.address, {name: 2}, replication=1)
    producer = Producer(broker.address, embedded=True)
    producer.send(name, [(0, b"x")] * 300)
    producer.send(name, [(1, b"x")] * 7)
    producer.close()
    return name


@pytest.fixture
def reader(broker: EmbeddedBroker, topic: str) -> Iterator[LagReader]:
    offsets = GroupOffsets(broker.address, group=topic, topic=topic, partitions=2, embedded=True)
    found = LagReader("refine", topic, offsets)
    yield found
    found.close()


def test_what_a_group_has_not_acknowledged(
    broker: EmbeddedBroker, topic: str, reader: LagReader
) -> None:
    assert reader.read() == Lag(stage="refine", topic=topic, partitions=(300, 7))
    acknowledge(broker, topic, {0: 298, 1: 7})
    lag = reader.read()
    assert (lag.partitions, lag.messages) == ((2, 0), 2)


class Reader(LagReader):
    """Answers what it is told to, in turn; an exception is raised."""

    def __init__(self, *answers: "tuple[int, ...] | Exception") -> None:
        self.stage, self.topic = "refine", "posts.raw"
        self._answers = list(answers)
        self.closed = False

    def read(self) -> Lag:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Lag(stage=self.stage, topic=self.topic, partitions=answer)

    def close(self) -> None:
        self.closed = True


def test_it_is_a_metric_and_what_is_not_known_is_not_shown() -> None:
    registry, shown = CollectorRegistry(), []
    looks, ended = iter([False, False, True]), threading.Event()

    def wait(_seconds: float) -> bool:
        labels = {"stage": "refine", "topic": "posts.raw", "partition": "1"}
        shown.append(registry.get_sample_value("lag_messages", labels))
        end = next(looks)
        if end:
            ended.set()
        return end

    reader = Reader((1, 5), KafkaUnavailable("gone"), (0, 2))
    meter = LagMeter([reader], registry, wait=wait)
    meter.start()
    assert ended.wait(20)
    meter._thread.join(20)
    assert shown == [5, None, 2]
    assert reader.closed
