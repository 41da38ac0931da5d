"""Many receivers side by side, and a store that is away."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from infra.channels.scripted import ScriptedChannels
from infra.deliver.lane import IN_FLIGHT
from infra.deliver.outbox import record
from infra.deliver.records import Attempt, Letter
from infra.incidents import write_events
from infra.receivers import Receiver, WebhookReceiver
from infra.store import Store, StoreRejected
from tests.infra.deliver.deliverers import (
    NOW,
    OK,
    PATIENCE,
    Clock,
    Flaky,
    MakeEvent,
    a_retry,
    deliverer,
    rows,
    tick,
    until,
)


def test_at_most_so_many_attempts_at_a_receiver_at_a_time(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event(f"incident.{number}") for number in range(10)], NOW)
    now, most = Counter[str](), Counter[str]()

    async def plan(receiver: Receiver, _: Letter) -> Attempt:
        now[receiver.name] += 1
        most[receiver.name] = max(most[receiver.name], now[receiver.name])
        for _ in range(50):
            await asyncio.sleep(0)
        now[receiver.name] -= 1
        return OK

    assert tick(store, ScriptedChannels(plan), [team, boss], clock) == 20
    assert most == {"team": IN_FLIGHT, "boss": IN_FLIGHT}


def test_a_hanging_receiver_delays_nobody_and_a_wake_sends_at_once(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    async def plan(receiver: Receiver, _: Letter) -> Attempt:
        if receiver.name == "boss":
            await asyncio.Event().wait()
        return OK

    async def scenario() -> list[tuple[str, str]]:
        sender = ScriptedChannels(plan)
        sending = deliverer(store, sender, [team, boss], clock)
        running = asyncio.create_task(sending.run())
        for number in range(1, 4):
            write_events(store, [make_event(number=number)], NOW)
            sending.look()
            await until(lambda n=number: ("team", f"northwind.1.{n}") in sender.ids)
        await until(lambda: len(rows(store, "event_id")) == 3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [each for each in sender.ids if each[0] == "boss"]

    assert asyncio.run(scenario()) == [("boss", "northwind.1.1")]
    assert {receiver for (receiver,) in rows(store, "receiver")} == {"team"}
    assert tick(store, ScriptedChannels(), [team, boss], clock) == 3  # the boss is owed all three


def test_a_retry_goes_out_when_it_is_due_without_a_wake(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], datetime.now(UTC))
    next_at = datetime.now(UTC) + timedelta(milliseconds=80)
    record(store, [a_retry("northwind.1.1", "team", next_at)])

    async def scenario() -> bool:
        sender = ScriptedChannels()
        running = asyncio.create_task(
            deliverer(store, sender, [team], lambda: datetime.now(UTC)).run()
        )
        await until(lambda: bool(sender.sent))
        in_time = datetime.now(UTC) >= next_at
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return in_time

    assert asyncio.run(scenario())


def test_a_store_that_is_away_loses_nothing(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    flaky = Flaky(store)
    flaky.away = True

    async def scenario() -> list[tuple[str, str]]:
        sender = ScriptedChannels()
        sending = deliverer(flaky, sender, [team], clock)
        running = asyncio.create_task(sending.run())
        await until(lambda: flaky.refused >= 1)
        flaky.refuses = {"deliveries"}  # back, but not for writing
        flaky.away = False
        before = flaky.refused
        sending.look()
        await until(lambda: bool(sender.sent) and flaky.refused > before)
        flaky.refuses = set()
        sending.look()
        await until(lambda: rows(store, "outcome") == [("delivered",)])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return sender.ids

    assert asyncio.run(scenario()) == [("team", "northwind.1.1")]


@pytest.mark.parametrize("steps", range(6))
def test_a_wake_at_the_same_moment_does_not_swallow_the_cancellation(
    store: Store, clock: Clock, team: WebhookReceiver, steps: int
) -> None:
    flaky = Flaky(store)

    async def scenario() -> None:
        flaky.away = True  # it waits, for a quarter of a second at least
        sending = deliverer(flaky, ScriptedChannels(), [team], clock)
        running = asyncio.create_task(sending.run())
        await until(lambda: flaky.refused >= 1)
        await asyncio.sleep(0.02)
        sending.look()
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=PATIENCE)
        assert done

    asyncio.run(scenario())


def test_our_own_bug_ends_the_run_after_what_went_well_is_kept(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    async def plan(receiver: Receiver, _: Letter) -> Attempt:
        if receiver.name == "boss":
            raise ZeroDivisionError
        return OK

    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE):
            await deliverer(store, ScriptedChannels(plan), [team, boss], clock).run()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(scenario())
    assert rows(store, "receiver, outcome") == [("team", "delivered")]


def test_a_store_that_refuses_our_rows_ends_the_run(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    class Wrong(Flaky):
        def _maybe(self, refuse: bool) -> None:
            if refuse:
                raise StoreRejected("no such column")

    wrong = Wrong(store)
    wrong.refuses = {"deliveries"}

    async def scenario() -> None:
        async with asyncio.timeout(PATIENCE):
            await deliverer(wrong, ScriptedChannels(), [team], clock).run()

    with pytest.raises(StoreRejected):
        asyncio.run(scenario())
