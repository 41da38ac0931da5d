"""A door in front of the embedded broker: TLS and a login by SASL, as Apache Kafka has them.

What is in the way of the broker is judged here, byte by byte, by the rules of the protocol (PLAIN:
RFC 4616, SCRAM: RFC 5802); everything else the broker behind it answers, which advertises the door
as its own address. So both real clients meet a real handshake, and a whole line works behind it.

It also loses answers: with `twice`, what is produced reaches the broker and comes again, as from a
client that never heard of it. And aiokafka gets a producer's number here: it asks for one in a way
that is too old for this broker, which is asked in the newer one.
"""

import asyncio
import base64
import gc
import hashlib
import hmac
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kafka.protocol.producer import InitProducerIdRequest, InitProducerIdResponse
from kafka.protocol.sasl import (
    SaslAuthenticateRequest,
    SaslAuthenticateResponse,
    SaslHandshakeRequest,
    SaslHandshakeResponse,
)

from infra.broker import HOST, broker_binary, free_port
from infra.process import end, spawn
from tests.waiting import listens, wait_until

PRODUCE, HANDSHAKE, VERSIONS, NUMBER, AUTHENTICATE = 0, 17, 18, 22, 36
NEWER = 4
UNSUPPORTED, FAILED = 33, 58
ITERATIONS = 4096


class Login:
    """One login, from the server's side."""

    def __init__(self, mechanism: str, users: dict[str, str]) -> None:
        self._mechanism = mechanism
        self._users = users
        self._first = ""
        self._nonce = ""
        self.done = False

    def answer(self, said: bytes) -> bytes | None:
        """What to say to it; None: it is refused."""
        if self._mechanism == "PLAIN":
            _, user, password = said.decode().split("\0")
            self.done = self._users.get(user) == password
            return b"" if self.done else None
        return self._final(said.decode()) if self._first else self._begin(said.decode())

    def _begin(self, said: str) -> bytes:
        assert said.startswith("n,,")
        _, nonce = self._fields(said[3:])
        self._nonce = f"{nonce}-ours"
        self._first = f"{said[3:]},r={self._nonce},s={base64.b64encode(b'salt').decode()}"
        self._first += f",i={ITERATIONS}"
        return self._first.removeprefix(f"{said[3:]},").encode()

    def _final(self, said: str) -> bytes | None:
        algorithm = "sha256" if self._mechanism.endswith("256") else "sha512"
        user, _ = self._fields(self._first)
        without, _, proof = said.rpartition(",p=")
        if user not in self._users or f"r={self._nonce}" not in without:
            return None
        salted = hashlib.pbkdf2_hmac(algorithm, self._users[user].encode(), b"salt", ITERATIONS)
        key = hmac.digest(salted, b"Client Key", algorithm)
        message = f"{self._first},{without}".encode()
        signature = hmac.digest(hashlib.new(algorithm, key).digest(), message, algorithm)
        proved = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        if not hmac.compare_digest(proved, base64.b64decode(proof)):
            return None
        self.done = True
        ours = hmac.digest(hmac.digest(salted, b"Server Key", algorithm), message, algorithm)
        return b"v=" + base64.b64encode(ours)

    @staticmethod
    def _fields(text: str) -> tuple[str, str]:
        fields = [part.partition("=") for part in text.split(",")]
        return (
            next(value for name, _, value in fields if name == "n"),
            next(value for name, _, value in fields if name == "r"),
        )


