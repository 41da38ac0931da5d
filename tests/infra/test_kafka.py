"""Topics and the producer of feeds, against the embedded broker."""

import subprocess
import sys
import time
import uuid
from itertools import islice
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    RecordListTooLargeError,
)

from infra.broker import EmbeddedBroker
from infra.kafka import (
    MessageTooLarge,
    Producer,
    _is_too_large,
    addresses_for_faust,
    make_topics,
)


def name() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def test_topics_are_made_once(broker: EmbeddedBroker) -> None:
    one, two, three = name(), name(), name()
    assert make_topics(broker.address, {one: 3, two: 1}, replication=1) == [one, two]
    assert make_topics(broker.address, {one: 3, two: 1}, replication=1) == []
    assert make_topics(broker.address, {one: 3, three: 2}, replication=1) == [three]
    consumer = KafkaConsumer(bootstrap_servers=broker.address)
    try:
        assert [len(consumer.partitions_for_topic(topic)) for topic in (one, two, three)] == [
            3,
            1,
            2,
        ]
    finally:
        consumer.close()


def test_what_was_sent_is_there_in_order(broker: EmbeddedBroker) -> None:
    topic = name()
    make_topics(broker.address, {topic: 2}, replication=1)
    producer = Producer(broker.address, embedded=True)
    big = b"x" * (2 * 1024 * 1024)
    producer.send(topic, [])
    producer.send(topic, [(number % 2, b"%d" % number) for number in range(100)])
    producer.send(topic, [(1, big)])
    producer.close()
    consumer = KafkaConsumer(
        bootstrap_servers=broker.address,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    found: dict[int, list[bytes]] = {0: [], 1: []}
    deadline = time.monotonic() + 20
    try:
        consumer.assign([TopicPartition(topic, number) for number in found])
        while sum(map(len, found.values())) < 101:
            assert time.monotonic() < deadline
            for records in consumer.poll(timeout_ms=200).values():
                for record in records:
                    found[record.partition].append(record.value)
    finally:
        consumer.close()
    assert found == {
        0: [b"%d" % number for number in range(0, 100, 2)],
        1: [*(b"%d" % number for number in range(1, 100, 2)), big],
    }


SAYS = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from infra.backlog import backlog
from infra.broker import EmbeddedBroker
from infra.kafka import KafkaUnavailable, Producer, make_topics

def says(work):
    began = time.monotonic()
    try:
        work()
    except KafkaUnavailable as error:
        seconds = round(time.monotonic() - began)
        sys.stdout.write(f"{seconds} {error}\\n")  # one write: threads must not mix their lines

broker = EmbeddedBroker(log=Path(sys.argv[1]))
with ThreadPoolExecutor() as pool:
    pool.submit(says, lambda: make_topics(broker.address, {"t": 1}, replication=1))
    pool.submit(says, lambda: Producer(broker.address, embedded=True))
    pool.submit(says, lambda: [*backlog(broker.address, group="g", topic="t", partitions=1)])
broker.start()
make_topics(broker.address, {"t": 1}, replication=1)
producer = Producer(broker.address, embedded=True)
producer.send("t", [(0, b"x")])
broker.stop()
says(lambda: producer.send("t", [(0, b"y")]))
producer.close()
"""


def test_nobody_there_is_said_in_bounded_time(tmp_path: Path) -> None:
    # In a process of its own, as kafka-python leaves sockets of refused connections open.
    command = [sys.executable, "-W", "ignore", "-c", SAYS, str(tmp_path / "broker.log")]
    said = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).splitlines()
    seconds, errors = zip(*(line.split(" ", 1) for line in said), strict=True)
    starts = sorted(error.split(":")[0] for error in errors)
    assert starts == ["kafka at 127.0.0.1"] * 2 + ["t"] * 2
    assert max(map(int, seconds)) <= 15


class Answer:
    """What became of a message, as the client tells it."""

    def __init__(self, error: KafkaError | None) -> None:
        self._error = error

    def get(self, timeout: float) -> None:
        """Raise or return."""
        assert timeout == 0
        if self._error:
            raise self._error


def test_what_is_too_large_is_told_from_what_was_not_taken_yet() -> None:
    assert _is_too_large(None)
    assert _is_too_large(Answer(MessageSizeTooLargeError()))
    assert _is_too_large(Answer(RecordListTooLargeError()))
    assert not _is_too_large(Answer(None))
    with pytest.raises(NotLeaderForPartitionError):
        _is_too_large(Answer(NotLeaderForPartitionError()))


def test_a_message_that_is_too_large_holds_up_no_other(broker: EmbeddedBroker) -> None:
    topic = name()
    make_topics(broker.address, {topic: 1}, replication=1)
    producer = Producer(broker.address, embedded=True)
    with pytest.raises(MessageTooLarge, match=f"{topic}: 1 message is larger") as refused:
        producer.send(topic, [(0, b"a"), (0, b"x" * (9 << 20)), (0, b"b")])
    assert refused.value.which == (1,)
    producer.close()
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker.address,
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    assert [record.value for record in islice(consumer, 2)] == [b"a", b"b"]
    consumer.close()


def test_addresses_of_several_brokers() -> None:
    assert addresses_for_faust("a:1, b:2") == ["kafka://a:1", "kafka://b:2"]
