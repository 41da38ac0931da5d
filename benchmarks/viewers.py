"""Viewers who listen for news as a browser does, many in one thread."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from threading import Thread
from urllib.parse import urlsplit

import httpx

from benchmarks.page_process import PageProcess

PACE = 1.0
"""Seconds between two readings of the overview, as in overview.js."""


class Viewers:
    """When each heard that there are posts of a brand."""

    def __init__(self, server: PageProcess, brand: str, *, readers: int) -> None:
        """`readers` of them read the overview after the news, as the page does."""
        self._address = urlsplit(server.address)
        answer = httpx.get(server.link)
        cookies = SimpleCookie(answer.headers["set-cookie"])
        self._cookie = "; ".join(f"{one.key}={one.value}" for one in cookies.values())
        self._sign = f'"brand":"{brand}","what":"posts"'.encode()
        self._readers = readers
        self.ready = 0
        self.heard: list[list[float]] = []
        self.read = 0

    async def view(self, number: int) -> None:
        """One of them, until cancelled."""
        times: list[float] = []
        self.heard.append(times)
        reader, writer = await self._asked("/api/v1/events")
        client = httpx.AsyncClient(
            base_url=self._address.geturl(), headers={"cookie": self._cookie}, timeout=60
        )
        reading: asyncio.Task[None] | None = None
        async with client:
            while line := await reader.readline():
                self.ready += line.startswith(b"event: hello")
                if self._sign in line:
                    times.append(time.time())
                is_free = reading is None or reading.done()
                if is_free and number < self._readers and line.startswith(b"data:"):
                    reading = asyncio.create_task(self._read(client))
        writer.close()

    async def _read(self, client: httpx.AsyncClient) -> None:
        begun = time.monotonic()
        answer = await client.get("/api/v1/overview")
        self.read += answer.status_code == 200
        await asyncio.sleep(max(0.0, PACE - (time.monotonic() - begun)))

    async def _asked(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._address.hostname, self._address.port
        reader, writer = await asyncio.open_connection(host, port)
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            f"Cookie: {self._cookie}",
            "Accept: text/event-stream",
        )
        writer.write("\r\n".join((*lines, "", "")).encode())
        await writer.drain()
        return reader, writer


@contextmanager
def viewing(viewers: Viewers, count: int) -> Iterator[None]:
    """So many listen while the block runs."""
    loop = asyncio.new_event_loop()

    async def all_of_them() -> None:
        await asyncio.gather(*(viewers.view(number) for number in range(count)))

    def work() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.close()

    task = loop.create_task(all_of_them())
    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
