"""What a deliverer is given of the world."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import NamedTuple, Protocol

from infra.channels.channel import Limits
from infra.deliver.failing import Report, report_to_nobody
from infra.deliver.leader import Alone, Leader
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver


class Ways(Protocol):
    """The ways to receivers: `infra.channels.open_channels.Channels`."""

    def limits(self, receiver: Receiver) -> Limits:
        """What its platform takes."""
        ...

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """One attempt; never raises for what the receiver or the network does."""
        ...


class Around(NamedTuple):
    """Clock, chance, and who else there is."""

    clock: Callable[[], datetime]  # wall clock in UTC: receivers refuse signatures 5 min off
    random: Random
    leader: Leader = Alone()
    report: Report = report_to_nobody  # hears how long each receiver has been failing
