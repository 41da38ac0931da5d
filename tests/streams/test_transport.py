"""What Faust's clients are told of the broker at hand."""

import asyncio
from pathlib import Path

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)
from faust.exceptions import ProducerSendError

from infra.backlog import backlog
from infra.kafka import make_topics
from infra.settings import FileSettings
from streams.line import ProducerSpent, emit, make_app, may_pass
from tests.kafka_gate import gate


@pytest.mark.parametrize(("real", "wait"), [(True, 1_500), (False, 150)])
def test_what_differs_between_the_brokers(real: bool, wait: int) -> None:
    async def look() -> None:
        app = make_app("refine", FileSettings(kafka="127.0.0.1:1", real_kafka=real))
        client = app.producer._new_producer()
        try:
            assert client._sender._acks == -1
            assert (client._txn_manager is not None) is real
            assert client._txn_manager is None or client._txn_manager.transactional_id is None
        finally:
            await client.stop()
        assert app.transport.kind.fetch_wait_ms == wait

    asyncio.run(look())


@pytest.mark.parametrize(("real", "times"), [(True, 1), (False, 2)])
def test_what_comes_again_for_want_of_an_answer_is_there_once(
    real: bool, times: int, tmp_path: Path
) -> None:
    async def send(address: str) -> None:
        app = make_app("refine", FileSettings(kafka=address, real_kafka=real))
        producer = app.producer._new_producer()
        await producer.start()
        try:
            for number in range(5):
                await producer.send_and_wait("t", b"%d" % number, partition=0)
        finally:
            await producer.stop()

    with gate(tmp_path, twice=True) as door:
        make_topics(door.address, {"t": 1}, replication=1)
        asyncio.run(send(door.address))
        found = list(backlog(door.address, group="g", topic="t", partitions=1))
    # Without numbers each is there again: then the stages and the database find that out.
    assert found == [b"%d" % number for number in range(5) for _ in range(times)]


class Answers:
    """An app whose producer fails each message in one way, at once or by its future."""

    def __init__(self, error: Exception, *, at_once: bool) -> None:
        self._error = error
        self._at_once = at_once

    async def maybe_start_producer(self) -> "Answers":
        return self

    async def send(self, *_message: object) -> "asyncio.Future[None]":
        if self._at_once:
            raise ProducerSendError("Error while sending") from self._error
        failed = asyncio.get_running_loop().create_future()
        failed.set_exception(self._error)
        return failed


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        OutOfOrderSequenceNumber(),
        ProducerFenced(),
        KafkaError("Unexpected error during batch delivery"),
    ],
)
def test_a_producer_whose_numbers_nobody_follows_ends_the_process(
    error: Exception, at_once: bool
) -> None:
    # As an OSError: the process is what is ill, so no post in hand is set aside for it.
    with pytest.raises(ProducerSpent) as raised:
        asyncio.run(emit(Answers(error, at_once=at_once), "t", [(0, b"x")]))
    assert isinstance(raised.value, OSError)
    assert not may_pass(raised.value)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_broker_that_is_away_is_waited_for(at_once: bool) -> None:
    answers = Answers(KafkaConnectionError("nobody there"), at_once=at_once)
    with pytest.raises((KafkaError, ProducerSendError)) as raised:
        asyncio.run(emit(answers, "t", [(0, b"x")]))
    assert may_pass(raised.value)
