"""What many ask for at about the same time, read once for all of them."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from infra.page.health import Health, read_health
from infra.page.overview import read_overview
from infra.page.overview_records import Overview
from infra.page.place import Place
from infra.page.shares import Estimates
from infra.page.traffic import Traffic

FRESH: Final = 0.5
"""Seconds for which an overview is the newest: what is new is told once a second at most."""
HEALTH_FRESH: Final = 2.0
BACKTEST_FRESH: Final = 300.0
KEPT: Final = 32
FIVE: Final = timedelta(minutes=5)


class Newest:
    """Thread-safe. Two hundred viewers cost what one does."""

    def __init__(
        self, place: Place, traffic: Traffic, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds that never go back."""
        self._place = place
        self._traffic = traffic
        self._clock = clock
        self._estimates = Estimates()
        self._locks: OrderedDict[Hashable, Lock] = OrderedDict()
        self._lock = Lock()
        self._read: dict[Hashable, tuple[float, Any]] = {}

    def overview(self, *, hours: int, language: str) -> Overview:
        """Of all brands, at most FRESH old. Raises StoreError."""
        found: Overview = self._once(
            ("overview", hours, language),
            FRESH,
            lambda: read_overview(
                self._place, self._estimates, self._traffic, hours=hours, language=language
            ),
        )
        return found

    def health(self) -> Health:
        """At most HEALTH_FRESH old. Raises StoreError."""
        found: Health = self._once(
            "health", HEALTH_FRESH, lambda: read_health(self._place, self._traffic)
        )
        return found

    def backtest(
        self, brand: str, *, days: int, sensitivity: str, until: datetime
    ) -> dict[str, Any]:
        """A brand's past up to the last five minutes. Takes seconds. Raises Refused."""
        end = until - (until - until.replace(minute=0, second=0, microsecond=0)) % FIVE

        def work() -> dict[str, Any]:
            actions, store = self._place.actions, self._place.store
            return actions.backtest(store, brand, days=days, sensitivity=sensitivity, until=end)

        key = ("backtest", brand, days, sensitivity, end)
        found: dict[str, Any] = self._once(key, BACKTEST_FRESH, work)
        return found

    def _once(self, key: Hashable, fresh: float, work: Callable[[], Any]) -> Any:
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
            self._locks.move_to_end(key)
            while len(self._locks) > KEPT:
                gone, _ = self._locks.popitem(last=False)
                self._read.pop(gone, None)
        with lock:  # who comes meanwhile waits, and gets the same
            known = self._read.get(key)
            if known is not None and self._clock() - known[0] < fresh:
                return known[1]
            made = work()
            self._read[key] = (self._clock(), made)
            return made
