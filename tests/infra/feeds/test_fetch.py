"""Requests of feeds: bounded, and what a platform asks for is done."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from infra.feeds.feed import FeedUnavailable
from infra.feeds.fetch import LONGEST_WAIT, MOST_BYTES, feed_client, fetch, retry_after
from infra.feeds.gathered import gathered
from tests.feeds_servers.http import Faults, serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "99999999"}, LONGEST_WAIT),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "soon"}, 0),
        ({"x-ratelimit-reset": "2026-03-01T12:05:00.000Z"}, 300),
        ({"x-ratelimit-reset": "2026-03-01T11:00:00.000Z"}, 0),
    ],
)
def test_how_long_a_platform_wants_us_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers, NOW) == seconds


def test_an_answer_without_an_end_is_not_taken() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * (MOST_BYTES + 1))

    async def whole() -> None:
        async with serving(answer, Faults()) as url, feed_client(["127.0.0.1"]) as client:
            await fetch(client, url)

    with pytest.raises(FeedUnavailable, match="more than"):
        asyncio.run(whole())


async def counting(most: int, taken: list[int]) -> AsyncGenerator[int, None]:
    for number in range(most):
        taken.append(number)
        yield number
    raise FeedUnavailable("over")


def test_what_is_gathered_is_all_there_was_in_order_and_then_the_end() -> None:
    found: list[list[int]] = []

    async def whole() -> None:
        async for some in gathered(counting(25, []), most=10, within=5, idle=5):
            found.append(some)

    with pytest.raises(FeedUnavailable, match="over"):
        asyncio.run(whole())
    assert [number for some in found for number in some] == list(range(25))
    assert max(map(len, found)) <= 10


def test_a_source_is_not_read_further_than_what_was_taken_and_as_much_again() -> None:
    async def whole() -> list[int]:
        taken: list[int] = []
        lists = gathered(counting(1_000, taken), most=10, within=5, idle=5)
        await anext(lists)
        for _ in range(50):
            await asyncio.sleep(0)
        await lists.aclose()
        return taken

    assert len(asyncio.run(whole())) <= 10 + 10 + 2


def test_silence_is_told() -> None:
    async def silent() -> AsyncGenerator[int, None]:
        await asyncio.Event().wait()
        yield 1

    async def whole() -> list[int]:
        lists = gathered(silent(), most=10, within=5, idle=0.01)
        found = await anext(lists)
        await lists.aclose()
        return found

    assert asyncio.run(whole()) == []
