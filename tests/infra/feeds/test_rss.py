"""RSS and Atom: polite, patient with each address, careful where redirects lead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from infra.feeds.feed import FeedRefused
from infra.feeds.rss import read
from infra.feeds.settings import RssFeed
from processors.arrivals import BadRow
from tests.feeds_servers.http import Faults, serving
from tests.feeds_servers.reader import reading
from tests.feeds_servers.rss import Rss

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><title>Acme &amp;amp; Co. &lt;b&gt;fails&lt;/b&gt;</title><link>https://e.org/1</link>
<guid isPermaLink="false">7</guid><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate>
<description>&lt;p&gt;It &lt;i&gt;does&lt;/i&gt;&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;
</description></item>
<item><title>no date, no id</title></item>
</channel></rss>"""


class Site:
    """Answers of one's own, by path."""

    feed = staticmethod(read)

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.faults = Faults()
        self.settings: Any = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, self.faults) as url:
            urls = [f"{url}/{name}" for name in self.answers]
            self.settings = RssFeed.model_validate({"name": "news", "type": "rss", "urls": urls})
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        found = self.answers[request.path[1:]]
        if isinstance(found, str):
            return web.Response(body=found.encode(), content_type="application/rss+xml")
        status, headers = found
        return web.Response(status=status, headers=headers)


def looked(site: Any, until: Any = lambda reader: reader.cursor) -> Any:
    async def whole() -> Any:
        async with site.running(), reading(site) as reader:
            await reader.until(lambda: until(reader))
        return reader

    return asyncio.run(whole())


def test_an_entry_as_people_read_it() -> None:
    reader = looked(Site(feed=RSS))
    undated, dated = reader.posts
    assert dated.text == "Acme & Co. fails\nIt does"
    assert dated.published_at.isoformat() == "2026-03-02T09:00:00+00:00"
    assert dated.native_id.endswith("/7")
    assert dated.url == "https://e.org/1"
    assert undated.text == "no date, no id"
    assert undated.published_at == undated.observed_at


def test_what_was_there_before_is_history() -> None:
    undated, dated = looked(Site(feed=RSS)).posts
    assert (undated.backfill, dated.backfill) == (False, True)


def test_what_has_not_changed_is_not_sent_again() -> None:
    async def whole() -> None:
        platform = Rss()
        async with platform.running():
            await platform.post(1)
            async with reading(platform) as before:
                await before.until(lambda: platform.unchanged >= 2)
            async with reading(platform, before) as reader:
                await reader.until(lambda: platform.unchanged >= 5)
        assert len(before.posts) == 1
        assert reader.posts == []
        assert set(before.slept) == {60.0}

    asyncio.run(whole())


def test_one_address_that_fails_costs_the_others_nothing() -> None:
    site = Site(gone=(410, {}), busy=(503, {"retry-after": "900"}), feed=RSS, html="<html>")
    reader = looked(site, lambda reader: len(reader.slept) > 3)
    assert len(reader.posts) == 2
    errors = [error.partition(": ")[2] for batch in reader.batches for error in batch.errors]
    # Once each: they are left alone for a while, whatever the others do.
    assert len(errors) == 2
    assert errors[0] == "answered 410"
    assert "503" in errors[1]
    bad = [item for item in reader.items if isinstance(item, BadRow)]
    assert {item.reason for item in bad} == {"not_a_feed"}


def test_a_redirect_into_our_own_network_is_not_followed() -> None:
    site = Site(feed=(302, {"location": "http://127.0.0.2:1/feed"}))

    async def whole() -> Exception:
        async with site.running(), reading(site) as reader:  # type: ignore[arg-type]
            return await reader.until_error()

    error = asyncio.run(whole())
    assert isinstance(error, FeedRefused)
    assert "127.0.0.2 is not a public address" in str(error)


def test_a_redirect_to_a_permitted_address_is_followed() -> None:
    site = Site(old=(301, {"location": "/feed"}), feed=RSS)
    assert len(looked(site).posts) >= 2
