"""Hours are counted before anyone asks for a month of them, beside other work."""

import time
from collections.abc import Callable
from typing import Final

from infra.hours import HourCounter
from infra.store import Store

PAUSE: Final = 30.0
"""Seconds between two rounds: hours that were written to since are read from posts, and the hour
that runs is so anyway. A round takes a tenth of a second and more of CPU."""
SHARE: Final = 20.0
"""Pauses are this many times as long as steps: they must not hold up alerts."""


class Hours:
    """Counts some hours, if it is time to. Nothing is wrong where it is late or never comes."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._counter = HourCounter(store, clock=clock)
        self._clock = clock
        self._next = float("-inf")

    def refresh(self) -> None:
        """A step, if it is time for one. Raises StoreError; the next one begins a round anew."""
        begun = self._clock()
        if begun < self._next:
            return
        more = self._counter.step()
        ended = self._clock()
        self._next = ended + max(0.0 if more else PAUSE, SHARE * (ended - begun))
