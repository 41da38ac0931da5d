"""Sends what is decided: each receiver on its own, each incident in order, nothing lost in between.

Of several delivering processes on one database one acts. What is guaranteed of them:

- Nothing is decided, begun or recorded by a process unless it holds the lead at that moment,
  which it knows by a clock that goes on while it is frozen (`streams.lead`): a leader that wakes
  up, or that the database no longer hears, begins no other attempt. What it then has in flight it
  breaks off, before anybody else can lead.
- An attempt is recorded after it is made. A process that dies or loses the lead between the two
  is one that the next leader knows nothing of: the attempt is made again under the same id, by
  which the receiver can tell. A notice that was recorded as delivered is never sent again by
  itself.
- Between asking whether it may and the act itself there is a moment that nothing guards. A
  process that is frozen just there does the one thing it was about to do when it wakes: an
  attempt under an id that the receiver may have had meanwhile, or one insert. No attempt is made
  of what such an insert says before the next process begins; of a change that it and the leader
  both decided to tell, the receiver may then hear in two messages.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import structlog

from infra.channels.channel import Ways
from infra.deliver.around import Around as Around
from infra.deliver.decider import Decider, Setup
from infra.deliver.failing import FailingReceivers
from infra.deliver.lane import Job
from infra.deliver.lanes import Key, Lanes
from infra.deliver.letters import letters
from infra.deliver.outbox import failing
from infra.deliver.outcome import Made, disable, keep, made_of
from infra.deliver.records import Attempt, Letter
from infra.receivers import Receiver
from infra.store import Store, StoreError, StoreUnavailable

T = TypeVar("T")
log = structlog.get_logger()

BACKOFF = (0.25, 15.0)
"""Seconds to wait for a store that is away: at first, at most."""
STAND_BY = 1.0
"""Seconds between two looks at who leads."""


class Deliverer:
    """Decides and sends until every notice is delivered or given up. Lives on one event loop."""

    def __init__(self, store: Store, ways: Ways, setup: Setup, around: Around) -> None:
        self._store = store
        self._ways = ways
        self._setup = setup
        self._clock, self._random, self._leader, report = around
        self._failing = FailingReceivers(report)
        self._term = 0  # another whenever what is in memory may not be what is on disk
        self._decider: Decider | None = None
        self._lanes = Lanes((), ways.limits)
        # A finished attempt stays until it is on disk, and while it stays nothing else of its
        # incidents is sent there.
        self._flying: dict[Key, asyncio.Task[Made | None]] = {}
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._is_announced = True
        # Of its own: name look-ups and slow ways out may use up the loop's.
        self._disk = ThreadPoolExecutor(1, "deliver-disk")
        self._beat = ThreadPoolExecutor(1, "deliver-lead")

    def look(self) -> None:
        """There is something new: look at once."""
        self._is_announced = True
        self._wake.set()

    def configure(self, setup: Setup) -> None:
        """From now on others are told, or otherwise. What was decided stays."""
        self._setup = setup
        self._forget()
        self.look()

    @property
    def waiting(self) -> int:
        """Notices that have not ended."""
        return len(self._lanes)

    async def tick(self) -> int:
        """Send everything due and what becomes due by it; the number of attempts begun.

        Returns when all have ended and are recorded, or once another process may act. Raises
        StoreError; no attempt is forgotten.
        """
        begun = 0
        await _in_thread(self._beat, self._leader.leads)
        self._is_announced = True
        while True:
            begun += (await self._advance())[0]
            if not self._flying or not self._leader.holds():
                return begun
            await asyncio.wait(self._flying.values(), return_when=asyncio.FIRST_COMPLETED)

    async def run(self) -> None:
        """Send what is due whenever it is due, until cancelled.

        Waits for a store that is unavailable; raises any other error. Cancelled, it ends attempts
        in hand unfinished and records those that are finished.
        """
        backoff = BACKOFF[0]
        keeping = asyncio.create_task(self._keep_lead())
        keeping.add_done_callback(lambda _: self._wake.set())
        try:
            while True:
                self._wake.clear()
                if keeping.done():
                    keeping.result()
                try:
                    _, wait = await self._advance()
                    backoff = BACKOFF[0]
                except StoreUnavailable as error:
                    log.warning("waiting", stage="deliver", error=str(error), seconds=backoff)
                    wait, backoff = backoff, min(backoff * 2, BACKOFF[1])
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # wait_for may swallow a cancellation (3.11)
                        await self._wake.wait()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._end()

    async def _keep_lead(self) -> None:
        """Show signs of life however long the rest takes, and break off what one may not do."""
        led = self._leader.holds()
        while True:
            try:
                await _in_thread(self._beat, self._leader.leads)
            except StoreUnavailable as error:
                log.warning("no sign of life", stage="deliver", error=str(error))
            leads, before = self._leader.holds(), led
            led = leads
            if before and not leads:
                self._forget()
                for task in self._flying.values():
                    task.cancel()
            if leads and not before:
                self._wake.set()
            await asyncio.sleep(STAND_BY)

    async def _advance(self) -> tuple[int, float]:
        """Record what has ended, decide, begin what is due; how many, and seconds until more."""
        async with self._turn:
            if not self._leader.holds():
                self._forget()
                await self._break_off()
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
            if not self._may(term):
                return 0, 0.0
            self._lanes.add(heard.jobs)
            if heard.disabled is not None:
                self._lanes.pause(heard.disabled)
            begun = await self._start(term)
            now = self._clock()
            self._failing.warn(now)
            waits = [(at - now).total_seconds() for at in self._lanes.next_at(now)]
            return begun, max(0.0, min([decider.wait(now), *waits]))

    def _may(self, term: int) -> bool:
        """Whether what was found out in that term may be acted on at this moment."""
        return self._term == term and self._leader.holds()

    def _forget(self) -> None:
        """Others may act or have acted: begin anew with what is on disk.

        What has ended and is not on disk is kept: perhaps nobody did.
        """
        self._term += 1
        self._decider = None

    async def _begin(self) -> Decider:
        """Begin with what is on disk, whoever wrote it."""
        term, setup, limits = self._term, self._setup, self._ways.limits
        decider = await self._on_disk(lambda: Decider(self._store, setup, limits, self._clock()))
        found = await self._on_disk(lambda: failing(self._store, setup.receivers))
        self._failing.begin([receiver.name for receiver in setup.receivers], found)
        self._lanes = Lanes(setup.receivers, limits)
        self._lanes.add(decider.owed)
        # Attempts of before go on, unless another process has made them too.
        for key, task in list(self._flying.items()):
            made = task.result() if _is_good(task) else None
            if not self._lanes.hold(key, made.job.attempts if made else None) and task.done():
                del self._flying[key]
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
        if not self._may(term):  # the receivers may be others
            return 0
        for (name, job), letter in zip(taken, found, strict=True):
            task = asyncio.create_task(self._attempt(receivers[name], job, letter, term))
            task.add_done_callback(lambda _: self._wake.set())
            self._flying[name, *job.key] = task
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
        ended = {key: task for key, task in self._flying.items() if task.done()}
        good = {key: task.result() for key, task in ended.items() if _is_good(task)}
        made = [each for each in good.values() if each]
        if made:
            if not self._leader.holds():
                return
            await self._on_disk(lambda: self._keep(made))
        for key in ended:
            del self._flying[key]
        for key, each in good.items():
            if each is None:
                self._lanes.give_back(key)
            else:
                self._failing.attempted(each.delivery)
                self._lanes.ended(key, each, self._flying.keys())
        for key in ended.keys() - good.keys():
            self._lanes.give_back(key)
            if not ended[key].cancelled():
                ended[key].result()  # our own bug: raise it, after keeping what is good

    def _keep(self, made: list[Made]) -> None:
        for each in made:
            if each.is_gone:
                waiting = self._lanes.waiting(each.receiver.name)
                at, detail = each.delivery.at, each.delivery.detail
                disable(self._store, each.receiver, waiting, at=at, detail=detail)
        keep(self._store, made)

    async def _break_off(self) -> None:
        """End attempts that are in flight; those that have ended stay."""
        for task in self._flying.values():
            task.cancel()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)
        self._flying = {key: task for key, task in self._flying.items() if _is_good(task)}

    async def _end(self) -> None:
        await self._break_off()
        try:
            await self._settle()
        except StoreError as error:
            log.warning("attempts not recorded are repeated", stage="deliver", error=str(error))
        for executor in (self._disk, self._beat):
            executor.shutdown(wait=False)

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await _in_thread(self._disk, work)


def _is_good(task: "asyncio.Task[Made | None]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _in_thread(executor: ThreadPoolExecutor, work: Callable[[], T]) -> Awaitable[T]:
    return asyncio.get_running_loop().run_in_executor(executor, work)
