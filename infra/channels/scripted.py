"""Ways out that do what they are told to, for tests and measurements: nothing is sent."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from infra.channels.channel import Limits
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver

Plan = Callable[[Receiver, Letter], Awaitable[Attempt]]
DELIVERED = Attempt(outcome="delivered", status=200)
ONE = Limits(entries=1)


class ScriptedChannels:
    """In the place of `infra.channels.open_channels.Channels`.

    `plan` says what becomes of each attempt, `limits` what receivers of a type take.
    """

    def __init__(
        self, plan: Plan | Attempt = DELIVERED, *, limits: Mapping[str, Limits] | None = None
    ) -> None:
        self._plan = plan
        self._limits = limits or {}
        self.sent: list[tuple[str, Letter]] = []  # receiver and letter, in the order they began
        self.at: list[datetime] = []  # when each began

    @property
    def ids(self) -> list[tuple[str, str]]:
        """Receiver and notice of every attempt, in the order they began."""
        return [(receiver, letter.notice_id) for receiver, letter in self.sent]

    def limits(self, receiver: Receiver) -> Limits:
        """Those of its type, or those of a webhook."""
        return self._limits.get(receiver.type, ONE)

    async def send(self, receiver: Receiver, letter: Letter, *, now: datetime) -> Attempt:
        """What the plan says."""
        self.sent.append((receiver.name, letter))
        self.at.append(now)
        if isinstance(self._plan, Attempt):
            return self._plan
        return await self._plan(receiver, letter)

    async def close(self) -> None:
        """Nothing to let go of."""
