"""Blocking work beside the loop."""

import asyncio
from threading import Event

import pytest

from infra.channels.in_thread import MOST, Threads


def test_what_work_returns_and_raises() -> None:
    def fails() -> None:
        raise KeyError("no")

    async def run() -> None:
        threads = Threads()
        assert await threads.run(lambda: 7, 10) == 7
        with pytest.raises(KeyError):
            await threads.run(fails, 10)

    asyncio.run(run())


def test_work_that_hangs_takes_its_place_until_it_ends() -> None:
    async def run() -> None:
        threads, over = Threads(), Event()
        hanging = [threads.run(over.wait, 0.05) for _ in range(MOST)]
        ended = await asyncio.gather(*hanging, return_exceptions=True)
        assert all(isinstance(one, TimeoutError) for one in ended)
        with pytest.raises(TimeoutError):
            await threads.run(lambda: 7, 10)
        over.set()
        while True:
            try:
                assert await threads.run(lambda: 7, 10) == 7
                break
            except TimeoutError:
                await asyncio.sleep(0)

    asyncio.run(run())
