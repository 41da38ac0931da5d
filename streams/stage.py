"""What every stage is given, and what a process asks of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from infra.metrics import Meter
from infra.settings import Settings
from infra.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A stage's surroundings in its process."""

    settings: Settings
    store: Store
    meter: Meter

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


class AgentStage:
    """A stage that is a Faust app."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def start(self) -> None:
        """Join the consumer group."""
        self._app.finalize()
        await self._app.start()

    async def stop(self) -> None:
        """Leave; what is not acknowledged comes again."""
        await self._app.stop()
