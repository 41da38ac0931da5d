"""Crowd or pipe: whether a bucket's counts are what people said, when nobody watches the feed.

Many people do not fall silent in the same minute, a pipe does. So a run of buckets without any post
is a gap once twelve were to be expected in it (chance: 6 in a million), and the buckets after it
are a catch-up for as long as it lasted, six hours at most: what was held back may come then.
Whoever watches the feed knows better and says so.
"""

from typing import Final

from msgspec import Struct

from forecasting.records import Quality

CERTAIN: Final = 12.0  # posts expected in a run without any
SHORTEST: Final = 6  # buckets: half an hour
LONGEST_WAIT: Final = 144  # buckets without a post after which nothing is expected any more
LONGEST_CATCH_UP: Final = 72


class Run(Struct, frozen=True, array_like=True):
    """What is known of the feed from the counts alone. The default is a new one."""

    empty: int = 0  # buckets without a post in a row
    missed: float = 0.0  # posts that were expected in them
    catching_up: int = 0  # buckets of a catch-up to come

    @property
    def is_gap(self) -> bool:
        """Whether the run of empty buckets is the pipe's."""
        long = self.empty >= SHORTEST and self.missed >= CERTAIN
        return long or self.empty >= LONGEST_WAIT


def infer(run: Run, volume: int, expected: float) -> tuple[Run, Quality]:
    """The next bucket's quality from its volume and how many posts were expected in it."""
    if not volume:
        if run.empty >= LONGEST_WAIT:
            return run, "gap"
        run = Run(run.empty + 1, run.missed + expected, run.catching_up)
        return run, "gap" if run.is_gap else "ok"
    left = min(run.empty, LONGEST_CATCH_UP) if run.is_gap else run.catching_up
    return Run(catching_up=max(left - 1, 0)), "catch_up" if left else "ok"
