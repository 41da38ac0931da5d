"""Ways out that are opened anew: an attempt ends by those it began with, then they are closed."""

import asyncio
from datetime import UTC, datetime

from infra.channels.channel import Limits
from infra.channels.current_channels import CurrentChannels
from infra.channels.sample import sample_letter
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver, SlackReceiver

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECEIVER = SlackReceiver.model_validate({"name": "a", "type": "slack", "url": "https://x.com/1"})
LETTER = sample_letter("test_1", NOON)


class Ways:
    """Ways whose attempts end when told."""

    def __init__(self, entries: int = 1) -> None:
        self.end = asyncio.Event()
        self.entries = entries
        self.begun = self.closed = 0

    def limits(self, receiver: Receiver) -> Limits:
        return Limits(entries=self.entries)

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        assert not self.closed
        self.begun += 1
        await self.end.wait()
        assert not self.closed
        return Attempt(outcome="delivered", status=self.entries)

    async def close(self) -> None:
        self.closed += 1


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_an_attempt_under_way_keeps_its_ways_open() -> None:
    async def play() -> None:
        old, new = Ways(1), Ways(2)
        channels = CurrentChannels(old)
        under_way = [
            asyncio.create_task(channels.send(RECEIVER, LETTER, now=NOON)) for _ in range(2)
        ]
        await turns()
        await channels.renew(new)
        assert channels.limits(RECEIVER).entries == 2
        new.end.set()
        assert (await channels.send(RECEIVER, LETTER, now=NOON)).status == 2
        assert (old.begun, old.closed, new.begun) == (2, 0, 1)
        old.end.set()
        assert [(await one).status for one in under_way] == [1, 1]
        assert (old.closed, new.closed) == (1, 0)
        await channels.close()
        assert new.closed == 1

    asyncio.run(play())


def test_ways_that_nobody_uses_are_closed_at_once() -> None:
    async def play() -> None:
        old = Ways()
        await CurrentChannels(old).renew(Ways())
        assert old.closed == 1

    asyncio.run(play())


def test_an_attempt_that_is_broken_off_lets_go_as_well() -> None:
    async def play() -> None:
        old = Ways()
        channels = CurrentChannels(old)
        under_way = asyncio.create_task(channels.send(RECEIVER, LETTER, now=NOON))
        await turns()
        await channels.renew(Ways())
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)
        assert old.closed == 1

    asyncio.run(play())
