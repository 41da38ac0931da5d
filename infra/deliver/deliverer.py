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
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from infra.channels.channel import Ways
from infra.deliver.around import Around as Around
from infra.deliver.decider import Setup
from infra.deliver.sending import STAND_BY, Sending, in_thread
from infra.store import Store, StoreError, StoreUnavailable

log = structlog.get_logger()

BACKOFF = (0.25, 15.0)
"""Seconds to wait for a store that is away: at first, at most."""


class Deliverer:
    """Decides and sends until every notice is delivered or given up. Lives on one event loop."""

    def __init__(self, store: Store, ways: Ways, setup: Setup, around: Around) -> None:
        self._leader = around.leader
        self._wake = asyncio.Event()
        self._sending = Sending(store, ways, setup, around, self._wake.set)
        # Of its own: a sign of life waits for nothing.
        self._beat = ThreadPoolExecutor(1, "deliver-lead")

    def look(self) -> None:
        """There is something new: look at once."""
        self._sending.announce()
        self._wake.set()

    def configure(self, setup: Setup) -> None:
        """From now on others are told, or otherwise. What was decided stays."""
        self._sending.configure(setup)
        self.look()

    @property
    def waiting(self) -> int:
        """Notices that have not ended."""
        return self._sending.waiting

    async def tick(self) -> int:
        """Send everything due and what becomes due by it; the number of attempts begun.

        Returns when all have ended and are recorded, or once another process may act. Raises
        StoreError; no attempt is forgotten.
        """
        begun = 0
        await in_thread(self._beat, self._leader.leads)
        self._sending.announce()
        while True:
            begun += (await self._sending.turn())[0]
            if not self._sending.flights or not self._leader.holds():
                return begun
            await self._sending.flights.one_ends()

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
                    _, wait = await self._sending.turn()
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
                await in_thread(self._beat, self._leader.leads)
            except StoreUnavailable as error:
                log.warning("no sign of life", stage="deliver", error=str(error))
            leads, before = self._leader.holds(), led
            led = leads
            if before and not leads:
                self._sending.forget()
                self._sending.flights.cancel()
            if leads and not before:
                self._wake.set()
            await asyncio.sleep(STAND_BY)

    async def _end(self) -> None:
        try:
            await self._sending.end()
        except StoreError as error:
            log.warning("attempts not recorded are repeated", stage="deliver", error=str(error))
        finally:
            self._beat.shutdown(wait=False)
