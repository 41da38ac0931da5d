"""What to look at, and when: so that a look costs what has changed and not what waits."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from infra.deliver.accounts import Account, Key


class Agenda:
    """Accounts and whole incidents to look at now, later, or when something ends."""

    def __init__(self) -> None:
        self.now: set[Key] = set()
        self.incidents: set[str] = set()  # at all receivers
        self._later: list[tuple[datetime, Key]] = []  # a heap; entries may be out of date
        self._waiting: dict[str, set[Key]] = {}

    def wait(self, account: Account, wake: datetime | None, waits_on: tuple[str, ...]) -> None:
        """Look at an account again then; this replaces what it waited for before."""
        if wake and wake != account.wake:
            heapq.heappush(self._later, (wake, account.key))
        account.wake = wake
        for name in account.waits_on:
            self._waiting.get(name, set()).discard(account.key)
        for name in waits_on:
            self._waiting.setdefault(name, set()).add(account.key)
        account.waits_on = waits_on

    def remind(self, key: Key, at: datetime) -> None:
        """Look at what has no account then."""
        heapq.heappush(self._later, (at, key))

    def ended(self, names: Iterable[str]) -> list[Key]:
        """What waited for these; it is to be looked at now."""
        found = [key for name in names for key in self._waiting.pop(name, ())]
        self.now.update(found)
        return found

    def due(self, now: datetime) -> list[tuple[datetime, Key]]:
        """What was to be looked at by now, with when, in or out of date."""
        found = []
        while self._later and self._later[0][0] <= now:
            found.append(heapq.heappop(self._later))
        return found

    def next(self) -> tuple[datetime, Key] | None:
        """The soonest entry, in or out of date."""
        return self._later[0] if self._later else None

    def drop(self) -> None:
        """Forget the soonest entry."""
        heapq.heappop(self._later)
