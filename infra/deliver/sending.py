"""One turn of sending: record what has ended, decide, begin what is due."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from infra.channels.channel import Ways
from infra.deliver.around import Around
from infra.deliver.decider import Decider, Setup
from infra.deliver.failing import FailingReceivers
from infra.deliver.flights import Flights
from infra.deliver.lane import Job
from infra.deliver.lanes import Lanes
from infra.deliver.letters import letters
from infra.deliver.outcome import Made, disable, keep, made_of
from infra.deliver.recall import failing
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver
from infra.store import Store

T = TypeVar("T")
STAND_BY: Final = 1.0
"""Seconds between two looks at who leads."""


class Sending:
    """What is decided, due and under way, as long as this process may act.

    `wake` is called whenever an attempt ends. Lives on one event loop.
    """

    def __init__(
        self, store: Store, ways: Ways, setup: Setup, around: Around, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._ways = ways
        self._setup = setup
        self._clock, self._random, self._leader, report = around
        self._failing = FailingReceivers(report)
        self._term = 0  # another whenever what is in memory may not be what is on disk
        self._decider: Decider | None = None
        self._lanes = Lanes((), ways.limits)
        self._turn = asyncio.Lock()
        self._is_announced = True
        # Of its own: name look-ups and slow ways out may use up the loop's.
        self._disk = ThreadPoolExecutor(1, "deliver-disk")
        self.flights = Flights(wake)

    def announce(self) -> None:
        """There is something new: look for it in the next turn."""
        self._is_announced = True

    def configure(self, setup: Setup) -> None:
        """From now on others are told, or otherwise. What was decided stays."""
        self._setup = setup
        self.forget()

    def forget(self) -> None:
        """Others may act or have acted: begin anew with what is on disk.

        What has ended and is not on disk is kept: perhaps nobody did.
        """
        self._term += 1
        self._decider = None

    @property
    def waiting(self) -> int:
        """Notices that have not ended."""
        return len(self._lanes)

    async def turn(self) -> tuple[int, float]:
        """How many attempts were begun, and seconds until there may be more to do.

        Raises StoreError; no attempt is forgotten.
        """
        async with self._turn:
            if not self._leader.holds():
                self.forget()
                await self.flights.break_off()
                return 0, STAND_BY
            term, decider = self._term, self._decider or await self._begin()
            await self._settle()
            announced, self._is_announced = self._is_announced, False
            stuck = self._lanes.stuck()
            try:
                heard = await self._on_disk(
                    lambda: decider.turn(
                        self._clock(), announced=announced, stuck=stuck, may=lambda: self._may(term)
                    )
                )
            except BaseException:
                self._is_announced |= announced
                raise
            if not self._may(term):  # what was heard is on disk at most: find it there
                self.forget()
                return 0, 0.0
            self._lanes.add(heard.jobs)
            if heard.disabled is not None:
                self._lanes.pause(heard.disabled)
            begun = await self._start(term)
            now = self._clock()
            self._failing.warn(now)
            waits = [(at - now).total_seconds() for at in self._lanes.next_at(now)]
            return begun, max(0.0, min([decider.wait(now), *waits]))

    async def end(self) -> None:
        """Break off what is under way and record what has ended. Raises StoreError."""
        await self.flights.break_off()
        try:
            await self._settle()
        finally:
            self._disk.shutdown(wait=False)

    def _may(self, term: int) -> bool:
        """Whether what was found out in that term may be acted on at this moment."""
        return self._term == term and self._leader.holds()

    async def _begin(self) -> Decider:
        """Begin with what is on disk, whoever wrote it."""
        term, setup, limits = self._term, self._setup, self._ways.limits
        decider = await self._on_disk(lambda: Decider(self._store, setup, limits, self._clock()))
        found = await self._on_disk(lambda: failing(self._store, setup.receivers))
        self._failing.begin([receiver.name for receiver in setup.receivers], found)
        self._lanes = Lanes(setup.receivers, limits)
        self._lanes.add(decider.owed)
        self.flights.go_on(self._lanes)
        if term == self._term:
            self._decider = decider
        return decider

    async def _start(self, term: int) -> int:
        """Begin what is due; how many. Letters are read just before."""
        taken = self._lanes.take(self._clock())
        if not taken:
            return 0
        notices = [job.notice for _, job in taken]
        receivers = {receiver.name: receiver for receiver in self._setup.receivers}
        brands, page_url = self._setup.brands, self._setup.page_url
        try:
            found = await self._on_disk(lambda: letters(self._store, notices, brands, page_url))
        except BaseException:
            for name, job in taken:
                self._lanes.give_back((name, *job.key))
            raise
        if not self._may(term):  # the receivers may be others, and what was taken is given back
            self.forget()
            return 0
        for (name, job), letter in zip(taken, found, strict=True):
            attempt = self._attempt(receivers[name], job, letter, term)
            self.flights.begin((name, *job.key), attempt)
        return len(taken)

    async def _attempt(
        self, receiver: Receiver, job: Job, letter: Letter | None, term: int
    ) -> Made | None:
        """One attempt; None: it was not begun, as another process may act."""
        attempt = Attempt(outcome="gave_up", detail="what is stored can't be read")
        if letter is not None:
            began = self._clock()
            if not self._may(term):
                return None
            attempt = await self._ways.send(receiver, letter, now=began)
        return made_of(receiver, job, attempt, at=self._clock(), random=self._random)

    async def _settle(self) -> None:
        """Record attempts that have ended, and let what waits for them go on."""
        ended = self.flights.ended()
        made = [each for each in ended.good.values() if each]
        if made:
            if not self._leader.holds():
                return
            await self._on_disk(lambda: self._keep(made))
        self.flights.land(ended)
        for key, each in ended.good.items():
            if each is None:
                self._lanes.give_back(key)
            else:
                self._failing.attempted(each.delivery)
                self._lanes.ended(key, each, self.flights.keys())
        for key, task in ended.bad.items():
            self._lanes.give_back(key)
            if not task.cancelled():
                task.result()  # our own bug: raise it, after keeping what is good

    def _keep(self, made: list[Made]) -> None:
        for each in made:
            if each.is_gone:
                waiting = self._lanes.waiting(each.receiver.name)
                at, detail = each.delivery.at, each.delivery.detail
                disable(self._store, each.receiver, waiting, at=at, detail=detail)
        keep(self._store, made)

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await in_thread(self._disk, work)


def in_thread(executor: ThreadPoolExecutor, work: Callable[[], T]) -> Awaitable[T]:
    """The work, done by a thread of the executor."""
    return asyncio.get_running_loop().run_in_executor(executor, work)
