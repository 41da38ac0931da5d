"""Ways out that are opened anew, with other settings, while attempts are under way."""

from collections import Counter
from datetime import datetime

from infra.channels.channel import Limits, Ways
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver


class CurrentChannels:
    """Sends by the newest ways; those before them are closed when their last attempt has ended.

    Lives on one event loop.
    """

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._busy: Counter[int] = Counter()  # attempts under way, by the id of their ways

    def limits(self, receiver: Receiver) -> Limits:
        """What its platform takes."""
        return self._ways.limits(receiver)

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt, to its end by the ways that it began with."""
        ways = self._ways
        self._busy[id(ways)] += 1
        try:
            return await ways.send(receiver, letter, now=now)
        finally:
            self._busy[id(ways)] -= 1
            await self._put_away(ways)

    async def renew(self, ways: Ways) -> None:
        """Send by these from now on."""
        before, self._ways = self._ways, ways
        await self._put_away(before)

    async def close(self) -> None:
        """Let go of the connections of the newest. Idempotent."""
        await self._ways.close()

    async def _put_away(self, ways: Ways) -> None:
        if ways is not self._ways and not self._busy[id(ways)]:
            del self._busy[id(ways)]
            await ways.close()
