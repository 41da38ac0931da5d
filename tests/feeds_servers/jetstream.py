"""Bluesky's Jetstream on loopback: frames as its documentation shows them, v1 and v2."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from infra.feeds.jetstream import POSTS, from_us, read, to_us
from infra.feeds.settings import JetstreamFeed

DID = "did:plc:eygmaihciaxprqvxpfvl6flk"


class Jetstream:
    """Keeps events and replays from a cursor, inclusive; one below `floor` is clamped."""

    can = frozenset({"edit", "delete", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self, protocol: str = "v1") -> None:
        self.protocol = protocol
        self.settings: Any = None
        self.events: list[tuple[int, dict[str, Any] | str]] = []
        self.connections: dict[ServerConnection, asyncio.Event] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.limited: list[int] = []
        self._clock = datetime.now(UTC) - timedelta(seconds=30)
        self.floor = 0
        self.name = (
            "/subscribe" if protocol == "v1" else ("/xrpc/network.bsky.jetstream.subscribeEvents")
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serve(
            self._serve, "127.0.0.1", 0, process_request=self._admit, close_timeout=0.1
        ) as server:
            port = server.sockets[0].getsockname()[1]
            self.settings = JetstreamFeed.model_validate(
                {
                    "name": "bluesky",
                    "type": "jetstream",
                    "hosts": [f"ws://127.0.0.1:{port}"],
                    "protocol": self.protocol,
                }
            )
            yield

    def _admit(self, _connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        asked = parse_qs(parts.query)
        self.asked.append(asked)
        assert parts.path == self.name
        if self.limited:
            headers = Headers([("Retry-After", str(self.limited.pop()))])
            return Response(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", headers, b"")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        asked = parse_qs(urlsplit(connection.request.path).query)
        since = int(asked["cursor"][0]) if "cursor" in asked else None
        place = len(self.events)
        if since is not None:
            since = max(since, self.floor)
            places = (n for n, (at, _) in enumerate(self.events) if at >= since)
            place = next(places, len(self.events))
        self.connections[connection] = grown = asyncio.Event()
        sending = asyncio.create_task(self._send(connection, place, grown))
        try:
            await connection.wait_closed()
        finally:
            del self.connections[connection]
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, connection: ServerConnection, place: int, grown: asyncio.Event) -> None:
        while True:
            grown.clear()
            for _, event in self.events[place:]:
                await connection.send(event if isinstance(event, str) else json.dumps(event))
                place += 1
            await grown.wait()

    def tick(self, seconds: float = 1.0) -> int:
        """Time passes; microseconds since 1970."""
        self._clock += timedelta(seconds=seconds)
        return to_us(self._clock)

    async def add(self, at: int, event: dict[str, Any] | str) -> None:
        """An event happens."""
        self.events.append((at, event))
        for grown in self.connections.values():
            grown.set()

    def commit(self, at: int, operation: str, number: int, text: str | None) -> dict[str, Any]:
        """A change of a post."""
        body: dict[str, Any] = {
            "rev": "3l3qo2vutsw2b",
            "operation": operation,
            "collection": POSTS,
            "rkey": f"3l3qo2vuowo{number}",
        }
        if text is not None:
            body["cid"] = "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi"
            body["record"] = {
                "$type": POSTS,
                "createdAt": from_us(at).isoformat().replace("+00:00", "Z"),
                "langs": ["en"],
                "text": text,
            }
        return self.framed(at, "commit", body)

    def framed(self, at: int, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """In the frame of the version."""
        if self.protocol == "v1":
            return {"did": DID, "time_us": at, "cursor": len(self.events), "kind": kind, kind: body}
        time = from_us(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
        inner = body if kind == "commit" else {kind: body}
        return {
            "$type": "message",
            "payload": {
                "$type": f"network.bsky.jetstream.subscribeEvents#{kind}",
                "seq": len(self.events) + 1,
                "did": DID,
                "time": time,
                "witnessedAt": time,
                **inner,
            },
        }

    def heard(self) -> bool:
        """As of Platform."""
        return bool(self.connections)

    async def post(self, number: int) -> None:
        """As of Platform."""
        at = self.tick()
        await self.add(at, self.commit(at, "create", number, f"post {number}"))

    async def edit(self, number: int) -> None:
        """As of Platform."""
        at = self.tick()
        await self.add(at, self.commit(at, "update", number, f"edited {number}"))

    async def delete(self, number: int) -> None:
        """As of Platform."""
        at = self.tick()
        await self.add(at, self.commit(at, "delete", number, None))

    async def account(self, **said: Any) -> None:
        """An account changes."""
        at = self.tick()
        body = {"did": DID, "seq": 1409753013, "time": from_us(at).isoformat(), **said}
        await self.add(at, self.framed(at, "account", body))

    async def garble(self) -> None:
        """As of Platform."""
        await self.add(self.tick(), '{"did": "did:plc:eyg')

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.limited.append(wait)

    async def forget(self) -> None:
        """As of Platform."""
        self.tick(120)
        self.floor = to_us(self._clock)
        self.events.clear()

    async def hang_up(self) -> None:
        """As of Platform."""
        for connection in list(self.connections):
            await connection.close(1001)


def v2() -> Jetstream:
    """The newer version."""
    return Jetstream("v2")
