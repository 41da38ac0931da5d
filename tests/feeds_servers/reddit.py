"""Listings of Reddit as asyncpraw's objects hold them. There is no server: asyncpraw knows one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from infra.feeds.feed import FeedUnavailable, Reading, Start
from infra.feeds.reddit import MOST, Thing, read
from infra.feeds.settings import RedditFeed


class Reddit:
    """Comments of one subreddit; it has no posts."""

    can = frozenset({"edit", "delete", "gap", "malformed", "limit"})

    def __init__(self) -> None:
        self.settings: Any = None
        self.things: dict[int, Thing] = {}
        self.failures: list[FeedUnavailable] = []

    def feed(self, settings: RedditFeed, start: Start) -> Reading:
        """As of Platform."""
        return read(settings, start, self._connected)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        self.settings = RedditFeed.model_validate(
            {
                "name": "reddit",
                "type": "reddit",
                "subreddits": ["gadgets"],
                "client_id": "an-id",
                "client_secret": "a-secret",
                "user_agent": "linux:groundswell:v1 (by /u/example)",
            }
        )
        yield

    @asynccontextmanager
    async def _connected(self, _settings: RedditFeed) -> AsyncIterator["Reddit"]:
        yield self

    async def newest(self, subreddit: str, kind: str) -> Sequence[Thing]:
        """As of Listings."""
        assert subreddit == "gadgets"
        if self.failures:
            raise self.failures.pop()
        return list(reversed(self.things.values()))[:MOST] if kind == "comments" else []

    def thing(self, number: int, body: str, **changed: Any) -> None:
        """A comment says this from now on."""
        self.things[number] = {
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
        self.thing(number, "[deleted]", author=None)

    async def garble(self) -> None:
        """As of Platform."""
        self.things[90] = {"name": "t1_k90", "body": "no time"}

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.failures.append(FeedUnavailable("received 429 HTTP response", wait=wait))

    async def forget(self) -> None:
        """As of Platform: a hundred others came."""
        self.things.clear()
        for number in range(200, 200 + MOST):
            self.thing(number, f"post {number}")

    async def hang_up(self) -> None:
        """As of Platform."""
        self.failures.append(FeedUnavailable("connection reset"))
