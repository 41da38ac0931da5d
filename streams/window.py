"""What a feed has sent and not yet seen on disk, in order."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime


class Window:
    """Rows in flight, by position in the order they were sent.

    >>> from datetime import datetime, UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> window = Window(done=set(), durable=0)
    >>> window.sent(0, noon); window.sent(1, noon)
    >>> window.settle([1]); window.durable, window.in_flight
    (0, 2)
    >>> window.settle([0]); window.durable, window.in_flight
    (2, 0)
    """

    def __init__(self, *, done: set[int], durable: int) -> None:
        """`done`: positions with a receipt, at or after `durable`; all before it have one."""
        self._done = done
        self._rows: deque[tuple[int, datetime]] = deque()
        self.durable = durable
        self.next = durable
        self._advance()

    def is_done(self, position: int) -> bool:
        """Whether the row needs no sending."""
        return position < self.durable or position in self._done

    def sent(self, position: int, at: datetime) -> None:
        """The row that arrived at `at` is on its way."""
        self._rows.append((position, at))
        self.next = position + 1

    def settle(self, receipts: Iterable[int]) -> None:
        """These rows are on disk."""
        self._done.update(position for position in receipts if position >= self.durable)
        while self._rows and self._rows[0][0] in self._done:
            self.durable = self._rows.popleft()[0] + 1
        self._advance()

    def clock(self, now: datetime) -> datetime:
        """Everything that arrived before this moment is on disk; `now` is the feed's own clock."""
        return min(now, self._rows[0][1]) if self._rows else now

    @property
    def in_flight(self) -> int:
        """Rows sent and not yet known to be on disk, or behind one that is not."""
        return len(self._rows)

    def _advance(self) -> None:
        if self._rows:
            self._done = {position for position in self._done if position >= self.durable}
            return
        while self.durable in self._done:
            self._done.discard(self.durable)
            self.durable += 1
