"""How many messages a receiver takes a minute, and who stands in line when there are more."""

import heapq
from datetime import datetime, timedelta

from infra.deliver.accounts import Key
from infra.deliver.cases import Rank

MINUTE = timedelta(minutes=1)


class Pace:
    """Of one receiver that takes `per_minute` messages in any minute.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> pace = Pace()
    >>> pace.sent(noon)
    >>> pace.free(2, noon), pace.free(1, noon), pace.free(1, noon + MINUTE)
    (1, 0, 1)
    """

    def __init__(self) -> None:
        self._sent: list[datetime] = []  # a heap
        self._line: list[tuple[Rank, Key]] = []  # a heap: the largest first
        self.standing: set[Key] = set()
        self.called: datetime | None = None  # when the line is next called

    def sent(self, at: datetime) -> None:
        """A message was decided."""
        heapq.heappush(self._sent, at)
        self._drop(at)

    def free(self, per_minute: int, now: datetime) -> int:
        """Messages that may go now."""
        self._drop(now)
        return max(0, per_minute - len(self._sent))

    def _drop(self, now: datetime) -> None:
        while self._sent and self._sent[0] <= now - MINUTE:
            heapq.heappop(self._sent)

    def next_free(self) -> datetime | None:
        """When one more may go; None: whenever it likes. After `free`."""
        return self._sent[0] + MINUTE if self._sent else None

    def stand(self, rank: Rank, key: Key) -> None:
        """Wait for a place, behind what is larger."""
        if key not in self.standing:
            self.standing.add(key)
            heapq.heappush(self._line, (rank, key))

    def next(self, most: int) -> list[Key]:
        """The first in line, who leave it."""
        found: list[Key] = []
        while self._line and len(found) < most:
            _, key = heapq.heappop(self._line)
            if key in self.standing:
                self.standing.discard(key)
                found.append(key)
        return found
