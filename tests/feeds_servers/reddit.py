"""Reddit's API on loopback: a token for a program, and listings of one subreddit."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from infra.feeds.reddit import MOST, read
from infra.feeds.settings import RedditFeed
from tests.feeds_servers.http import Faults, as_json, serving

LOGIN = f"Basic {b64encode(b'an-id:a-secret').decode()}"
TOKEN = "eyJ-a-token"


class Reddit:
    """Comments of one subreddit; it has no posts."""

    can = frozenset({"edit", "delete", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.things: dict[int, dict[str, Any]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.settings = RedditFeed.model_validate(
                {
                    "name": "reddit",
                    "type": "reddit",
                    "subreddits": ["gadgets"],
                    "client_id": "an-id",
                    "client_secret": "a-secret",
                    "user_agent": "linux:groundswell:v1 (by /u/example)",
                    "url": url,
                    "login_url": url,
                }
            )
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/api/v1/access_token":
            asked = await request.post()
            if request.headers.get("Authorization") != LOGIN:
                return web.Response(status=401)
            assert asked["grant_type"] == "client_credentials"
            return as_json(
                {"access_token": TOKEN, "token_type": "bearer", "expires_in": 86400, "scope": "*"}
            )
        if request.headers.get("Authorization") != f"bearer {TOKEN}":
            return web.Response(status=401)
        assert int(request.query["limit"]) == MOST
        newest = list(reversed(self.things.values()))[:MOST]
        shown = newest if request.path == "/r/gadgets/comments/" else []
        children = [{"kind": "t1", "data": one} for one in shown]
        return as_json({"kind": "Listing", "data": {"after": None, "children": children}})

    def thing(self, number: int, body: str, **changed: Any) -> None:
        """A comment says this from now on."""
        self.things[number] = {
            "id": f"k{number}",
            "name": f"t1_k{number}",
            "author": "spez",
            "author_fullname": "t2_1w72",
            "created_utc": datetime.now(UTC).timestamp(),
            "edited": False,
            "body": body,
            "permalink": f"/r/gadgets/comments/abc/def/k{number}/",
            **changed,
        }

    def heard(self) -> bool:
        """As of Platform."""
        return False

    async def post(self, number: int) -> None:
        """As of Platform."""
        self.thing(number, f"post {number}")

    async def edit(self, number: int) -> None:
        """As of Platform."""
        self.thing(number, f"edited {number}", edited=datetime.now(UTC).timestamp())

    async def delete(self, number: int) -> None:
        """As of Platform."""
        self.thing(number, "[deleted]", author="[deleted]", author_fullname=None)

    async def garble(self) -> None:
        """As of Platform."""
        self.things[90] = {"id": "k90", "name": "t1_k90", "body": "no time"}

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform: a hundred others came."""
        self.things.clear()
        for number in range(200, 200 + MOST):
            self.thing(number, f"post {number}")

    async def hang_up(self) -> None:
        """As of Platform: asyncpraw asks three times."""
        for _ in range(3):
            self.faults.order(503)
