"""What to look at, and when: so that a look costs what has changed and not what waits."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from infra.deliver.accounts import Account, Cause, Key


class Agenda:
    """Accounts and whole incidents to look at now, later, or when something ends."""

    def __init__(self) -> None:
        self.now: set[Key] = set()
        self.incidents: set[str] = set()  # at all receivers
        self._later: list[tuple[datetime, Key]] = []  # a heap; entries may be out of date
        self._waiting: dict[Cause, set[Key]] = {}

    def wait(self, account: Account, wake: datetime | None, waits_on: tuple[Cause, ...]) -> None:
        """Look at an account again then; this replaces what it waited for before."""
        if wake and wake != account.wake:
            heapq.heappush(self._later, (wake, account.key))
        account.wake = wake
        for name in account.waits_on:
            keys = self._waiting.get(name, set())
            keys.discard(account.key)
            if not keys:
                self._waiting.pop(name, None)
        for name in waits_on:
            self._waiting.setdefault(name, set()).add(account.key)
        account.waits_on = waits_on

    def remind(self, key: Key, at: datetime) -> None:
        """Look at what has no account then."""
        heapq.heappush(self._later, (at, key))

    def ended(self, names: Iterable[Cause]) -> None:
        """What waited for these; it is to be looked at now."""
        for name in names:
            self.now |= self._waiting.pop(name, set())

    def muting(self) -> set[Key]:
        """The larger incidents that smaller ones wait for."""
        return {(name[1], name[2]) for name in self._waiting if name[0] == "incident"}

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
