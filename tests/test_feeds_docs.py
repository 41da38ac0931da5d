"""docs/feeds.md is true: its settings load, and its example of a feed of one's own works."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from infra.feeds.feed import FeedRefused
from infra.feeds.registry import OWN, feed_of
from infra.feeds.settings import OtherFeed
from infra.settings import Settings
from processors.arrivals import BadRow
from tests.feeds_servers.http import Faults, as_json, serving
from tests.feeds_servers.reader import reading

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
NAMES = ("MASTODON_TOKEN", "YOUTUBE_KEY", "REDDIT_ID", "REDDIT_SECRET", "FORUM_TOKEN")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets that the page names."""
    for name in NAMES:
        monkeypatch.setenv(name, f"the-secret-{name.lower()}")


@pytest.mark.parametrize("block", blocks("yaml"))
def test_settings_of_the_page_load(block: str, named: None) -> None:
    settings = Settings(**yaml.safe_load(block))
    assert settings.feeds or settings.push


def test_every_type_has_a_row_and_an_example(named: None) -> None:
    rows = set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert rows == set(OWN)
    shown = yaml.safe_load(blocks("yaml")[0])["feeds"]
    assert [feed["type"] for feed in shown] == list(OWN)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example as a package that somebody installed."""
    [source], [project] = blocks("python"), blocks("toml")
    assert len([line for line in source.splitlines() if line.strip()]) <= 45
    (tmp_path / "forum_feed.py").write_text(source)
    info = tmp_path / "forum_feed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: forum-feed\nVersion: 1.0\n")
    group, name, value = re.findall(r'entry-points\."([\w.]+)"\]\n(\w+) = "([\w:]+)"', project)[0]
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return


class Forum:
    """What the example reads."""

    def __init__(self) -> None:
        self.posts: list[Any] = []
        self.settings: Any = None

    def feed(self, settings: Any, start: Any) -> Any:
        """As the line finds it."""
        return feed_of(settings)(settings, start)

    def heard(self) -> bool:
        """As of Platform."""
        return False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As of Platform."""
        async with serving(self._answer, Faults()) as url:
            block = yaml.safe_load(blocks("yaml")[-1])["feeds"][0]
            self.settings = OtherFeed.model_validate({**block, "options": {"url": url}})
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        after = int(request.query["after"])
        return as_json([post for post in self.posts if post["id"] > after])


def test_the_example_reads_a_forum_and_goes_on_where_it_was(installed: None) -> None:
    post = {"id": 4, "by": "kai", "text": "Oh no", "at": "2026-11-24T08:00:00Z"}

    async def whole() -> None:
        forum: Any = Forum()
        async with forum.running():
            forum.posts = [post, {**post, "id": 5, "text": 5}]
            async with reading(forum) as before:
                await before.until(lambda: len(before.items) == 2)
            assert [one.native_id for one in before.posts] == ["4"]
            [bad] = [item for item in before.items if isinstance(item, BadRow)]
            assert (bad.reason, b'"id":5' in bad.payload) == ("wrong_type", True)
            forum.posts.append({**post, "id": 6})
            async with reading(forum, before) as after:
                await after.until(lambda: after.posts)
            assert [one.native_id for one in after.posts] == ["6"]

    asyncio.run(whole())


def test_a_type_that_nothing_installed_reads_says_what_there_is() -> None:
    with pytest.raises(FeedRefused, match=r"no feed of type 'nope' is installed; there are .*rss"):
        feed_of(OtherFeed(name="a", type="nope", source="a"))
