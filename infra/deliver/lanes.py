"""The ways to all receivers, and what comes of the attempts on them. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from infra.channels.channel import Limits
from infra.deliver.lane import Job, Lane
from infra.deliver.outcome import Made
from infra.deliver.records import Notice
from infra.receivers import Receiver

Key = tuple[str, str, int]
"""Receiver, notice and request: what is attempted, whichever attempt it is."""


class Lanes:
    """A lane for each receiver. What is said of others, as of those taken out, is ignored."""

    def __init__(self, receivers: Sequence[Receiver], limits: Callable[[Receiver], Limits]) -> None:
        self._lanes = {each.name: Lane(limits(each).per_minute) for each in receivers}

    def __len__(self) -> int:
        """Notices that have not ended."""
        return sum(len(lane) for lane in self._lanes.values())

    def add(self, jobs: Iterable[tuple[str, Job]]) -> None:
        """What is to be sent, by receiver and in order."""
        for receiver, job in jobs:
            self._lanes[receiver].add(job)

    def pause(self, disabled: Collection[str]) -> None:
        """These receivers get nothing until it is said that they do; the others do."""
        for receiver, lane in self._lanes.items():
            lane.is_paused = receiver in disabled

    def take(self, now: datetime) -> list[tuple[str, Job]]:
        """Everything that is to be attempted at `now`, which is then in flight."""
        taken = []
        for receiver, lane in self._lanes.items():
            while job := lane.take(now):
                taken.append((receiver, job))
        return taken

    def next_at(self, now: datetime) -> list[datetime]:
        """When something may be due, of each receiver for which that is a matter of time."""
        return [at for lane in self._lanes.values() if (at := lane.next_at(now))]

    def stuck(self) -> dict[tuple[str, str], bool]:
        """Receivers and incidents of which a message was not taken and is tried again, or is so no
        longer: what is new since it was asked."""
        return {
            (receiver, incident): is_so
            for receiver, lane in self._lanes.items()
            for incident, is_so in lane.stuck().items()
        }

    def waiting(self, receiver: str) -> list[Notice]:
        """What has not ended there."""
        lane = self._lanes.get(receiver)
        return lane.waiting() if lane else []

    def hold(self, key: Key, attempts: int | None) -> bool:
        """Take it for in flight, if that is news: `attempts` were on record when it was begun, and
        are still. None: the attempt has not ended, so nobody knows."""
        lane = self._lanes.get(key[0])
        job = lane.job(key[1:]) if lane else None
        if not lane or not job or (attempts is not None and attempts < job.attempts):
            return False
        lane.hold(job.key)
        return True

    def give_back(self, key: Key) -> None:
        """It was not attempted: it is due as before."""
        lane = self._lanes.get(key[0])
        job = lane.job(key[1:]) if lane else None
        if lane and job:
            lane.again(job.key, job.due_at, attempts=job.attempts)

    def ended(self, key: Key, made: Made, flying: Collection[Key]) -> None:
        """Its attempt is on record: it is due again, or ends and lets what waits for it go on."""
        receiver, notice_id, request = key
        lane = self._lanes.get(receiver)
        if lane is None:
            return
        if made.delivery.outcome == "retry":
            again = made.delivery.next_at
            lane.again((notice_id, request), again, attempts=made.job.attempts + 1)
            lane.is_paused |= made.is_gone
            return
        lane.end((notice_id, request))
        # A notice that a person had sent again is there, whatever it was still waiting for.
        flies = (receiver, notice_id, 0) in flying
        if request and made.delivery.outcome == "delivered" and not flies:
            lane.end((notice_id, 0))
