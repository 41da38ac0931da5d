"""Times as the database takes them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

TICK: Final = timedelta(milliseconds=1)
"""Of the database's clock."""


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware time."""
    return round(moment.timestamp() * 1000)


def rising(now: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock of which no two times are the same, and none is before another, whatever `now` does.

    For rows of which the newest counts. From any thread.

    >>> from datetime import UTC
    >>> clock = rising(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock() < clock()
    True
    """
    last: list[datetime] = []
    lock = Lock()

    def clock() -> datetime:
        with lock:
            last[:] = [max([now(), *(one + TICK for one in last)])]
            return last[0]

    return clock
