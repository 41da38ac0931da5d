"""What the processes of a stage had in hand, so that the next one can tell what kills them."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from infra.sql import load
from infra.store import Store

Key = tuple[str, int, int, int]
"""Topic, partition, offset, and of a part of the message the number of its first post."""
WHOLE: Final = -1
"""In place of that number: the whole message."""
ASIDE: Final[Key] = ("", 0, -1, -3)
"""Of no message: how many more posts the stage has set aside than it has handled others."""
_COLUMNS = ("stage", "consumers", "topic", "partition", "offset", "first", "version", "tries")
_BEGUN: Key = ("", 0, -1, -2)


class Attempts:
    """Marks of one stage's processes in one version of its consumer group. Raises as `Store` does.

    A later mark counts, also where the clock has jumped back. On brokers shared by several workers
    of a stage, one that begins reads what another has in hand as if that one had died at it: such
    messages are handled with care and counted one death too many, until they are done.
    """

    def __init__(
        self,
        store: Store,
        *,
        stage: str,
        consumers: str,
        nanoseconds: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store = store
        self._stage = stage
        self._consumers = consumers
        self._nanoseconds = nanoseconds
        self._version = 0

    def begin(self) -> dict[Key, int] | None:
        """Take note that a process began; tries by key that earlier ones left, None if there were
        no earlier ones."""
        rows = self._store.query(
            load("attempts"), {"stage": self._stage, "consumers": self._consumers}
        )
        self._version = max((row[5] for row in rows), default=0)
        found = {row[:4]: row[4] for row in rows}
        self.write({_BEGUN: 1})
        return {key: tries for key, tries in found.items() if key != _BEGUN} if found else None

    def write(self, tries: Mapping[Key, int]) -> None:
        """Remember how often each was tried; 0 is done. Durable on return."""
        if not tries:
            return
        self._version = max(self._nanoseconds(), self._version + 1)
        self._store.insert(
            "attempts",
            _COLUMNS,
            [
                (self._stage, self._consumers, *key, self._version, count)
                for key, count in tries.items()
            ],
        )
