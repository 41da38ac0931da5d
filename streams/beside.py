"""Work done beside other work of the same task: one piece at a time, in the order given."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class Beside:
    """Leaving the block waits for the piece under way; an error in the block gives it up.

    What a piece raises comes out at the next one, or at the end of the block.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin the work once the piece before it is done."""
        try:
            await self._done()
        except BaseException:
            work.close()
            raise
        self._task = asyncio.create_task(work)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            await self._done()
        elif self._task is not None:
            self._task.cancel()
            # Its own error would say nothing new: whoever sees this one does all of it again.
            await asyncio.gather(self._task, return_exceptions=True)

    async def _done(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await task
