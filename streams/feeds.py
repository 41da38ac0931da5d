"""All feeds of the settings in one process, each in a task of its own, and the door for pushes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from infra.feeds.registry import feed_of
from streams.feed_run import FeedRun
from streams.stage import Place, Stage
from streams.takers import Taker, ToKafka, ToLine

log = structlog.get_logger()
AGAIN_AFTER = 30.0


class Part(Protocol):
    """Something that runs until it is cancelled."""

    async def run(self) -> None:
        """Run."""
        ...

    async def finish(self) -> None:
        """Let go, after that."""
        ...


class FeedsStage:
    """Runs parts beside each other; one that fails begins again and costs the others nothing."""

    def __init__(
        self, parts: Sequence[Part], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._parts = parts
        self._sleep = sleep
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin in the background."""
        self._tasks = [asyncio.create_task(self._run(part)) for part in self._parts]

    async def stop(self) -> None:
        """Stop all of them, connections closed and cursors saved. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if tasks:
            await asyncio.gather(*(part.finish() for part in self._parts), return_exceptions=True)

    async def _run(self, part: Part) -> None:
        while True:
            try:
                await part.run()
            except Exception:
                log.exception("a part of feeds failed")
            await self._sleep(AGAIN_AFTER)


def feeds_stage(place: Place) -> Stage:
    """The stage for `feeds` and `push` of the settings."""
    make = taker_for(place)
    parts: list[Part] = [FeedRun(place, feed, make, feed_of) for feed in place.settings.feeds]
    if place.settings.push is not None:
        from streams.push_door import PushDoor

        parts.append(PushDoor(place, make))
    return FeedsStage(parts)


def taker_for(place: Place) -> Callable[[str], Taker]:
    """Makes takers: a Kafka that keeps what it has, else the outbox of the line."""
    settings = place.settings
    if settings.kafka and settings.real_kafka:
        return lambda _giver: ToKafka(settings)
    return lambda giver: ToLine(settings, giver)
