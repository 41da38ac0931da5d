"""How often somebody may try to log in."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

FAILURES: Final = 10
WITHIN: Final = 300.0
"""Failures within so many seconds after which nothing more is tried."""
KNOWN: Final = 10_000
"""Addresses and names that are remembered; the one that failed longest ago goes first."""


class LoginAttempts:
    """Failures by whatever key they are counted by. Used from one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many addresses and names are in memory: KNOWN at most."""
        return len(self._failed)

    def wait(self, *keys: str) -> int:
        """Seconds until one may try again under all of the keys; 0: now."""
        now = self._clock()
        longest = 0.0
        for key in keys:
            times = self._failed.get(key)
            if times and len(times) == FAILURES:
                longest = max(longest, times[0] + WITHIN - now)
        return max(0, int(longest + 0.999))

    def failed(self, *keys: str) -> None:
        """One more failure under each key."""
        now = self._clock()
        for key in keys:
            times = self._failed.setdefault(key, deque(maxlen=FAILURES))
            times.append(now)
            self._failed.move_to_end(key)
        while len(self._failed) > KNOWN:
            self._failed.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """What failed before was a slip."""
        for key in keys:
            self._failed.pop(key, None)
