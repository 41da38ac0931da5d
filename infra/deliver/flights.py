"""Attempts under way. A finished one stays until it is on disk."""

import asyncio
from collections.abc import Callable, Coroutine, KeysView
from typing import Any, NamedTuple

from infra.deliver.lanes import Key, Lanes
from infra.deliver.outcome import Made

Flight = asyncio.Task[Made | None]
"""None: it was not begun."""


class Ended(NamedTuple):
    """What has ended."""

    good: dict[Key, Made | None]  # with what came of it
    bad: dict[Key, Flight]  # broken off, or our own bug


class Flights:
    """Attempts by what they attempt. While one stays, nothing else of its incidents is sent there.

    `wake` is called whenever one ends. Lives on one event loop.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._flying: dict[Key, Flight] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def keys(self) -> KeysView[Key]:
        """Those that stay."""
        return self._flying.keys()

    def begin(self, key: Key, attempt: Coroutine[Any, Any, Made | None]) -> None:
        """One more."""
        task = asyncio.create_task(attempt)
        task.add_done_callback(lambda _: self._wake())
        self._flying[key] = task

    async def one_ends(self) -> None:
        """Wait until any has ended."""
        await asyncio.wait(self._flying.values(), return_when=asyncio.FIRST_COMPLETED)

    def go_on(self, lanes: Lanes) -> None:
        """Take those of before for in flight on lanes made anew from what is on disk.

        Not those that another process has made too meanwhile.
        """
        for key, task in list(self._flying.items()):
            made = task.result() if _is_good(task) else None
            if not lanes.hold(key, made.job.attempts if made else None) and task.done():
                del self._flying[key]

    def ended(self) -> Ended:
        """What has ended. It stays."""
        done = {key: task for key, task in self._flying.items() if task.done()}
        good = {key: task.result() for key, task in done.items() if _is_good(task)}
        return Ended(good, {key: task for key, task in done.items() if key not in good})

    def land(self, ended: Ended) -> None:
        """These stay no longer."""
        for key in (*ended.good, *ended.bad):
            del self._flying[key]

    def cancel(self) -> None:
        """Break off all that have not ended."""
        for task in self._flying.values():
            task.cancel()

    async def break_off(self) -> None:
        """End all; those that have ended well stay."""
        self.cancel()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)
        self._flying = {key: task for key, task in self._flying.items() if _is_good(task)}


def _is_good(task: Flight) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
