"""A site with an Atom feed, on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aiohttp import web

from infra.feeds.rss import read
from infra.feeds.settings import RssFeed
from tests.feeds_servers.http import Faults, serving

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Example</title><id>urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6</id>
  <updated>2026-11-23T18:30:02Z</updated>
  {entries}
</feed>"""
ENTRY = """<entry><id>tag:example.org,2026:{number}</id><title>{title}</title>
  <link href="https://example.org/{number}"/><author><name>Kai</name></author>
  <published>{at}</published><updated>{at}</updated>
  <summary type="html">&lt;p&gt;more of it&lt;/p&gt;</summary></entry>"""


class Rss:
    """Shows its newest entries; says 304 to who has them."""

    can = frozenset({"edit", "gap", "malformed", "limit"})
    feed = staticmethod(read)

    def __init__(self) -> None:
        self.faults = Faults()
        self.settings: Any = None
        self.entries: dict[int, str] = {}
        self.document: str | None = None
        self.unchanged = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            self.settings = RssFeed.model_validate(
                {"name": "news", "type": "rss", "urls": [f"{url}/feed.xml"], "poll_seconds": 60}
            )
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = self.document or ATOM.format(entries="\n".join(reversed(self.entries.values())))
        tag = f'"{sha256(body.encode()).hexdigest()[:8]}"'
        if request.headers.get("if-none-match") == tag:
            self.unchanged += 1
            return web.Response(status=304)
        return web.Response(
            body=body.encode(), headers={"etag": tag, "content-type": "application/atom+xml"}
        )

    def entry(self, number: int, title: str) -> None:
        """It is in the document from now on."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.entries[number] = ENTRY.format(number=number, title=title, at=at)

    def heard(self) -> bool:
        """As of Platform."""
        return False

    async def post(self, number: int) -> None:
        """As of Platform."""
        self.document = None
        self.entry(number, f"post {number}")

    async def edit(self, number: int) -> None:
        """As of Platform."""
        self.entry(number, f"edited {number}")

    async def delete(self, number: int) -> None:
        """As of Platform: nobody is told."""

    async def garble(self) -> None:
        """As of Platform."""
        self.document = "<html><body>We are down for maintenance"

    async def limit(self, wait: int) -> None:
        """As of Platform."""
        self.faults.order(429, retry_after=str(wait))

    async def forget(self) -> None:
        """As of Platform."""
        self.entries.clear()

    async def hang_up(self) -> None:
        """As of Platform."""
        self.faults.order(503)
