"""The seam to a way out."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from infra.deliver.records import Attempt, Kind, Letter
from infra.receivers import Receiver

ALL: frozenset[Kind] = frozenset(("opened", "updated", "resolved", "escalated", "repeated", "test"))
"""What every way out tells; `acknowledged` only those that have a word for it."""


class UnusableError(Exception):
    """A receiver is set so that nothing can be sent to it; the message says what to mend."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a platform takes."""

    entries: int  # incidents in one message; 1: no digests
    per_minute: int | None = None  # messages
    takes: frozenset[Kind] = ALL


class Request(Struct, frozen=True, kw_only=True):
    """One POST."""

    url: str
    body: bytes
    headers: dict[str, str]  # with content-type

    def __repr__(self) -> str:
        """Without address and headers: they are as good as passwords."""
        return f"Request({len(self.body)} bytes)"


class Channel(Protocol):
    """A way to one type of receiver."""

    limits: Limits

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt; never raises for anything the receiver, its address or the network does.

        `now` is the wall clock. An attempt ends within 30 s.
        """
        ...

    async def close(self) -> None:
        """Let go of connections. Idempotent."""
        ...


class Ways(Protocol):
    """The ways to receivers of all types: `infra.channels.open_channels.Channels`."""

    def limits(self, receiver: Receiver) -> Limits:
        """What its platform takes."""
        ...

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt; never raises for anything the receiver or the network does."""
        ...

    async def close(self) -> None:
        """Let go of connections. Idempotent."""
        ...
