"""Of several processes of one role on one server exactly one acts; the others stand by.

The one that began first leads for as long as it is heard of. One that was frozen and wakes up finds
that it was silent for too long, and queues up behind the others as if it had just begun.

`holds` says without asking anybody whether this process may still act: by a clock that goes on
while the process is frozen, STALE seconds after its last sign of life it may not, and another
begins only SILENT after it. Between the answer and what is then done there is a moment that
nothing guards: a process that is frozen just there does that one thing when it wakes, beside the
next leader. So what is done has to bear it: a watcher's changes have the same ids whoever finds
them, and a notice goes out under the same id again.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from infra.store import Store
from infra.watchers import Role, beat, leading, server_time

log = structlog.get_logger()
BEAT: Final = 5.0
"""Seconds between two signs of life."""
SILENT: Final = timedelta(seconds=30)
"""Without one for so long a process counts as dead."""
STALE: Final = 20.0
"""Seconds after its last sign of life that one still takes itself for alive: fewer than SILENT, so
that it has stopped before another one begins."""


class Lead:
    """Whether this process leads; ask before every pass.

    >>> Lead.alone().leads()
    True
    """

    def __init__(
        self,
        store: Store | None,
        *,
        role: Role = "watch",
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`store` is a server; None where one process owns the database: nobody else can lead.
        `clock` counts seconds and goes on while the process is frozen; left out, it goes on while
        the machine sleeps as well, where it can."""
        self._store = store
        self._role: Role = role
        self._clock = clock or _seconds
        self._id = ""
        self._began: datetime | None = None
        self._beat = float("-inf")
        self._leads = False
        self._holds_until = float("-inf")

    @classmethod
    def alone(cls) -> "Lead":
        """Of a process that cannot have rivals."""
        return cls(None)

    def holds(self) -> bool:
        """Whether it may act at this moment, by what it last found. Asks nobody; any thread."""
        return self._store is None or self._clock() <= self._holds_until

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
        beat(self._store, self._id, self._began, role=self._role)
        # One that begins waits for a beat: another that began before it may not be seen yet.
        self._leads = not begins and self._is_first()
        self._beat = asked
        self._holds_until = asked + STALE if self._leads else float("-inf")
        if self._leads != led:
            log.info("leads" if self._leads else "stands by", stage=self._role)
        return self._leads

    def _is_first(self) -> bool:
        assert self._store is not None
        return leading(self._store, within=SILENT, role=self._role) == self._id


def _seconds() -> float:
    asleep_too = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux has it
    return time.clock_gettime(asleep_too)
