"""A stage's signs of life: what it acknowledged, what it has in hand. Read by the watchdog."""

import asyncio
from collections.abc import Iterable, Sequence
from threading import Lock

from streams.wire import Message

Place = tuple[str, int]
"""Topic and partition."""


class Pulse:
    """Written on the event loop of a stage, read by a thread that must not depend on it."""

    def __init__(self, stage: str, topics: Sequence[str]) -> None:
        self.stage = stage
        self.topics = tuple(topics)
        self.beats = 0  # signs of life; only whether it has changed matters
        self.patience = 1.0  # share of the usual time that the work in hand may take
        self._lock = Lock()
        self._positions: dict[Place, int] = {}
        self._in_hand = ""
        self._holding = False

    @property
    def in_hand(self) -> str:
        """The work in hand, in words; empty if there is none."""
        return self._in_hand

    @property
    def positions(self) -> dict[Place, int]:
        """Of each partition the offset behind the last message acknowledged."""
        with self._lock:
            return dict(self._positions)

    def alive(self) -> None:
        """A sign of life: a part is done, or a sink that is away was asked again."""
        self.beats += 1

    def begin(self, batch: Sequence[Message], *, patience: float = 1.0) -> None:
        """`batch` is in hand from now on."""
        self._in_hand = in_words(batch)
        self.patience = patience
        self.beats += 1

    def acknowledged(self, batch: Iterable[Message]) -> None:
        """All of `batch` is done, and nothing is in hand."""
        with self._lock:
            for message in batch:
                place = message.topic, message.partition
                self._positions[place] = max(self._positions.get(place, 0), message.offset + 1)
        self._in_hand = ""
        self.patience = 1.0
        self.beats += 1

    def hold(self) -> None:
        """Take nothing into hand any more: the process is about to end."""
        self._holding = True

    async def turn(self) -> None:
        """Returns when something may be taken into hand; never once the process is to end."""
        if self._holding:
            await asyncio.Event().wait()


def in_words(batch: Sequence[Message]) -> str:
    """Which messages these are.

    >>> in_words([])
    'nothing'
    """
    ranges: dict[Place, list[int]] = {}
    for message in batch:
        ranges.setdefault((message.topic, message.partition), []).append(message.offset)
    return (
        ", ".join(
            f"{topic}/{partition} {min(offsets)}"
            + (f" to {max(offsets)}" if len(offsets) > 1 else "")
            for (topic, partition), offsets in ranges.items()
        )
        or "nothing"
    )
