"""The contract of a handler: done means durable, later means again, a bug ends the process."""

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from faust.exceptions import ProducerSendError
from kafka import KafkaConsumer, TopicPartition

from infra.broker import EmbeddedBroker
from infra.kafka import KafkaUnavailable, Producer, make_topics
from infra.store import StoreUnavailable
from streams import line
from streams.line import CRASHED, may_pass, until_done
from streams.wire import Message

Eventually = Callable[..., Any]
HERE = Path(__file__).parent


def message(offset: int) -> Message:
    return Message(topic="t", partition=0, offset=offset, arrived_at=datetime.now(UTC), value=b"[]")


def test_what_may_pass_is_tried_again_with_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def no_sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(line.asyncio, "sleep", no_sleep)
    batch = [message(1), message(2)]
    errors = [StoreUnavailable("full"), KafkaUnavailable("away"), StoreUnavailable("still")] * 5
    seen: list[Sequence[Message]] = []

    async def handle(given: Sequence[Message]) -> None:
        seen.append(given)
        if len(seen) <= len(errors):
            raise errors[len(seen) - 1]

    asyncio.run(until_done("score", handle, batch))
    assert len(seen) == len(errors) + 1
    assert all(given is batch for given in seen)
    # The pauses grow from a tenth of a second to five, give or take a fifth.
    assert 0.08 <= pauses[0] <= 0.12
    assert all(4 <= pause <= 6 for pause in pauses[7:])


def wrapped(cause: BaseException | None) -> ProducerSendError:
    """As Faust's producer raises it."""
    try:
        raise ProducerSendError("Error while sending") from cause
    except ProducerSendError as error:
        return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (KafkaConnectionError("away"), True),  # from the future of a message
        (wrapped(KafkaConnectionError("away")), True),  # from the call that sends it
        (MessageSizeTooLargeError("9 MB"), False),  # however often it is sent
        (wrapped(MessageSizeTooLargeError("9 MB")), False),
        (wrapped(ZeroDivisionError()), False),
        (wrapped(None), False),
        (ZeroDivisionError(), False),
    ],
)
def test_a_broker_that_is_away_passes_and_a_message_too_large_does_not(
    error: Exception, passes: bool
) -> None:
    assert may_pass(error) is passes


def test_stopping_in_the_middle_of_waiting_does_not_count_as_done() -> None:
    async def scenario() -> bool:
        tried = asyncio.Event()

        async def handle(_: Sequence[Message]) -> None:
            tried.set()
            raise StoreUnavailable("away")

        waiting = asyncio.create_task(until_done("store", handle, [message(1)]))
        await tried.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return waiting.cancelled()

    assert asyncio.run(scenario())


def test_a_bug_ends_the_process_at_once() -> None:
    script = (
        "import asyncio\n"
        "from streams.line import until_done\n"
        "async def handle(batch):\n"
        "    raise ZeroDivisionError('a bug')\n"
        "try:\n"
        "    asyncio.run(until_done('score', handle, []))\n"
        "finally:\n"
        "    print('put away')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == CRASHED
    assert "ZeroDivisionError: a bug" in ended.stdout + ended.stderr
    assert "put away" not in ended.stdout


# A stage of its own process: copies every record from one topic to another and writes down which
# messages it has handed over. `plan` says what else it does.
STAGE = """
import asyncio, json, os, sys
from pathlib import Path
from infra.kafka import KafkaUnavailable
from infra.settings import Settings
from streams.line import consume, emit, make_app

address, name, plan, folder = sys.argv[1:]
settings = Settings(kafka=address, real_kafka=False, group=name)
seen, done = Path(folder, "seen"), Path(folder, "done")

def note(file, batch):
    with file.open("a") as out:
        out.writelines(f"{m.value.decode()}\\n" for m in batch)

async def main():
    app = make_app("copy", settings)
    calls = 0

    async def handle(batch):
        nonlocal calls
        calls += 1
        note(seen, batch)
        if plan == "refuses" and calls % 3:
            raise KafkaUnavailable("not now")
        if plan == "fails" and calls == 2:
            raise ZeroDivisionError("a bug")
        await emit(app, name + ".out", [(m.partition, m.value) for m in batch])
        note(done, batch)

    consume(app, [name + ".in"], handle, messages=7, within=0.05)
    app.finalize()
    await app.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Copier:
    """Starts such stages, one after the other, on topics of their own."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.name = f"copy-{uuid.uuid4().hex[:8]}"
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        make_topics(address, {f"{self.name}.in": 2, f"{self.name}.out": 2}, replication=1)

    def send(self, values: Sequence[bytes]) -> None:
        producer = Producer(self.address, embedded=True)
        producer.send(f"{self.name}.in", [(i % 2, value) for i, value in enumerate(values)])
        producer.close()

    def start(self, plan: str) -> "subprocess.Popen[bytes]":
        arguments = [self.address, self.name, plan, str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", STAGE, *arguments],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self.running.append(process)
        return process

    def noted(self, file: str) -> list[str]:
        path = self.folder / file
        return path.read_text().splitlines() if path.exists() else []

    def out(self, count: int) -> list[str]:
        """What has come out, once it is `count` messages; no more come after these."""
        consumer = KafkaConsumer(bootstrap_servers=self.address, auto_offset_reset="earliest")
        try:
            consumer.assign([TopicPartition(f"{self.name}.out", number) for number in (0, 1)])
            found: list[str] = []
            idle = 0
            while len(found) < count or idle < 2:
                polled = consumer.poll(timeout_ms=250)
                found += [r.value.decode() for records in polled.values() for r in records]
                idle = 0 if polled else idle + 1
                assert idle < 60, found
            return found
        finally:
            consumer.close()


@pytest.fixture
def copier(broker: EmbeddedBroker, tmp_path: Path) -> Any:
    made = Copier(broker.address, tmp_path)
    yield made
    for process in made.running:
        process.kill()
        process.wait()


VALUES = [json.dumps([number]).encode() for number in range(40)]
WORDS = [value.decode() for value in VALUES]


def test_a_sink_that_is_away_now_and_then_loses_and_doubles_nothing(
    copier: Copier, eventually: Eventually
) -> None:
    copier.send(VALUES)
    process = copier.start("refuses")
    eventually(lambda: len(copier.noted("done")) >= len(VALUES), seconds=60, what="all copied")
    assert sorted(copier.out(len(VALUES))) == sorted(WORDS)
    assert len(copier.noted("seen")) > len(VALUES)  # it did refuse
    assert process.poll() is None
    # No directories of Faust's tables where the process was started.
    assert sorted(path.name for path in copier.folder.iterdir()) == ["done", "log", "seen"]


def test_what_was_in_hand_at_a_crash_comes_again(copier: Copier, eventually: Eventually) -> None:
    copier.send(VALUES)
    # It ends by a bug in its second batch; of that, nothing was acknowledged.
    assert copier.start("fails").wait(60) == CRASHED
    assert set(copier.noted("seen")) - set(copier.noted("done"))
    copier.start("copies")
    eventually(lambda: set(copier.noted("done")) == set(WORDS), seconds=60, what="all copied")
    # At least once, each of them; what was done before a crash may be done again.
    assert set(copier.out(len(VALUES))) == set(WORDS)
