"""Of several watch processes on one server exactly one judges; the others stand by.

The one that began first leads for as long as it is heard of. One that was frozen and wakes up finds
that it was silent for too long, and queues up behind the others as if it had just begun. What it
still does in that moment does no harm: a change has the same id whoever finds it, and an older
state never replaces a newer one.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from infra.store import Store
from infra.watchers import beat, leading, server_time

log = structlog.get_logger()
BEAT: Final = 5.0
"""Seconds between two signs of life."""
SILENT: Final = timedelta(seconds=30)
"""Without one for so long a watcher counts as dead."""
STALE: Final = 20.0
"""Seconds after its last sign of life that one still takes itself for alive: fewer than SILENT, so
that it has stopped before another one begins."""


class Lead:
    """Whether this process leads; ask before every pass.

    >>> Lead.alone().leads()
    True
    """

    def __init__(self, store: Store | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`store` is a server; None where one process owns the database: nobody else can lead.
        `clock` counts seconds and goes on while the process is frozen."""
        self._store = store
        self._clock = clock
        self._id = ""
        self._began: datetime | None = None
        self._beat = float("-inf")
        self._leads = False

    @classmethod
    def alone(cls) -> "Lead":
        """Of a process that cannot have rivals."""
        return cls(None)

    def leads(self) -> bool:
        """Show a sign of life when it is time for one, and say who leads. Raises StoreError."""
        if self._store is None:
            return True
        asked = self._clock()
        if asked - self._beat < BEAT:
            return self._leads
        begins = asked - self._beat > STALE or self._began is None
        if begins:
            self._id, self._began = uuid4().hex, server_time(self._store)
        assert self._began is not None
        led, self._leads = self._leads, False
        beat(self._store, self._id, self._began)
        # One that begins waits for a beat: another that began before it may not be seen yet.
        self._leads = not begins and leading(self._store, within=SILENT) == self._id
        self._beat = asked
        if self._leads != led:
            log.info("leads" if self._leads else "stands by", stage="watch")
        return self._leads
