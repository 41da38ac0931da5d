"""What has to be done now and then where the rows are: beside the store stage.

Every minute, incidents that were told lose the words of posts that were erased since, whoever
erased them. At most once an hour erased words leave the disk, and a changed retention reaches the
rows that are there. What there is to do is read from the database, so a process that was killed in
the middle leaves nothing undone, and several may do it at once.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from msgspec.structs import asdict, astuple

from infra.author_key import present_key
from infra.purge import purge
from infra.redact import marks, redact
from infra.retention import apply_retention
from infra.store import Row, StoreUnavailable
from streams.background import Background
from streams.stage import Place, Stage

log = structlog.get_logger()

LOOK: Final = 60.0
"""Seconds between two looks for what was erased."""
SWEEP: Final = 3600.0
"""Seconds between two rewrites of files, which cost more."""


class Upkeep:
    """One look at a time; remembers what it has seen, so that a look with nothing new is cheap."""

    def __init__(self, place: Place, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._store = place.store
        self._settings = place.settings
        self._brands = place.settings.brands
        self._clock = clock
        self._seen: Row | None = None
        self._swept: float | None = None

    def look(self) -> None:
        """Do what is due. Raises StoreError; the next look does the rest."""
        seen = marks(self._store)
        if seen != self._seen:
            redaction = redact(self._store, self._brands)
            if redaction.events:
                log.info("redacted", stage="store", events=redaction.events)
        now = self._clock()
        if self._swept is None or now - self._swept >= SWEEP:
            self._sweep()
            self._swept = now
        self._seen = seen

    def _sweep(self) -> None:
        taken = purge(self._store, key=present_key(self._settings))
        if any(astuple(taken)):
            log.info("purged", stage="store", **asdict(taken))
        for brand, rows in apply_retention(self._store, self._brands).items():
            log.info("retention applied", stage="store", brand=brand, rows=rows)


class UpkeptStage:
    """A stage with upkeep beside it."""

    def __init__(self, stage: Stage, place: Place, *, every: float = LOOK) -> None:
        """`every`: seconds between looks."""
        self._stage = stage
        self._upkeep = Upkeep(place)
        self._every = every
        self._work = Background("store", self._run)

    async def start(self) -> None:
        """As the stage does; upkeep begins after it."""
        await self._stage.start()
        self._work.start()

    async def stop(self) -> None:
        """As the stage does. A change of files in hand goes on in the database."""
        await self._work.stop()
        await self._stage.stop()

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._upkeep.look)
            except StoreUnavailable as error:
                log.warning("waiting", stage="store", error=str(error))
            await asyncio.sleep(self._every)
