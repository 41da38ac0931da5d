"""Reading once for all who ask at about the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final

from msgspec import Struct

KEPT: Final = 32


class _Read(Struct, frozen=True):
    """What was read."""

    value: Any
    until: float  # when it is too old by itself
    turn: int | None  # how often there had been news when it began; None: it lasts


class Once:
    """What was read lately, by key. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._lock = Lock()
        self._locks: OrderedDict[Hashable, Lock] = OrderedDict()
        self._known: dict[Hashable, _Read] = {}
        self._turn = 0

    @property
    def kept(self) -> int:
        """How many answers are in memory."""
        return len(self._known)

    def forget(self) -> None:
        """There is news: who comes from now on gets what is read from now on."""
        with self._lock:
            self._turn += 1
            now = self._clock()
            for key, read in list(self._known.items()):
                if read.turn is not None or read.until <= now:
                    del self._known[key]

    def read(
        self, key: Hashable, fresh: float, work: Callable[[], Any], *, lasts: bool = False
    ) -> Any:
        """What `work` gives, or gave less than `fresh` seconds ago and after the last news.

        `lasts`: news does not matter to it. Raises what `work` does.
        """
        with self._lock:
            came = self._turn
            lock = self._locks.setdefault(key, Lock())
            self._locks.move_to_end(key)
            while len(self._locks) > KEPT:
                gone, _ = self._locks.popitem(last=False)
                self._known.pop(gone, None)
        with lock:  # who comes meanwhile waits, and gets the same
            known = self._known.get(key)
            # Read since this one came, if not since the news: else many would wait for each.
            is_new = known is not None and (known.turn is None or known.turn >= came)
            if known is not None and is_new and self._clock() < known.until:
                return known.value
            turn = None if lasts else self._turn
            made = work()
            with self._lock:
                if key in self._locks:  # else others came in its place meanwhile
                    self._known[key] = _Read(made, self._clock() + fresh, turn)
            return made
