"""The one way a stage reads and writes Kafka, by the contract of a handler.

A handler gets a batch of messages and returns when its work is durable: written to the database or
accepted by the broker. Only then are the messages acknowledged. It may raise `Later` (or a store's
or broker's "unavailable"): the same batch comes again after a pause, for ever: a sink that is down
stops the line and loses nothing. Anything else it raises is a bug: the process ends at once without
acknowledging, its supervisor starts it again and it meets the same messages, handled with care
(`streams.careful`). One that does not return counts as hung after a while (`streams.watchdog`).
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import faust
import structlog
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)
from faust.exceptions import ProducerSendError

from infra.kafka import KafkaUnavailable, addresses_for_faust
from infra.kafka_kinds import kind_of
from infra.settings import Settings
from infra.store import StoreUnavailable
from streams.credentials import credentials
from streams.exits import CRASHED
from streams.on_the_way import group_of
from streams.pulse import Pulse
from streams.transport import use
from streams.wire import Message

Handler = Callable[[Sequence[Message]], Awaitable[None]]
log = structlog.get_logger()

LATER = (StoreUnavailable, KafkaUnavailable, KafkaError)
"""What passes by waiting, but for what `may_pass` takes out."""
SPENT = (
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)
"""What the broker says to a producer whose numbers it does not follow any more. Waiting is no help:
the next message has the next number. A producer that begins anew is."""
SENDER_ENDED = "Unexpected error during batch delivery"
"""What aiokafka (0.14) says of everything that is sent after its task for it has failed."""


class ProducerSpent(OSError):
    """This process can send nothing any more, the next one can: no post is to blame."""


class _App(faust.App):
    """A Faust app that keeps nothing on disk."""

    def _create_directories(self) -> None:
        """None: they are for tables. Faust would make them where the process was started."""


def make_app(stage: str, settings: Settings) -> Any:
    """A Faust app for one stage. Nothing is kept in Faust: no tables, no web server."""
    kind = kind_of(embedded=not settings.real_kafka)
    app = _App(
        group_of(stage, settings),
        broker=list(addresses_for_faust(settings.kafka)),
        broker_credentials=credentials(settings.kafka_security),
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        topic_replication_factor=settings.replication,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        broker_commit_interval=0.5,
        broker_session_timeout=kind.times.session,
        broker_heartbeat_interval=kind.times.heartbeat,
        broker_rebalance_timeout=kind.times.rebalance,
        producer_acks=-1,
        producer_max_request_size=8 * 1024 * 1024,
        consumer_max_fetch_size=8 * 1024 * 1024,
    )
    use(app, kind)
    return app


def consume(
    app: Any,
    topics: Sequence[str],
    handle: Handler,
    *,
    messages: int,
    within: float,
    pulse: Pulse | None = None,
    rest: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Add an agent to `app`: `handle` gets up to `messages` messages, gathered for `within` s.

    `pulse` is told what is in hand and what is done, for whoever watches. `rest` is awaited after
    a batch was acknowledged: what comes meanwhile is in the next one.
    """
    pulse = pulse or Pulse(app.conf.id, topics)
    source = app.topic(
        *topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def body(stream: Any) -> None:
        async for events in stream.noack_take(messages, within=within):
            await pulse.turn()
            batch = [_message(event) for event in events]
            pulse.begin(batch)
            await until_done(app.conf.id, handle, batch, alive=pulse.alive)
            for event in events:
                await stream.ack(event)
            pulse.acknowledged(batch)
            if rest is not None:
                await rest()

    app.agent(source, name=f"{app.conf.id}-agent")(body)


def _still() -> None:
    """Nobody watches."""


async def until_done(
    name: str, handle: Handler, batch: Sequence[Message], *, alive: Callable[[], None] = _still
) -> None:
    """Hand over the batch until it is done; returns only then. A bug ends the process."""
    try:
        await patiently(name, handle, batch, alive=alive)
    except Exception as error:  # noqa: BLE001 - not swallowed: the process ends
        crash(name, error)


async def patiently(
    name: str, handle: Handler, batch: Sequence[Message], *, alive: Callable[[], None] = _still
) -> None:
    """Hand over the batch until it is done. Raises only what does not pass by waiting.

    `alive` is called at each try: who waits for a sink is not hung.
    """
    pause = 0.1
    while True:
        alive()
        try:
            return await handle(batch)
        except Exception as error:
            if not may_pass(error):
                raise
            log.warning("waiting", stage=name, error=str(error), seconds=round(pause, 1))
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))
        pause = min(pause * 2, 5.0)


def may_pass(error: BaseException) -> bool:
    """Whether the same batch may succeed later: what it needs is away, and nothing is wrong.

    Faust wraps what the broker's client raises, so there the cause decides. A message over the
    limit stays over it.
    """
    if isinstance(error, ProducerSendError):
        cause = error.__cause__ or error.__context__
        return cause is not None and may_pass(cause)
    return isinstance(error, LATER) and not isinstance(error, MessageSizeTooLargeError)


def crash(name: str, error: BaseException) -> NoReturn:
    """End the process as if killed: leaving a group politely can leave it stuck, a kill can't."""
    said = " ".join(str(error).split())[:300]
    log.critical("crashed", stage=name, error=f"{type(error).__name__}: {said}", exc_info=error)
    os._exit(CRASHED)


async def emit(app: Any, topic: str, messages: Sequence[tuple[int, bytes]]) -> None:
    """Send (partition, value) pairs in order; returns when the broker has them all.

    Raises ProducerSpent.
    """
    producer = await app.maybe_start_producer()
    try:
        sent = [
            await producer.send(topic, None, value, partition, None, None)
            for partition, value in messages
        ]
        for future in sent:
            await future
    except (KafkaError, ProducerSendError) as error:
        if _is_spent(error):
            raise ProducerSpent(f"{topic}: {error}") from error
        raise


def _is_spent(error: BaseException) -> bool:
    if isinstance(error, ProducerSendError):
        cause = error.__cause__ or error.__context__
        return cause is not None and _is_spent(cause)
    return isinstance(error, SPENT) or SENDER_ENDED in str(error)


def _message(event: Any) -> Message:
    message = event.message
    return Message(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        arrived_at=datetime.fromtimestamp(message.timestamp, UTC),
        value=message.value,
    )
