"""What every local platform can do for the contract suite."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from infra.feeds.feed import Feed


class Platform(Protocol):
    """A platform on loopback that speaks the real one's wire format."""

    can: frozenset[str]
    """Of: edit, delete, gap, malformed, limit."""
    feed: Feed
    settings: Any

    def running(self) -> AbstractAsyncContextManager[None]:
        """Serve; `settings` name the address from then on."""
        ...

    def heard(self) -> bool:
        """Whether somebody listens to a stream; where there is none, False."""
        ...

    async def post(self, number: int) -> None:
        """Somebody writes `post NUMBER`."""
        ...

    async def edit(self, number: int) -> None:
        """They change it to `edited NUMBER`."""
        ...

    async def delete(self, number: int) -> None:
        """They take it back."""
        ...

    async def garble(self) -> None:
        """The platform sends what cannot be read."""
        ...

    async def limit(self, wait: int) -> None:
        """It refuses the next request and asks to wait so long."""
        ...

    async def forget(self) -> None:
        """All there was is not to be had any more, as after a long absence."""
        ...

    async def hang_up(self) -> None:
        """Connections end."""
        ...
