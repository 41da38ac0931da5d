"""YouTube's commentThreads on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from infra.feeds.settings import YouTubeFeed
from infra.feeds.youtube import read
from tests.feeds_servers.http import Faults, as_json, serving

KEY = "AIza-a-key-of-google"
PAGE = 2  # smaller than the real one's 100


class YouTube:
    """Threads of one video, the newest first, in pages."""

    can = frozenset({"edit", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.threads: dict[int, Any] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.settings = YouTubeFeed.model_validate(
                {
                    "name": "tube",
                    "type": "youtube",
                    "url": url,
                    "key": KEY,
                    "videos": ["dQw4w9WgXcQ"],
                    "most_pages": 3,
                }
            )
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.path == "/commentThreads"
        if request.headers.get("x-goog-api-key") != KEY:
            return web.json_response({"error": {"errors": [{"reason": "keyInvalid"}]}}, status=400)
        assert KEY not in str(request.url)
        assert request.query["videoId"] == "dQw4w9WgXcQ"
        first = int(request.query.get("pageToken", "0"))
        newest = list(reversed(self.threads.values()))
        body: dict[str, Any] = {
            "kind": "youtube#commentThreadListResponse",
            "items": newest[first : first + PAGE],
        }
        if first + PAGE < len(newest):
            body["nextPageToken"] = str(first + PAGE)
        return as_json(body)

    def thread(self, number: int, text: str) -> None:
        """As the documentation shows one, shortened."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.threads[number] = {
            "kind": "youtube#commentThread",
            "id": f"Ugx{number}",
            "snippet": {
                "videoId": "dQw4w9WgXcQ",
                "topLevelComment": {
                    "kind": "youtube#comment",
                    "id": f"Ugx{number}",
                    "snippet": {
                        "videoId": "dQw4w9WgXcQ",
                        "textDisplay": text,
                        "textOriginal": text,
                        "authorChannelId": {"value": "UC_x5XG1OV2P6uZZ5FSM9Ttw"},
                        "publishedAt": at,
                        "updatedAt": at,
                    },
                },
                "totalReplyCount": 0,
            },
        }

    def heard(self) -> bool:
        """As of Platform."""
        return False

    async def post(self, number: int) -> None:
        """As of Platform."""
        self.thread(number, f"post {number}")

    async def edit(self, number: int) -> None:
        """As of Platform."""
        self.thread(number, f"edited {number}")

    async def delete(self, number: int) -> None:
        """As of Platform: nobody is told."""

    async def garble(self) -> None:
        """As of Platform."""
        self.threads[90] = {"kind": "youtube#commentThread", "id": "Ugx90"}

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform: more is written than pages are read."""
        for number in range(100, 120):
            self.thread(number, f"post {number}")

    async def hang_up(self) -> None:
        """As of Platform."""
        self.faults.order(503)
