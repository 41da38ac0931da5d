"""One suite over every feed, each against a local server that speaks its platform's wire format."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.feeds.feed import FeedRefused, FeedUnavailable
from processors.arrivals import BadRow
from processors.decode import decode
from processors.records import RawErasure, RawPost
from tests.feeds_servers.hackernews import HackerNews
from tests.feeds_servers.jetstream import Jetstream, v2
from tests.feeds_servers.mastodon import Mastodon
from tests.feeds_servers.newsnow import Newsnow
from tests.feeds_servers.platform import Platform
from tests.feeds_servers.reader import Reader, begun, reading
from tests.feeds_servers.reddit import Reddit
from tests.feeds_servers.rss import Rss
from tests.feeds_servers.youtube import YouTube

Make = Callable[[], Platform]
PLATFORMS: dict[str, Make] = {
    "jetstream": Jetstream,
    "jetstream-v2": v2,
    "mastodon": Mastodon,
    "rss": Rss,
    "hackernews": HackerNews,
    "youtube": YouTube,
    "reddit": Reddit,
    "newsnow": Newsnow,
}
GUARDED = ["mastodon", "rss", "hackernews", "youtube", "newsnow"]


def those_that(*can: str) -> list[str]:
    """Can any of it."""
    return [name for name, make in PLATFORMS.items() if make().can & {*can}]


def run(name: str, work: Callable[[Any], Awaitable[None]]) -> None:
    """The test on the platform, and nothing left behind."""

    async def whole() -> None:
        platform = PLATFORMS[name]()
        async with platform.running():
            await work(platform)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(whole())


async def read_one(platform: Platform) -> Reader:
    """A reading that has given post 1 and was stopped."""
    async with reading(platform) as reader:
        await begun(platform, reader)
        await platform.post(1)
        await reader.until(lambda: "post 1" in reader.texts)
    return reader


def identities(reader: Reader) -> dict[str, tuple[str, str]]:
    """Of posts, by their first two words."""
    return {post.text[:6]: (post.source, post.native_id) for post in reader.posts}


@pytest.mark.parametrize("name", PLATFORMS)
def test_posts_are_posts_each_with_an_identity_of_its_own(name: str) -> None:
    async def work(platform: Platform) -> None:
        async with reading(platform) as reader:
            await begun(platform, reader)
            for number in (1, 2, 3):
                await platform.post(number)
            await reader.until(lambda: len(reader.texts) >= 3)
            assert sorted(reader.texts) == ["post 1", "post 2", "post 3"]
            assert len({post.native_id for post in reader.posts}) == 3
            for post in reader.posts:
                payload = msgspec.json.encode(post)
                [read] = decode(payload, arrived_at=post.published_at, feed="f", position=0)
                assert isinstance(read, RawPost)
                assert (read.source, read.author != "") == (platform.settings.source, True)
                assert abs((read.published_at - datetime.now(UTC)).total_seconds()) < 600

    run(name, work)


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_reading_goes_on_after_the_last_durable_batch_and_gives_the_same_again(name: str) -> None:
    """The second time as after a kill between the hand-over and the saving of the cursor."""

    async def work(platform: Platform) -> None:
        before = await read_one(platform)
        await platform.post(2)
        await platform.post(3)
        known = [identities(before)]
        for _ in range(2):
            async with reading(platform, before) as reader:
                await reader.until(lambda reader=reader: {"post 2", "post 3"} <= set(reader.texts))
            known.append(identities(reader))
            assert not any(batch.gaps for batch in reader.batches)
        first, again, third = known
        assert third.items() >= {text: again[text] for text in ("post 2", "post 3")}.items()
        assert all(again.get(text, identity) == identity for text, identity in first.items())

    run(name, work)


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_broken_connection_ends_the_reading_and_nothing_is_lost(name: str) -> None:
    async def work(platform: Platform) -> None:
        async with reading(platform) as before:
            await begun(platform, before)
            await platform.post(1)
            await before.until(lambda: "post 1" in before.texts)
            await platform.hang_up()
            assert isinstance(await before.until_error(), FeedUnavailable)
        await platform.post(2)
        async with reading(platform, before, failures=1) as reader:
            await reader.until(lambda: "post 2" in reader.texts)

    run(name, work)


@pytest.mark.parametrize("name", those_that("limit"))
def test_a_platform_that_wants_fewer_requests_is_given_the_time_it_asks_for(name: str) -> None:
    async def work(platform: Platform) -> None:
        await platform.limit(7)
        async with reading(platform) as reader:
            error = await reader.until_error()
        assert isinstance(error, FeedUnavailable)
        assert error.wait == 7

    run(name, work)


@pytest.mark.parametrize("name", those_that("edit", "delete"))
def test_an_edit_and_a_deletion_name_their_post(name: str) -> None:
    async def work(platform: Platform) -> None:
        async with reading(platform) as reader:
            await begun(platform, reader)
            await platform.post(1)
            await reader.until(lambda: "post 1" in reader.texts)
            first = next(post for post in reader.posts if post.text.startswith("post 1"))
            if "edit" in platform.can:
                await platform.edit(1)
                await reader.until(lambda: "edited 1" in reader.texts)
                edit = next(post for post in reader.posts if post.text.startswith("edited 1"))
                assert (first.kind, edit.kind) == ("post", "edit")
                assert (first.native_id, first.author) == (edit.native_id, edit.author)
                assert edit.edited_at is not None
            if "delete" in platform.can:
                await platform.delete(1)
                await reader.until(lambda: isinstance(reader.items[-1], RawErasure))
                erasure = reader.items[-1]
                assert isinstance(erasure, RawErasure)
                assert (erasure.kind, erasure.source) == ("delete", platform.settings.source)
                assert erasure.native_id == first.native_id

    run(name, work)


@pytest.mark.parametrize("name", those_that("malformed"))
def test_what_cannot_be_read_is_kept_and_the_rest_goes_on(name: str) -> None:
    async def work(platform: Platform) -> None:
        async with reading(platform) as reader:
            await begun(platform, reader)
            await platform.garble()
            await reader.until(lambda: any(isinstance(item, BadRow) for item in reader.items))
            await platform.post(2)
            await reader.until(lambda: "post 2" in reader.texts)
        bad = [item for item in reader.items if isinstance(item, BadRow)]
        assert bad[0].payload
        assert bad[0].reason in {"not_json", "missing_field", "not_a_feed"}

    run(name, work)


@pytest.mark.parametrize("name", those_that("gap"))
def test_what_is_not_to_be_had_any_more_is_a_gap(name: str) -> None:
    async def work(platform: Platform) -> None:
        before = await read_one(platform)
        await platform.forget()
        await platform.post(50)
        async with reading(platform, before) as reader:
            await reader.until(lambda: any(batch.gaps for batch in reader.batches))
            [gap] = [gap for batch in reader.batches for gap in batch.gaps]
            assert gap.since <= gap.until
            assert gap.reason

    run(name, work)


@pytest.mark.parametrize("name", PLATFORMS)
def test_stopping_closes_the_connection_whenever_it_comes(name: str) -> None:
    async def work(platform: Platform) -> None:
        async with reading(platform):
            pass  # before it has begun
        async with reading(platform) as reader:
            await begun(platform, reader)
        async with asyncio.timeout(5):
            while platform.heard():
                await platform.post(1)  # a server notices when it writes
                await asyncio.sleep(0.01)

    run(name, work)


@pytest.mark.parametrize("name", GUARDED)
def test_an_address_in_our_own_network_is_not_reached(name: str) -> None:
    async def work(platform: Any) -> None:
        async with reading(platform, allow=()) as reader:
            error = await reader.until_error()
        assert isinstance(error, FeedRefused)
        assert "allow_hosts" in str(error)
        assert platform.faults.requests == []

    run(name, work)
