"""What takes long to read, read beside those who ask for it."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """What was read last. Thread-safe. Somebody has to call `look` every so often."""

    def __init__(self, read: Callable[[], T], *, every: float, clock: Callable[[], float]) -> None:
        """`every`: seconds between two looks, counted by `clock`."""
        self._read = read
        self._every = every
        self._clock = clock
        self._known: tuple[float, T] | None = None
        self._is_wanted = True
        self._lock = Lock()

    def get(self) -> T:
        """At most twice `every` old: read here only where nobody has asked for it for so long."""
        self._is_wanted = True
        known = self._fresh()
        if known is None:
            with self._lock:  # who comes meanwhile waits, and gets the same
                known = self._fresh() or self._renewed()
        return known[1]

    def look(self) -> None:
        """Read it anew, if it was asked for since."""
        if self._is_wanted:
            with self._lock:
                self._is_wanted = False
                self._renewed()

    def _fresh(self) -> tuple[float, T] | None:
        known = self._known
        return known if known and self._clock() - known[0] <= 2 * self._every else None

    def _renewed(self) -> tuple[float, T]:
        self._known = (self._clock(), self._read())
        return self._known
