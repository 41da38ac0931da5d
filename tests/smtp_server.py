"""A mail server on loopback that answers what a test tells it to, and keeps what it was given."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

HANGS = "hangs"
"""A reply: none."""


class SmtpServer:
    """RFC 5321, as much as a client needs. `replies` by what a line of the client begins with."""

    def __init__(
        self, replies: Mapping[str, str], tls: ssl.SSLContext | None, *, offers: bool
    ) -> None:
        self._replies = replies
        self._tls = tls
        self._offers = offers
        self.port = 0
        self.lines: list[str] = []  # commands, in order
        self.mails: list[bytes] = []
        self.secure: list[bool] = []  # of each mail, whether it came over TLS

    def _reply(self, line: str) -> str:
        for begin, reply in self._replies.items():
            if line.startswith(begin):
                return reply
        verb = line.split(" ")[0].upper()
        extensions = "250-localhost\r\n250-AUTH PLAIN\r\n"
        starttls = "250-STARTTLS\r\n" if self._offers else ""
        return {
            "": "220 localhost",
            "EHLO": f"{extensions}{starttls}250 8BITMIME",
            "AUTH": "235 welcome",
            "STARTTLS": "220 go ahead",
            "DATA": "354 go on",
            ".": "250 taken",
            "QUIT": "221 bye",
        }.get(verb, "250 ok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        line = ""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                reply = self._reply(line)
                if reply == HANGS:
                    await asyncio.Event().wait()
                writer.write(reply.encode() + b"\r\n")
                await writer.drain()
                if line.upper() == "QUIT":
                    break
                if line.upper() == "STARTTLS" and reply.startswith("220"):
                    assert self._tls is not None
                    await writer.start_tls(self._tls)
                if line.upper() == "DATA" and reply.startswith("354"):
                    self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    self.secure.append(writer.get_extra_info("sslcontext") is not None)
                    line = "."
                    continue
                line = (await reader.readuntil(b"\r\n")).decode().rstrip()
                self.lines.append(line)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@asynccontextmanager
async def smtp_server(
    replies: Mapping[str, str] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    at_once: bool = False,
) -> AsyncIterator[SmtpServer]:
    """For the time of the block. With `tls` it offers STARTTLS, or speaks TLS `at_once`."""
    server = SmtpServer(replies or {}, tls, offers=tls is not None and not at_once)
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await server.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()  # the test is over; streams would log the cancellation
        finally:
            tasks.discard(task)

    listening = await asyncio.start_server(
        accept, "127.0.0.1", 0, ssl=tls if at_once else None, limit=1_000_000
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        if tasks:  # TLS takes a moment to say goodbye
            await asyncio.wait(tasks, timeout=0.2)
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
