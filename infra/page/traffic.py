"""How fast posts come in, by what was seen to be stored lately."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from msgspec import Struct

OVER: Final = 30.0
"""Seconds that a rate is taken over."""


class Pace(Struct, frozen=True, kw_only=True):
    """Posts a second, and how long after they were published they were stored; None: none came."""

    posts_per_second: float
    stored_after_seconds: float | None


class Traffic:
    """What came lately. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._began = clock()
        self._seen: deque[tuple[float, int, float, float]] = deque()
        self._lock = Lock()

    def add(self, posts: int, seconds: float, *, within: float = 0.0) -> None:
        """So many posts came, so many seconds after they were published.

        `within`: in so many seconds, those that are known already among them; 0: since the last.
        """
        now = self._clock()
        with self._lock:
            if within:
                self._seen.clear()
                self._began = min(self._began, now - within)
            self._forget(now)  # here too: who looks for news counts while nobody asks
            self._seen.append((now, posts, seconds, within))

    @property
    def kept(self) -> int:
        """How many sightings are in memory: those of OVER."""
        return len(self._seen)

    def pace(self) -> Pace:
        """Of the last half minute, or since it is watched."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            seen = [
                # Of what came within a time, evenly, the part that came first is too old by now.
                (count * max(0.0, 1 - (now - at) / within) if within else count, seconds)
                for at, count, seconds, within in self._seen
            ]
        posts = sum(count for count, _ in seen)
        length = max(1.0, min(OVER, now - self._began))
        after = sum(count * seconds for count, seconds in seen) / posts if posts else None
        return Pace(posts_per_second=posts / length, stored_after_seconds=after)

    def _forget(self, now: float) -> None:
        while self._seen and now - self._seen[0][0] > OVER:
            self._seen.popleft()
