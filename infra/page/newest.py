"""The overview, read once for all who ask at about the same time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from infra.page.overview import Overview, read_overview
from infra.page.place import Place
from infra.page.shares import Estimates
from infra.page.traffic import Traffic

FRESH: Final = 0.5
"""Seconds for which an overview is the newest: what is new is told once a second at most."""
KEPT: Final = 16


class Newest:
    """Thread-safe. Two hundred viewers cost what one does."""

    def __init__(
        self, place: Place, traffic: Traffic, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._place = place
        self._traffic = traffic
        self._clock = clock
        self._estimates = Estimates()
        self._locks: OrderedDict[tuple[int, str], Lock] = OrderedDict()
        self._lock = Lock()
        self._read: dict[tuple[int, str], tuple[float, Overview]] = {}

    def overview(self, *, hours: int, language: str) -> Overview:
        """Of all brands, at most FRESH old. Raises StoreError."""
        key = (hours, language)
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
            self._locks.move_to_end(key)
            while len(self._locks) > KEPT:
                gone, _ = self._locks.popitem(last=False)
                self._read.pop(gone, None)
        with lock:  # who comes meanwhile waits, and gets the same
            known = self._read.get(key)
            if known is not None and self._clock() - known[0] < FRESH:
                return known[1]
            made = read_overview(
                self._place, self._estimates, self._traffic, hours=hours, language=language
            )
            self._read[key] = (self._clock(), made)
            return made
