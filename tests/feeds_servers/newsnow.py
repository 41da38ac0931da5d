"""A newsnow server on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from infra.feeds.newsnow import read
from infra.feeds.settings import NewsnowFeed
from tests.feeds_servers.http import Faults, as_json, serving


class Newsnow:
    """One hot list."""

    can = frozenset({"malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.items: list[Any] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.settings = NewsnowFeed.model_validate(
                {"name": "hot", "type": "newsnow", "url": url, "platforms": ["weibo"]}
            )
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.path == "/api/s"
        assert request.query["id"] == "weibo"
        return as_json({"status": "success", "id": "weibo", "items": self.items})

    def heard(self) -> bool:
        """As of Platform."""
        return False

    async def post(self, number: int) -> None:
        """As of Platform."""
        url = f"https://s.weibo.com/weibo?q={number}"
        self.items.insert(0, {"id": str(number), "title": f"post {number}", "url": url})

    async def edit(self, number: int) -> None:
        """As of Platform: nothing is edited."""

    async def delete(self, number: int) -> None:
        """As of Platform: what leaves a list is not deleted."""

    async def garble(self) -> None:
        """As of Platform."""
        self.items.insert(0, {"id": "no title"})

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform: a list has no memory."""

    async def hang_up(self) -> None:
        """As of Platform."""
        self.faults.order(503)
