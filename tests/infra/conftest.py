"""Incident events, and a receiver that does what a test tells it to, byte by byte."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from forecasting.records import IncidentEvent
from infra.channels.sample import sample_event
from infra.receivers import WebhookReceiver
from tests.incidents import surge_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OPENED = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)


def incident_event(
    incident_id: str = "northwind.1", number: int = 1, change: str = "", **changed: Any
) -> IncidentEvent:
    """Change `number` of an incident; 1 opens it. Fields of the event can be set."""
    sample = sample_event(OPENED)
    fields: dict[str, Any] = {
        "change": surge_of(
            OPENED,
            incident_id=incident_id,
            change=change or ("opened" if number == 1 else "updated"),
            number=number,
            at=OPENED + timedelta(minutes=5 * number),
            reason="new" if number == 1 else "grew",
            severity=min(10, 5 + number),
        ),
        "evidence": replace(
            sample.evidence, examples=sample.evidence.examples[:1], stamps=None, share=None
        ),
        "headline": "Northwind · negative surge · severity 7 of 10",
        "message": "214 negative posts in the last hour, 31 expected (18-52).",
    }
    return IncidentEvent(**{**fields, **changed})


def receiver_at(url: str, name: str = "team") -> WebhookReceiver:
    """A receiver with SECRET."""
    return WebhookReceiver(name=name, url=url, secret=SecretStr(SECRET))


Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answers(status: int, headers: str = "", body: bytes = b"") -> Behaviour:
    """An ordinary answer."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} Status\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
        writer.write(head.encode() + body)

    return answer


async def hangs(writer: asyncio.StreamWriter) -> None:
    """Reads the request and never says a word."""
    await asyncio.Event().wait()


def never_ends(status: int) -> Behaviour:
    """An answer of 1 GB, and more: its body goes on until nobody listens."""

    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Status\r\ncontent-length: 1000000000\r\n\r\n".encode())
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    return pour


def drips(status: int) -> Behaviour:
    """An answer whose body stops after the first byte."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Status\r\ncontent-length: 100\r\n\r\nx".encode())
        await writer.drain()
        await asyncio.Event().wait()

    return drip


async def talks_nonsense(writer: asyncio.StreamWriter) -> None:
    """Something that is not HTTP."""
    writer.write(b"220 mail.example.com ESMTP\r\n")


async def resets(writer: asyncio.StreamWriter) -> None:
    """Ends the connection at once, as a process that dies does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Misbehaving:
    """Plays one behaviour a request, the last one again and again, and keeps what it was sent."""

    def __init__(self, behaviours: tuple[Behaviour, ...]) -> None:
        self._behaviours = list(behaviours)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
            headers = dict(line.lower().split(": ", 1) for line in head if line)
            # Values keep their case: signatures have one.
            exact = dict(line.split(": ", 1) for line in head if line)
            headers = {name: exact.get(name, value) for name, value in headers.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            self.requests.append((headers, body))
            more = len(self._behaviours) > 1
            await (self._behaviours.pop(0) if more else self._behaviours[0])(writer)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def misbehaving(*behaviours: Behaviour) -> AsyncIterator[Misbehaving]:
    """A receiver on loopback for the time of the block."""
    receiver = Misbehaving(behaviours)
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()  # the test is over; streams would log the cancellation
        finally:
            connections.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


@pytest.fixture(scope="session")
def make_event() -> Callable[..., IncidentEvent]:
    """`incident_event`."""
    return incident_event


@pytest.fixture(scope="session")
def make_receiver() -> Callable[..., WebhookReceiver]:
    """`receiver_at`."""
    return receiver_at


@pytest.fixture(scope="session")
def play() -> SimpleNamespace:
    """`misbehaving` as `receiver`, and the behaviours it can be given."""
    return SimpleNamespace(
        receiver=misbehaving,
        answers=answers,
        hangs=hangs,
        never_ends=never_ends,
        drips=drips,
        talks_nonsense=talks_nonsense,
        resets=resets,
    )
