"""Mastodon: texts as people read them, long absences, who may read."""

import asyncio
from typing import Any

import pytest

from infra.feeds.feed import FeedRefused
from infra.feeds.mastodon import PAGE, Server, post_of
from tests.feeds_servers.mastodon import FIRST, Mastodon
from tests.feeds_servers.reader import begun, reading

SERVER = Server(url="", streaming="", host="example.social", source="mastodon")


def post(**changed: Any) -> Any:
    return post_of(Mastodon().status(1, "Oh no", **changed), SERVER)


def test_a_status_as_people_read_it() -> None:
    html = (
        '<p><span class="h-card"><a href="https://x/@kai">@<span>kai</span></a></span> never '
        'again!<br>See <a href="https://e.org/a"><span class="invisible">https://</span>'
        "<span>e.org/a</span></a> &amp; weep</p><p>#Acme</p>"
    )
    found = post(content=html, spoiler_text="a rant")
    assert found.text == "a rant\n@kai never again!\nSee https://e.org/a & weep\n#Acme"
    assert found.native_id == f"example.social/{FIRST + 1}"
    assert (found.author, found.followers) == ("aiueohisama@mstdn.jp", 12)


def test_an_author_of_the_server_itself_has_its_name_too() -> None:
    assert post(account={"acct": "kai"}).author == "kai@example.social"


def test_a_boost_repeats_the_status_it_boosts() -> None:
    boosted = Mastodon().status(7, "Oh yes")
    found = post(reblog=boosted)
    assert (found.text, found.repost_of) == ("Oh yes", f"example.social/{FIRST + 7}")


@pytest.mark.parametrize("visibility", ["private", "direct", "unlisted"])
def test_what_is_not_public_is_left_alone(visibility: str) -> None:
    assert post(visibility=visibility) is None


def test_a_long_absence_is_read_page_by_page_in_bounded_memory() -> None:
    async def whole() -> None:
        platform = Mastodon()
        async with platform.running():
            async with reading(platform) as before:
                await begun(platform, before)
                await platform.post(1)
                await before.until(lambda: before.posts)
            for number in range(2, 2 * PAGE + 10):
                await platform.post(number)
            async with reading(platform, before) as reader:
                await reader.until(lambda: len(reader.posts) == 2 * PAGE + 8)
            assert reader.texts == [f"post {number}" for number in range(2, 2 * PAGE + 10)]
            assert max(len(batch.items) for batch in reader.batches) <= PAGE
            cursors = [batch.cursor for batch in reader.batches if batch.cursor]
            assert cursors == sorted(cursors)  # each page is done when it is durable

    asyncio.run(whole())


def test_a_token_that_is_not_taken_is_for_a_person() -> None:
    async def whole() -> Exception:
        platform = Mastodon()
        async with platform.running():
            settings = platform.settings.model_validate(
                {**platform.settings.model_dump(), "token": "another"}
            )
            async with reading(platform, settings=settings) as reader:
                return await reader.until_error()

    error = asyncio.run(whole())
    assert isinstance(error, FeedRefused)
    assert "token" in str(error)
    assert "another" not in str(error)


def test_posts_in_other_languages_are_skipped() -> None:
    async def whole() -> None:
        platform = Mastodon()
        async with platform.running():
            settings = platform.settings.model_copy(update={"languages": ("de",)})
            async with reading(platform, settings=settings) as reader:
                await begun(platform, reader)
                await platform.post(1)
                platform.say("update", '{"id": "7", "language": "de"}')
                await reader.until(lambda: reader.items)
            assert reader.posts == []
            assert sum(batch.skipped for batch in reader.batches) == 1

    asyncio.run(whole())
