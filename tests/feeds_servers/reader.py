"""Reads a feed of a local platform as the line does, and keeps what it gave."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from infra.feeds.feed import Batch, Item, Start
from infra.feeds.fetch import feed_client
from processors.records import RawPost
from tests.feeds_servers.platform import Platform

SOON = 0.01


class Reader:
    """What has been read so far."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.slept: list[float] = []
        self.error: Exception | None = None

    @property
    def items(self) -> list[Item]:
        """All items, in order."""
        return [item for batch in self.batches for item in batch.items]

    @property
    def posts(self) -> list[RawPost]:
        """All posts and edits, in order."""
        return [item for item in self.items if isinstance(item, RawPost)]

    @property
    def texts(self) -> list[str]:
        """The first line of each."""
        return [post.text.partition("\n")[0] for post in self.posts]

    @property
    def cursor(self) -> str:
        """Where to go on."""
        return next((batch.cursor for batch in reversed(self.batches) if batch.cursor), "")

    @property
    def at(self) -> datetime | None:
        """The platform's clock."""
        return self.batches[-1].at if self.batches else None

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for it; what ended the reading comes through."""
        async with asyncio.timeout(20):
            while not condition():
                if self.error is not None:
                    raise self.error
                await asyncio.sleep(SOON)

    async def until_error(self) -> Exception:
        """What ends the reading."""
        async with asyncio.timeout(20):
            while self.error is None:
                await asyncio.sleep(SOON)
        return self.error

    async def sleep(self, seconds: float) -> None:
        """A pause between two looks, short."""
        self.slept.append(seconds)
        await asyncio.sleep(SOON)


@asynccontextmanager
async def reading(
    platform: Platform,
    after: Reader | None = None,
    *,
    failures: int = 0,
    allow: tuple[str, ...] = ("127.0.0.1",),
    settings: Any = None,
) -> AsyncIterator[Reader]:
    """Read in the background, from where `after` stood."""
    reader = Reader()
    async with feed_client(allow) as http:
        start = Start(
            cursor=after.cursor if after else "",
            at=after.at if after else None,
            now=lambda: datetime.now(UTC),
            sleep=reader.sleep,
            http=http,
            failures=failures,
        )
        task = asyncio.create_task(_read(platform, settings or platform.settings, start, reader))
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _read(platform: Platform, settings: Any, start: Start, reader: Reader) -> None:
    batches = platform.feed(settings, start)
    try:
        async for batch in batches:
            reader.batches.append(batch)
    except Exception as error:  # noqa: BLE001 - the test asks for it
        reader.error = error
    finally:
        await batches.aclose()


async def begun(platform: Platform, reader: Reader) -> None:
    """It has looked once, or listens: what happens from now on is new to it."""
    await reader.until(lambda: platform.heard() or reader.batches)
