"""Work beside the answers: done on a thread, again and again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from infra.store import StoreError


class Chore(Struct, frozen=True):
    """What is done every so many seconds, the first time at once."""

    work: Callable[[], None]
    every: float


async def repeat(chore: Chore) -> None:
    """Do it until cancelled. A database that is away is waited for."""
    while True:
        with suppress(StoreError):
            await asyncio.to_thread(chore.work)
        await asyncio.sleep(chore.every)
