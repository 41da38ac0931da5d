"""Single things that come from a connection, taken together as they are there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TypeVar

T = TypeVar("T")


async def gathered(
    source: AsyncGenerator[T, None], *, most: int, within: float, idle: float
) -> AsyncGenerator[list[T], None]:
    """Lists of up to `most` that came within `within` seconds of the first; an empty one after
    `idle` seconds without any. Ends as the source does, what came before it first.

    At most `most` wait besides: the source is not asked for more until they are taken.
    """
    queue: asyncio.Queue[T | None] = asyncio.Queue(most)  # None: the source has ended
    reader = asyncio.create_task(_fill(queue, source))
    loop = asyncio.get_running_loop()
    ended = False
    try:
        while not ended:
            some: list[T] = []
            with suppress(TimeoutError):
                async with asyncio.timeout(idle) as timer:
                    while len(some) < most:
                        one = await queue.get()
                        if one is None:
                            ended = True
                            break
                        if not some:
                            timer.reschedule(loop.time() + within)
                        some.append(one)
            if some or not ended:
                yield some
        await reader
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _fill(queue: "asyncio.Queue[T | None]", source: AsyncGenerator[T, None]) -> None:
    try:
        async with aclosing(source):
            async for one in source:
                await queue.put(one)
    except Exception:
        await queue.put(None)
        raise
    await queue.put(None)  # not where it is cancelled: nobody takes anything then
