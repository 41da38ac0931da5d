"""Hacker News' API on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from infra.feeds.hackernews import read
from infra.feeds.settings import HackerNewsFeed
from tests.feeds_servers.http import Faults, as_json, serving

FIRST = 8_863


class HackerNews:
    """Items by number, the newest number, and which changed."""

    can = frozenset({"edit", "delete", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.items: dict[int, Any] = {FIRST: None}
        self.numbers: dict[int, int] = {}
        self.updates: list[int] = []
        self.lost = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.settings = HackerNewsFeed.model_validate(
                {"name": "hn", "type": "hackernews", "url": url, "most_behind": 1_000}
            )
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.path.removeprefix("/v0/").removesuffix(".json")
        if name == "maxitem":
            return as_json(max(self.items))
        if name == "updates":
            changed, self.updates = self.updates, []
            return as_json({"items": changed, "profiles": ["thefox"]})
        return as_json(self.items.get(int(name.removeprefix("item/"))))

    def heard(self) -> bool:
        """As of Platform."""
        return False

    async def post(self, number: int) -> None:
        """As of Platform."""
        name = max(self.items) + 1
        self.numbers[number] = name
        self.items[name] = {
            "by": "norvig",
            "id": name,
            "parent": 2921506,
            "text": f"post {number}",
            "time": int(datetime.now(UTC).timestamp()),
            "type": "comment",
        }

    async def edit(self, number: int) -> None:
        """As of Platform."""
        name = self.numbers[number]
        self.items[name] = {**self.items[name], "text": f"edited {number}"}
        self.updates.append(name)

    async def delete(self, number: int) -> None:
        """As of Platform."""
        name = self.numbers[number]
        self.items[name] = {"deleted": True, "id": name, "time": 1314211127, "type": "comment"}
        self.updates.append(name)

    async def garble(self) -> None:
        """As of Platform."""
        name = max(self.items) + 1
        self.items[name] = {"id": name, "type": "comment", "text": "no time"}

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform: so much happens that it is not worth while to read it all."""
        name = max(self.items) + 5_000
        self.items[name] = self.items.get(FIRST + 1) and {
            **self.items[FIRST + 1],
            "id": name,
            "text": "post 99",
        }

    async def hang_up(self) -> None:
        """As of Platform."""
        self.faults.order(503)
