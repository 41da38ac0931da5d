"""Sends what is owed: each receiver on its own, each incident in order, nothing lost in between."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

import msgspec
import structlog

from forecasting.records import IncidentEvent
from infra.channels.webhook import Attempt, render
from infra.deliver.outbox import Delivery, Due, join, owed, record
from infra.deliver.records import Entry, Letter
from infra.deliver.schedule import next_attempt
from infra.receivers import Receiver
from infra.store import Store, StoreError, StoreUnavailable

log = structlog.get_logger()

IN_FLIGHT = 4
"""Attempts at one receiver at a time."""

SWEEP = timedelta(seconds=15)
"""How long at most without looking for events that nobody announced."""

BACKOFF = (0.25, 15.0)
"""Seconds to wait for a store that is away: at first, at most."""


class Sender(Protocol):
    """A way to a receiver."""

    async def send(
        self, receiver: Receiver, message_id: str, *, body: bytes, now: datetime
    ) -> Attempt:
        """One attempt; never raises for what the receiver or the network does."""
        ...


class Deliverer:
    """Sends incident events until each is delivered or given up. One for each store.

    The attempt is recorded after it is made: killed in between, the next process makes the same
    attempt again under the same id, which the receiver can tell.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        receivers: Sequence[Receiver],
        *,
        clock: Callable[[], datetime],
        random: Random,
    ) -> None:
        """`clock` is the wall clock in UTC: receivers refuse signatures more than 5 min off."""
        self._store = store
        self._sender = sender
        self._receivers = {receiver.name: receiver for receiver in receivers}
        self._clock = clock
        self._random = random
        self._joined = False
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        # By receiver and incident. A finished attempt stays until it is on disk, and while it
        # stays nothing else of that incident is sent there.
        self._sending: dict[tuple[str, str], asyncio.Task[Delivery]] = {}

    async def tick(self) -> int:
        """Send everything due and what becomes due by it; the number of attempts begun.

        Returns when all have ended and are recorded. Raises StoreError; no attempt is forgotten.
        """
        begun = 0
        while True:
            begun += (await self._advance())[0]
            if not self._sending:
                return begun
            await asyncio.wait(self._sending.values(), return_when=asyncio.FIRST_COMPLETED)

    async def run(self, wake: asyncio.Event) -> None:
        """Send what is due whenever it is due or `wake` is set, until cancelled.

        Waits for a store that is unavailable; raises any other error. Cancelled, it ends attempts
        in hand unfinished and records those that are finished.
        """
        self._wake = wake
        backoff = BACKOFF[0]
        try:
            while True:
                wake.clear()
                try:
                    _, wait = await self._advance()
                    backoff = BACKOFF[0]
                except StoreUnavailable as error:
                    log.warning("waiting", stage="deliver", error=str(error), seconds=backoff)
                    wait, backoff = backoff, min(backoff * 2, BACKOFF[1])
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # wait_for may swallow a cancellation (3.11)
                        await wake.wait()
        finally:
            await self._end()

    async def _advance(self) -> tuple[int, float]:
        """Record what has ended, begin what is due; how many, and seconds until more may be."""
        async with self._turn:
            await self._settle()
            receivers = list(self._receivers.values())
            if not self._joined:
                await asyncio.to_thread(join, self._store, receivers, self._clock())
                self._joined = True
            found = await asyncio.to_thread(owed, self._store, receivers)
            now = self._clock()
            busy = Counter(name for name, _ in self._sending)
            begun = 0
            for due in found:
                key = (due.receiver, due.incident_id)
                if due.is_due(now) and key not in self._sending and busy[due.receiver] < IN_FLIGHT:
                    busy[due.receiver] += 1
                    begun += 1
                    self._sending[key] = asyncio.create_task(self._attempt(due))
                    # Looked up when it ends: a run may have begun since.
                    self._sending[key].add_done_callback(lambda _: self._wake.set())
        later = [(due.due_at - now).total_seconds() for due in found if not due.is_due(now)]
        return begun, min([SWEEP.total_seconds(), *later])

    async def _settle(self) -> None:
        ended = {key: task for key, task in self._sending.items() if task.done()}
        good = {key: task.result() for key, task in ended.items() if not task.exception()}
        if good:
            await asyncio.to_thread(record, self._store, good.values())
        for key in good:
            del self._sending[key]
        for key in ended.keys() - good.keys():
            self._sending.pop(key).result()  # our own bug: raise it, after keeping what is good

    async def _attempt(self, due: Due) -> Delivery:
        attempt = await self._send(due)
        at = self._clock()
        outcome, detail, next_at = attempt.outcome, attempt.detail, at
        if outcome == "retry":
            then = next_attempt(due.attempt, at, random=self._random, at_least=attempt.wait)
            if then is None:
                outcome, detail = "gave_up", f"{detail}; attempt {due.attempt} was the last"
            else:
                next_at = then
        delivery = Delivery(
            event_id=due.event_id,
            receiver=due.receiver,
            attempt=due.attempt,
            at=at,
            outcome=outcome,
            status=attempt.status,
            detail=detail,
            next_at=next_at,
        )
        _tell(delivery)
        return delivery

    async def _send(self, due: Due) -> Attempt:
        try:
            event = msgspec.json.decode(due.body, type=IncidentEvent)
        except msgspec.DecodeError as error:  # must not hold up every other event for ever
            return Attempt(outcome="gave_up", detail=f"the stored event can't be read: {error}")
        letter = Letter(
            notice_id=due.event_id, entries=(Entry(kind=event.change.change, event=event),)
        )
        return await self._sender.send(
            self._receivers[due.receiver], due.event_id, body=render(letter), now=self._clock()
        )

    async def _end(self) -> None:
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)
        self._sending = {
            key: task
            for key, task in self._sending.items()
            if not task.cancelled() and not task.exception()
        }
        try:
            await self._settle()
        except StoreError as error:
            log.warning("attempts not recorded are repeated", stage="deliver", error=str(error))


def _tell(delivery: Delivery) -> None:
    tell = {"delivered": log.info, "retry": log.warning, "gave_up": log.error}[delivery.outcome]
    tell(
        delivery.outcome,
        stage="deliver",
        event_id=delivery.event_id,
        receiver=delivery.receiver,
        attempt=delivery.attempt,
        status=delivery.status,
        detail=delivery.detail,
        next_at=delivery.next_at.isoformat() if delivery.outcome == "retry" else None,
    )
