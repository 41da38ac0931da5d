"""The way to one receiver: what is next, in order for each incident. Pure.

No call looks at more than what it is about: a hundred thousand notices that wait cost nothing.
"""

from collections import deque
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple

from infra.deliver.outbox import RESEND, incident_of
from infra.deliver.records import Notice

IN_FLIGHT: Final = 4
"""Attempts at one receiver at a time."""
MINUTE: Final = timedelta(minutes=1)


class Job(NamedTuple):
    """The next attempt of a notice."""

    notice: Notice
    attempts: int  # already made
    due_at: datetime
    request: int = 0  # of a person who wants it sent again; 0: the notice's own schedule

    @property
    def key(self) -> tuple[str, int]:
        """What is attempted, whichever attempt it is."""
        return self.notice.notice_id, self.request

    @property
    def number(self) -> int:
        """The number of the attempt on record."""
        return self.request * RESEND + self.attempts + 1

    @property
    def incidents(self) -> frozenset[str]:
        """Those it has to keep in order. What a person asks for waits for nothing."""
        if self.request:
            return frozenset()
        return frozenset(incident_of(each.event_id) for each in self.notice.said)


class Lane:
    """Jobs of one receiver. A job waits until those before it that share an incident have ended.

    `per_minute` is how many messages its platform takes; None: any number.
    """

    def __init__(self, per_minute: int | None = None) -> None:
        self.is_paused = False  # nothing goes out until a person says so
        self._per_minute = per_minute
        self._jobs: dict[tuple[str, int], Job] = {}
        self._lines: dict[str, deque[tuple[str, int]]] = {}  # by incident, in order
        self._ready: list[tuple[datetime, int, tuple[str, int]]] = []
        self._in_flight: set[tuple[str, int]] = set()
        self._begun: deque[datetime] = deque()  # within the last minute
        self._stuck: dict[str, bool] = {}  # incidents, what is news of them
        self._count = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def waiting(self) -> list[Notice]:
        """Everything that has not ended."""
        return [job.notice for job in self._jobs.values()]

    def add(self, job: Job) -> None:
        """Behind all that is there. One that is there already stays as it is."""
        if job.key in self._jobs:
            return
        self._jobs[job.key] = job
        self._stick(job)
        for incident in job.incidents:
            self._lines.setdefault(incident, deque()).append(job.key)
        self._offer(job)

    def job(self, key: tuple[str, int]) -> Job | None:
        """What there is of it."""
        return self._jobs.get(key)

    def take(self, now: datetime) -> Job | None:
        """One to attempt at `now`, which is then in flight; None if there is none."""
        if self.is_paused or len(self._in_flight) >= IN_FLIGHT or self._free_at(now) > now:
            return None
        while self._ready and self._ready[0][0] <= now:
            key = heappop(self._ready)[-1]
            job = self._jobs.get(key)
            if job is not None and key not in self._in_flight and job.due_at <= now:
                self._in_flight.add(key)
                self._begun.append(now)
                return job
        return None

    def hold(self, key: tuple[str, int]) -> None:
        """It is in flight already: an attempt that is not on record yet."""
        self._in_flight.add(key)

    def again(self, key: tuple[str, int], due_at: datetime, *, attempts: int) -> None:
        """Its attempt has ended, or was none: the next is due at `due_at`."""
        self._in_flight.discard(key)
        job = self._jobs.get(key)
        if job is not None:
            self._jobs[key] = job = job._replace(attempts=attempts, due_at=due_at)
            self._stick(job)
            self._offer(job)

    def end(self, key: tuple[str, int]) -> None:
        """Nothing more of it is sent; those behind it go on."""
        self._in_flight.discard(key)
        job = self._jobs.pop(key, None)
        if job is None:
            return
        for incident in job.incidents:
            if job.attempts:
                self._stuck[incident] = False
            line = self._lines[incident]
            line.remove(key)  # mostly the first
            if line:
                self._offer(self._jobs[line[0]])
            else:
                del self._lines[incident]

    def stuck(self) -> dict[str, bool]:
        """Incidents of which a message was not taken and is tried again, or is so no longer: what
        is new since it was asked."""
        news, self._stuck = self._stuck, {}
        return news

    def next_at(self, now: datetime) -> datetime | None:
        """When something may be due; None: not before an attempt ends or a person says so."""
        if self.is_paused or len(self._in_flight) >= IN_FLIGHT:
            return None
        while self._ready and self._is_stale(*self._ready[0]):
            heappop(self._ready)
        return max(self._ready[0][0], self._free_at(now)) if self._ready else None

    def _stick(self, job: Job) -> None:
        if job.attempts:
            self._stuck |= dict.fromkeys(job.incidents, True)

    def _offer(self, job: Job) -> None:
        """Let it be taken, if it is the first in all its lines."""
        if all(self._lines[incident][0] == job.key for incident in job.incidents):
            self._count += 1
            heappush(self._ready, (job.due_at, self._count, job.key))

    def _is_stale(self, due_at: datetime, _: int, key: tuple[str, int]) -> bool:
        job = self._jobs.get(key)
        return job is None or key in self._in_flight or job.due_at != due_at

    def _free_at(self, now: datetime) -> datetime:
        """When the platform takes the next message."""
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if self._per_minute is None or len(self._begun) < self._per_minute:
            return now
        return self._begun[0] + MINUTE
