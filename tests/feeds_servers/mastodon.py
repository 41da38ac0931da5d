"""A Mastodon server on loopback: statuses, pages and events as its documentation shows them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from infra.feeds.mastodon import PAGE, read
from infra.feeds.settings import MastodonFeed
from tests.feeds_servers.http import Faults, as_json, serving

TOKEN = "a-token-of-a-user"
FIRST = 108_914_354_907_984_000


class Mastodon:
    """Streams what happens while somebody listens, and pages what happened before."""

    can = frozenset({"edit", "delete", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.statuses: list[dict[str, Any]] = []
        self.listeners: list[asyncio.Queue[bytes | None]] = []
        self.timeline_status = 200
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.url = url
            self.settings = MastodonFeed.model_validate(
                {"name": "fedi", "type": "mastodon", "url": url, "token": TOKEN}
            )
            yield
            await self.hang_up()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/api/v2/instance":
            streaming = self.url.replace("http", "ws", 1)
            return as_json({"configuration": {"urls": {"streaming": streaming}}})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "The access token is invalid"}, status=401)
        if request.path == "/api/v1/timelines/public":
            if self.timeline_status != 200:
                return web.json_response({"error": "no"}, status=self.timeline_status)
            if "min_id" not in request.query:
                return as_json(self.statuses[: -int(request.query["limit"]) - 1 : -1])
            known = int(request.query["min_id"])
            after = [one for one in self.statuses if int(one["id"]) > known][:PAGE]
            return as_json(after[::-1])
        assert request.path == "/api/v1/streaming/public"
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.listeners.append(queue)
        try:
            await response.write(b":)\n")
            while (said := await queue.get()) is not None:
                await response.write(said)
        except ConnectionError:
            pass  # they have gone
        finally:
            self.listeners.remove(queue)
        return response

    def status(self, number: int, text: str, **changed: Any) -> dict[str, Any]:
        """As the documentation shows one, shortened."""
        return {
            "id": str(FIRST + number),
            "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "in_reply_to_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"https://mstdn.jp/users/aiueohisama/statuses/{number}",
            "url": f"https://mstdn.jp/@aiueohisama/{number}",
            "content": f"<p>{text}</p>",
            "reblog": None,
            "edited_at": None,
            "account": {
                "id": "108910640690108999",
                "acct": "aiueohisama@mstdn.jp",
                "bot": False,
                "followers_count": 12,
            },
            **changed,
        }

    def say(self, event: str, data: str) -> None:
        """To all who listen."""
        for queue in self.listeners:
            queue.put_nowait(f"event: {event}\ndata: {data}\n\n:thump\n".encode())

    def heard(self) -> bool:
        """As of Platform."""
        return bool(self.listeners)

    async def post(self, number: int) -> None:
        """As of Platform."""
        self.statuses.append(self.status(number, f"post {number}"))
        self.say("update", json.dumps(self.statuses[-1]))

    async def edit(self, number: int) -> None:
        """As of Platform."""
        edited = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.say(
            "status.update",
            json.dumps(self.status(number, f"edited {number}", edited_at=edited)),
        )

    async def delete(self, number: int) -> None:
        """As of Platform."""
        self.say("delete", str(FIRST + number))

    async def garble(self) -> None:
        """As of Platform."""
        self.say("update", '{"id": "1089')

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform."""
        self.timeline_status = 422

    async def hang_up(self) -> None:
        """As of Platform."""
        for queue in self.listeners:
            queue.put_nowait(None)
