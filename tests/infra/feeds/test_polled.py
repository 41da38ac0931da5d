"""Hacker News, YouTube, Reddit, newsnow: what is their own."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from infra.feeds.feed import FeedRefused, FeedUnavailable
from infra.feeds.hackernews import post_of as item_of
from infra.feeds.reddit import connected
from infra.feeds.reddit import item_of as thing_of
from infra.feeds.youtube import QUOTA_WAIT
from processors.records import RawErasure
from tests.feeds_servers.hackernews import FIRST, HackerNews
from tests.feeds_servers.reader import Reader, begun, reading
from tests.feeds_servers.reddit import Reddit
from tests.feeds_servers.youtube import YouTube


async def failed(platform: Any) -> Exception:
    async with platform.running(), reading(platform) as reader:
        return await reader.until_error()


def test_an_item_that_appears_late_is_waited_for() -> None:
    async def whole() -> Reader:
        platform = HackerNews()
        async with platform.running(), reading(platform) as reader:
            await begun(platform, reader)
            platform.items[FIRST + 1] = None
            await platform.post(2)
            looks = len(reader.slept)
            await reader.until(lambda: len(reader.slept) > looks + 2)
            assert reader.posts == []
            platform.items[FIRST + 1] = {**platform.items[FIRST + 2], "id": FIRST + 1}
            await reader.until(lambda: len(reader.posts) == 2)
        return reader

    assert [post.native_id for post in asyncio.run(whole()).posts] == ["8864", "8865"]


def test_an_item_that_never_appears_is_passed_in_the_end() -> None:
    async def whole() -> Reader:
        platform = HackerNews()
        async with platform.running(), reading(platform) as reader:
            await begun(platform, reader)
            platform.items[FIRST + 1] = None
            await platform.post(2)
            await reader.until(lambda: reader.posts)
        return reader

    assert asyncio.run(whole()).cursor == str(FIRST + 2)


def test_a_story_and_a_job() -> None:
    story = {
        "by": "dhouston",
        "id": 8863,
        "time": 1175714200,
        "title": "My YC app: Dropbox - Throw away your USB drive",
        "type": "story",
        "url": "http://www.getdropbox.com/u/2/screencast.html",
    }
    post: Any = item_of(story, "hackernews")
    assert post.text == story["title"]
    assert post.url == "https://news.ycombinator.com/item?id=8863"
    assert item_of({**story, "type": "job"}, "hackernews") is None
    assert isinstance(item_of({**story, "dead": True}, "hackernews"), RawErasure)


def problem(status: int, reason: str) -> web.Response:
    return web.json_response({"error": {"errors": [{"reason": reason}]}}, status=status)


def test_a_key_without_quota_waits_and_a_wrong_one_is_for_a_person() -> None:
    platform = YouTube()
    platform.faults.answers.append(problem(403, "quotaExceeded"))
    error = asyncio.run(failed(platform))
    assert isinstance(error, FeedUnavailable)
    assert error.wait == QUOTA_WAIT
    platform.faults.answers.append(problem(400, "keyInvalid"))
    assert isinstance(asyncio.run(failed(platform)), FeedRefused)


def test_a_video_without_comments_costs_the_others_nothing() -> None:
    async def whole() -> Reader:
        platform = YouTube()
        async with platform.running():
            platform.faults.answers.append(problem(403, "commentsDisabled"))
            settings = platform.settings.model_copy(
                update={"videos": ("aaaaaaaaaaa", "dQw4w9WgXcQ")}
            )
            await platform.post(1)
            async with reading(platform, settings=settings) as reader:
                await reader.until(lambda: reader.posts)
        return reader

    reader = asyncio.run(whole())
    assert [error for batch in reader.batches for error in batch.errors][:1] == [
        "aaaaaaaaaaa: answered 403 commentsDisabled"
    ]


def test_replies_are_posts_too_and_what_was_there_is_history() -> None:
    async def whole() -> Reader:
        platform = YouTube()
        await platform.post(1)
        await platform.post(2)
        top = platform.threads[1]["snippet"]["topLevelComment"]
        reply = {**top, "id": "Ugx1.9", "snippet": {**top["snippet"], "textOriginal": "reply"}}
        platform.threads[1]["replies"] = {"comments": [reply]}
        async with platform.running(), reading(platform) as reader:
            await reader.until(lambda: reader.posts)
        return reader

    reader = asyncio.run(whole())
    assert sorted(reader.texts) == ["post 1", "post 2", "reply"]
    assert all(post.backfill for post in reader.posts)


def test_a_submission_and_what_a_moderator_took() -> None:
    platform = Reddit()
    platform.thing(1, "", title="Acme again", selftext="It broke.", name="t3_k1")
    thing = {name: one for name, one in platform.things[1].items() if name != "body"}
    post: Any = thing_of(thing, "reddit")
    assert (post.text, post.native_id, post.author) == ("Acme again\nIt broke.", "t3_k1", "t2_1w72")
    taken = thing_of({**thing, "selftext": "[removed]"}, "reddit")
    assert taken == RawErasure(kind="delete", source="reddit", native_id="t3_k1")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "asyncpraw", None)

    async def whole() -> None:
        platform = Reddit()
        async with platform.running(), connected(platform.settings):
            raise AssertionError

    with pytest.raises(FeedRefused, match=r"groundswell\[reddit\]"):
        asyncio.run(whole())
