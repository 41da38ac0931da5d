"""Receivers in a process of their own: they note when each message came, or hang."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection

ANSWER = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Hooks:
    """Receivers at paths of one server; those whose path begins with /hangs never answer."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port: int = pipe.recv()

    def url(self, path: str) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def received(self) -> list[tuple[str, str, float]]:
        """Path, webhook-id and wall clock of every message so far."""
        self._pipe.send("received")
        found: list[tuple[str, str, float]] = self._pipe.recv()
        return found


@contextmanager
def hooks() -> Iterator[Hooks]:
    """Receivers for the time of the block."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Hooks(ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_listen(pipe))


async def _listen(pipe: Connection) -> None:
    came: list[tuple[str, str, float]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            path = head[0].split()[1].lstrip("/")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            await reader.readexactly(int(headers["content-length"]))
            came.append((path, headers["webhook-id"], time.time()))
            if path.startswith("hangs"):
                await reader.read()  # until nobody waits for an answer any more
            else:
                writer.write(ANSWER)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=1024)
    pipe.send(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    loop.add_reader(pipe.fileno(), asked.set)
    while True:
        await asked.wait()
        asked.clear()
        if pipe.poll():
            pipe.recv()
            pipe.send(came)
