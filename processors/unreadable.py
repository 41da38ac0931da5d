"""How many of the last posts could not be read: too many mean that a giver sends something else."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

LEAST: Final = 2_000
"""Posts before which nothing is said, and over which the share is taken."""


class Unreadable:
    """The share of dead letters among the last LEAST posts or a few more; `most` is allowed."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._batches: deque[tuple[int, Counter[str]]] = deque()
        self._posts = 0
        self._dead: Counter[str] = Counter()

    def add(self, reasons: Sequence[str]) -> str:
        """Take in a batch: of each post the reason why it is dead, empty if it is not.

        Returns what to tell once there are too many, else an empty string.
        """
        dead = Counter(filter(None, reasons))
        self._batches.append((len(reasons), dead))
        self._posts += len(reasons)
        self._dead += dead
        while self._posts - self._batches[0][0] >= LEAST:
            posts, old = self._batches.popleft()
            self._posts -= posts
            self._dead -= old
        if self._posts < LEAST or self._dead.total() <= self._most * self._posts:
            return ""
        why = ", ".join(f"{reason} {count:,}" for reason, count in self._dead.most_common(3))
        return (
            f"{self._dead.total():,} of the last {self._posts:,} posts could not be read ({why}): "
            "mend what is written to posts.raw (groundswell dlq show), or allow it with "
            "GROUNDSWELL_DEAD_SHARE=1"
        )
