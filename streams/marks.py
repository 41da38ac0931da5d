"""What a process notes of its work for the one after it: what is in hand, and how it fares.

Written with `infra.attempts`, in one writing with what is to be taken back.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from infra.attempts import ASIDE, WHOLE, Attempts, Key
from streams.line import patiently
from streams.pulse import Pulse
from streams.wire import Message

Identity = tuple[str, int, int]
"""Topic, partition and offset of a message."""
log = structlog.get_logger()
LAST_WRITING = 3.0
"""Seconds for taking marks back when the process ends: what it waits for may be what is ill."""
BROKEN_AFTER = 3
"""Posts set aside, more than others were handled, by all processes: then the stage is broken."""


class Marks:
    """The marks of one process. Writing waits for a database that is away."""

    def __init__(self, attempts: Attempts, pulse: Pulse) -> None:
        self._attempts = attempts
        self._pulse = pulse
        self._done: dict[Key, int] = {}  # to be taken back with the next writing
        self._in_hand: Mapping[Key, int] = {}  # with the deaths before
        self._handled = 0
        self._given_up = 0  # by this process, and by earlier ones what they did not make up for
        self._aside = 0  # the difference, as marked

    @property
    def left(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._done or self._aside)

    @property
    def broken(self) -> bool:
        """Whether the stage has set so many posts aside that it is the stage which is broken."""
        return self._given_up >= BROKEN_AFTER + self._handled

    async def begin(self) -> dict[Key, int] | None:
        """The deaths that earlier processes left, None if there were no such processes."""
        found = await asyncio.to_thread(self._attempts.begin)
        if found is not None:
            self._given_up = self._aside = found.pop(ASIDE, 0)
        return found

    async def take(self, deaths: Mapping[Key, int], *, most: int) -> None:
        """Mark as in hand what has so many deaths behind it; marks go up to `most`."""
        self._in_hand = deaths
        await self.write({key: min(before + 1, most) for key, before in deaths.items()})

    def handled(self, messages: int) -> None:
        """So many messages, all that was in hand, are done; 0: they can't be, and nobody died."""
        self._handled += messages
        self.done(self._in_hand)
        self._in_hand = {}

    def done(self, keys: Mapping[Key, int] | set[Key]) -> None:
        """Take these marks back with the next writing."""
        self._done.update(dict.fromkeys(keys, 0))

    async def set_aside(self, key: Key, mark: int, *, again: bool) -> None:
        """A post was; `again`: not for the first time."""
        self._given_up += not again
        self._done.pop(key, None)
        await self.write({key: mark})

    async def start_anew(self) -> None:
        """All goes well: what was set aside weighs nothing any more."""
        self._handled = self._given_up = 0
        await self.write({})

    async def release(self) -> None:
        """Take back the marks of what is in hand, which is not to blame for the end of the process.

        Tried once, and not for long. Idempotent.
        """
        rows = {**self._done, **self._in_hand}
        self._in_hand = {}
        try:
            writing = asyncio.to_thread(self._attempts.write, rows)
            await asyncio.wait_for(writing, LAST_WRITING)
        except Exception as error:  # noqa: BLE001 - the process ends with the marks or without them
            log.error("marks remain", stage=self._pulse.stage, error=type(error).__name__)

    async def write(self, marks: Mapping[Key, int]) -> None:
        """Write these, with those that are to be taken back, and how the stage fares."""
        aside = max(0, self._given_up - self._handled)
        if aside != self._aside:
            self._done[ASIDE] = self._aside = aside
        rows = {**self._done, **marks}

        async def write(_: Sequence[Message]) -> None:
            await asyncio.to_thread(self._attempts.write, rows)

        await patiently(self._pulse.stage, write, [], alive=self._pulse.alive)
        self._done.clear()


def identity(message: Message) -> Identity:
    """Where the message lies."""
    return message.topic, message.partition, message.offset


def key_of(message: Message) -> Key:
    """The mark of a message, or of a part of it."""
    return (*identity(message), message.first if message.single else WHOLE)
