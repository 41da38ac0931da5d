"""Blocking work beside the event loop, which may hang without holding up anyone or the exit."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")
MOST: Final = 8


class Threads:
    """Daemon threads, at most MOST at once; one that hangs counts until it ends."""

    def __init__(self) -> None:
        self._running = threading.Semaphore(MOST)

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns or raises. Raises TimeoutError if that takes longer, or all are busy.

        Work that took longer goes on by itself, and nobody hears of it.
        """
        if not self._running.acquire(blocking=False):
            raise TimeoutError
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(result: T | None, error: BaseException | None) -> None:
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]

        def carry_out() -> None:
            result, failure = None, None
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                failure = error
            finally:
                self._running.release()
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, result, failure)

        threading.Thread(target=carry_out, daemon=True).start()
        async with asyncio.timeout(seconds):
            return await done
