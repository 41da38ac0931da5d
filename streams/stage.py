"""What every stage is given, and what a process asks of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

import msgspec

from infra.metrics import Meter
from infra.settings import Settings
from infra.store import Store
from infra.traces import NO_TRACES, Traces
from streams.background import Background
from streams.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Place:
    """A stage's surroundings in its process."""

    settings: Settings
    store: Store
    meter: Meter
    traces: Traces = NO_TRACES

    @property
    def feed(self) -> str:
        """Name of the feed that this line was started for, empty if for none."""
        feed = self.settings.feed
        return str(msgspec.json.decode(feed)["name"]) if feed else ""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        return datetime.now(UTC)


class Stage(Protocol):
    """A running part of the line."""

    async def start(self) -> None:
        """Begin; returns when it takes part. Raises when it cannot."""
        ...

    async def stop(self) -> None:
        """Finish what is in hand or leave it unacknowledged, then end. Idempotent."""
        ...


Release = Callable[[], Awaitable[None]]
"""Says that what is in hand is not to blame for the end of the process. Idempotent."""


async def _nothing() -> None:
    """Nobody keeps note of what is in hand."""


class AgentStage:
    """A stage that is a Faust app."""

    def __init__(
        self,
        app: Any,
        pulse: Pulse,
        release: Release = _nothing,
        *,
        beside: Background | None = None,
    ) -> None:
        """`beside` is work that goes on as long as the stage does."""
        self._app = app
        self._release = release
        self._beside = beside
        self.pulse = pulse

    async def start(self) -> None:
        """Join the consumer group."""
        self._app.finalize()
        await self._app.start()
        if self._beside is not None:
            self._beside.start()

    async def stop(self) -> None:
        """Leave; what is not acknowledged comes again."""
        if self._beside is not None:
            await self._beside.stop()
        await self._app.stop()
        await self._release()

    def assigned(self) -> dict[tuple[str, int], int]:
        """Partitions read now, with the offset at which reading them began. From any thread."""
        from faust.exceptions import ConsumerNotStarted

        # Not by the property, which would make a consumer where there is none yet.
        consumer = self._app._consumer
        try:
            partitions = consumer.assignment() if consumer is not None else ()
        except ConsumerNotStarted:
            return {}
        # Faust knows what was committed when a partition came; it has no public word for it.
        return {
            (each.topic, each.partition): consumer._committed_offset.get(each) or 0
            for each in partitions
        }


class HaltingStage(AgentStage):
    """A stage that may find that the whole line has to stop."""

    def __init__(
        self,
        app: Any,
        pulse: Pulse,
        release: Release = _nothing,
        *,
        beside: Background | None = None,
    ) -> None:
        super().__init__(app, pulse, release, beside=beside)
        self.finished = asyncio.Event()
        self.error: Exception | None = None

    async def halt(self, error: Exception) -> NoReturn:
        """End the line with this error. Never returns, so that nothing more is acknowledged."""
        self.error = error
        self.pulse.hold()
        await self._release()
        self.finished.set()
        while True:
            self.pulse.alive()
            await asyncio.sleep(1.0)
