"""A platform in a thread of its own, for tests whose reader is another process."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.feeds_servers.jetstream import Jetstream


@contextmanager
def beside() -> Iterator[tuple[Jetstream, Callable[[Any], Any]]]:
    """The platform in a thread, and how to have it do something."""
    platform, loop = Jetstream(), asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with platform.running():
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(20)
        yield platform, lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(20)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
