"""What Faust's clients are told of the broker at hand."""

import asyncio

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)
from faust.exceptions import ProducerSendError

from infra.settings import FileSettings
from streams.line import ProducerSpent, emit, make_app, may_pass


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