class Gate:
    """Listens at `address`; `asked` are the numbers of the requests that were let through."""

    def __init__(
        self,
        port: int,
        broker: int,
        *,
        tls: ssl.SSLContext | None,
        users: dict[str, str],
        twice: bool = False,
    ) -> None:
        self.address = f"{HOST}:{port}"
        self.asked: set[int] = set()
        self.logins: list[str] = []
        self._port, self._broker, self._tls, self._users = port, broker, tls, users
        self._twice = twice

    async def serve(self) -> asyncio.Server:
        """Listen."""
        return await asyncio.start_server(self._accept, HOST, self._port, ssl=self._tls)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones, back = [writer], None
        try:
            behind_reader, behind = await asyncio.open_connection(HOST, self._broker)
            open_ones.append(behind)
            back = asyncio.create_task(self._back(behind_reader, writer))
            await self._forth(reader, writer, behind)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test has ended
        finally:
            if back is not None:
                back.cancel()
            for one in open_ones:
                one.transport.abort()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        behind: asyncio.StreamWriter,
    ) -> None:
        login: Login | None = None
        while True:
            size = await reader.readexactly(4)
            frame = await reader.readexactly(int.from_bytes(size, "big"))
            asked = int.from_bytes(frame[:2], "big")
            if asked == HANDSHAKE:
                login = await self._handshake(frame, writer)
            elif asked == AUTHENTICATE and login is not None:
                await self._authenticate(frame, writer, login)
            elif asked == VERSIONS or not self._users or (login is not None and login.done):
                self.asked.add(asked)
                if asked == NUMBER and _version(frame) < NEWER:
                    await self._number(frame, writer)
                    continue
                if asked == PRODUCE and self._twice:
                    await self._ask(size + frame)
                behind.write(size + frame)
                await behind.drain()
            else:
                return  # as a broker does: no answer, and the connection ends

    async def _number(self, frame: bytes, writer: asyncio.StreamWriter) -> None:
        asked = InitProducerIdRequest.decode(frame, version=_version(frame), header=True)
        newer = InitProducerIdRequest(
            transactional_id=asked.transactional_id,
            transaction_timeout_ms=asked.transaction_timeout_ms,
            producer_id=-1,
            producer_epoch=-1,
        )
        newer.with_header(client_id="gate")
        said = await self._ask(newer.encode(version=NEWER, header=True, framed=True))
        found = InitProducerIdResponse.decode(said, version=NEWER, header=True)
        answer = InitProducerIdResponse(
            throttle_time_ms=0,
            error_code=found.error_code,
            producer_id=found.producer_id,
            producer_epoch=found.producer_epoch,
        )
        body = answer.encode(version=_version(frame))
        await _say(writer, frame, body, flexible=_version(frame) >= 2)

    async def _ask(self, request: bytes) -> bytes:
        """The broker's answer, over a connection of its own."""
        reader, writer = await asyncio.open_connection(HOST, self._broker)
        try:
            writer.write(request)
            return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
        finally:
            writer.close()
            await writer.wait_closed()

    async def _handshake(self, frame: bytes, writer: asyncio.StreamWriter) -> Login | None:
        request = SaslHandshakeRequest.decode(frame, version=_version(frame), header=True)
        known = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] if self._users else []
        error = 0 if request.mechanism in known else UNSUPPORTED
        answer = SaslHandshakeResponse(error_code=error, mechanisms=known)
        await _say(writer, frame, answer.encode(version=_version(frame)), flexible=False)
        return None if error else Login(request.mechanism, self._users)

    async def _authenticate(self, frame: bytes, writer: asyncio.StreamWriter, login: Login) -> None:
        version = _version(frame)
        request = SaslAuthenticateRequest.decode(frame, version=version, header=True)
        said = login.answer(request.auth_bytes)
        if login.done:
            self.logins.append(login._mechanism)
        answer = SaslAuthenticateResponse(
            error_code=0 if said is not None else FAILED,
            error_message=None if said is not None else "wrong user or password",
            auth_bytes=said or b"",
            session_lifetime_ms=0,
        )
        await _say(writer, frame, answer.encode(version=version), flexible=version >= 2)

    @staticmethod
    async def _back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()


def _version(frame: bytes) -> int:
    return int.from_bytes(frame[2:4], "big")


async def _say(writer: asyncio.StreamWriter, frame: bytes, body: bytes, *, flexible: bool) -> None:
    answer = frame[4:8] + (b"\0" if flexible else b"") + body  # correlation id, no tagged fields
    writer.write(len(answer).to_bytes(4, "big") + answer)
    await writer.drain()


@contextmanager
def gate(
    folder: Path,
    *,
    tls: ssl.SSLContext | None = None,
    users: dict[str, str] | None = None,
    twice: bool = False,
) -> Iterator[Gate]:
    """A broker behind a door, for the time of the block."""
    port, behind = free_port(), free_port()
    inner, outer = f"tcp://{HOST}:{behind}", f"tcp://{HOST}:{port}"
    words = ["broker", "--listener-url", inner, "--advertised-listener-url", outer]
    process = spawn(
        [broker_binary(), *words, "--storage-engine", "memory://tansu/"],
        log=folder / "broker.log",
    )
    door = Gate(port, behind, tls=tls, users=users or {}, twice=twice)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # handshakes that clients break off
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    wait_until(lambda: listens(behind), what="the broker behind the gate")
    server = asyncio.run_coroutine_threadsafe(door.serve(), loop).result()
    try:
        yield door
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        end(process, patience=2.0)
        forget_sockets()


def forget_sockets() -> None:
    """Let go of what kafka-python 3 forgets where a handshake fails: else a later test is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def _end(server: asyncio.Server) -> None:
    server.close()
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed in the next turn
    await asyncio.sleep(0)
