"""A hop of the line and nothing else: decode, encode, send, acknowledge, beside plain aiokafka."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.figures import Effort, spread
from benchmarks.posts import ARRAY, messages, raw_posts
from infra.broker import EmbeddedBroker
from infra.kafka import Producer, make_topics
from infra.settings import Settings
from processors.records import RawPost
from streams import topics
from streams.line import consume, emit, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage
from streams.wire import Message, decoder, encode

POSTS = 200_000
PARTITIONS = 4
_ENCODE = msgspec.json.encode


def measure(effort: Effort) -> dict[str, object]:
    """Posts a CPU-second of this process; the broker is another one."""
    posts = effort.of(POSTS)
    made = raw_posts(min(posts, 20_000))
    given = messages(made) * max(1, posts // len(made))
    faust, plain = [], []
    with broker_with(given) as address:
        for _ in range(effort.rounds):
            faust.append(len(given) * ARRAY / asyncio.run(_with_faust(address, len(given))))
            plain.append(len(given) * ARRAY / asyncio.run(_with_aiokafka(address, len(given))))
    return {
        "posts": len(given) * ARRAY,
        "posts_per_cpu_second": spread(faust),
        "aiokafka_posts_per_cpu_second": spread(plain),
        "ratio": spread([a / b for a, b in zip(faust, plain, strict=True)]),
    }


@contextmanager
def broker_with(given: Sequence[bytes]) -> Iterator[str]:
    """An embedded broker with these messages in posts.raw; its address."""
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        broker = EmbeddedBroker(log=Path(folder) / "broker.log")
        broker.start()
        try:
            make_topics(broker.address, topics.partition_counts(PARTITIONS), replication=1)
            producer = Producer(broker.address, embedded=True)
            for start in range(0, len(given), 100):
                some = given[start : start + 100]
                producer.send(topics.RAW, [(n % PARTITIONS, one) for n, one in enumerate(some)])
            producer.close()
            yield broker.address
        finally:
            broker.stop()


async def _with_faust(address: str, expected: int) -> float:
    settings = Settings(kafka=address, real_kafka=False, group=uuid4().hex[:8], brands=())
    app = make_app("hop", settings)
    decode = decoder(RawPost).decode
    count = Countdown(expected)

    async def handle(batch: Sequence[Message]) -> None:
        count.begin()
        for message in batch:
            again = [(message.partition, one) for one in encode(decode(message.value))]
            await emit(app, topics.CLEAN, again)
        count.done(len(batch))

    pulse = Pulse("hop", [topics.RAW])
    consume(app, pulse.topics, handle, messages=20, within=0.05, pulse=pulse)
    stage = AgentStage(app, pulse)
    await stage.start()
    await count.all_done.wait()
    await stage.stop()
    return count.cpu_seconds


async def _with_aiokafka(address: str, expected: int) -> float:
    decode = decoder(RawPost).decode

    async def work(batch: Sequence[tuple[int, bytes]]) -> list[tuple[str, int, bytes]]:
        return [
            (topics.CLEAN, partition, one)
            for partition, value in batch
            for one in encode(decode(value))
        ]

    return await plain_loop(address, expected, work)


Work = Callable[[Sequence[tuple[int, bytes]]], Awaitable[list[tuple[str, int, bytes]]]]


async def plain_loop(address: str, expected: int, work: Work) -> float:
    """CPU seconds of the shortest loop that reads, works, sends what comes out and commits."""
    consumer = AIOKafkaConsumer(
        topics.RAW,
        bootstrap_servers=address,
        group_id=uuid4().hex[:8],
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=2_000,
        heartbeat_interval_ms=500,
        fetch_max_wait_ms=150,
    )
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", max_request_size=8 << 20)
    count = Countdown(expected)
    await consumer.start()
    await producer.start()
    try:
        while not count.all_done.is_set():
            found = await consumer.getmany(timeout_ms=200, max_records=20)
            batch = [(one.partition, one.value) for many in found.values() for one in many]
            if not batch:
                continue
            count.begin()
            sent = [
                await producer.send(topic, value, partition=partition)
                for topic, partition, value in await work(batch)
            ]
            for future in sent:
                await future
            await consumer.commit()
            count.done(len(batch))
    finally:
        await consumer.stop()
        await producer.stop()
    return count.cpu_seconds


class Countdown:
    """CPU time of this process from the first message to the last."""

    def __init__(self, expected: int) -> None:
        self._left = expected
        self._began: float | None = None
        self.cpu_seconds = 0.0
        self.all_done = asyncio.Event()

    def begin(self) -> None:
        """A batch is here."""
        if self._began is None:
            self._began = time.process_time()

    def done(self, messages: int) -> None:
        """A batch is worked off."""
        assert self._began is not None
        self._left -= messages
        if self._left <= 0:
            self.cpu_seconds = time.process_time() - self._began
            self.all_done.set()
