"""Work that goes on beside the event loop's other work until it is stopped."""

import asyncio
from collections.abc import Awaitable, Callable

from streams.line import crash


class Background:
    """Runs `work` as a task; an exception in it is a bug and ends the process."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Cancel it and wait until it has ended. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception as error:  # noqa: BLE001 - not swallowed: the process ends
            crash(self._name, error)
