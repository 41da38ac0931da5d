"""What people ask for, and who is told."""

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import LISTEN, Setup
from infra.deliver.outbox import RESEND, record
from infra.deliver.people import ask_resend
from infra.deliver.records import Attempt, Letter
from infra.incidents import write_events
from infra.receivers import Receiver, WebhookReceiver
from infra.store import Store
from tests.infra.deliver.deliverers import (
    DOWN,
    NOW,
    OK,
    Clock,
    MakeEvent,
    a_retry,
    deliverer,
    rows,
    tick,
    until,
)


def test_a_notice_that_a_person_wants_again_is_sent_again_under_its_id(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    tick(store, ScriptedChannels(), [team], clock)
    ask_resend(store, "team", "northwind.1.1", "kai", NOW)
    sender = ScriptedChannels(DOWN)
    assert tick(store, sender, [team], clock) == 1
    clock.now += timedelta(minutes=1)
    good = ScriptedChannels()
    assert tick(store, good, [team], clock) == 1
    assert tick(store, good, [team], clock) == 0
    assert sender.ids == good.ids == [("team", "northwind.1.1")]
    assert rows(store, "attempt, outcome") == [
        (1, "delivered"),
        (RESEND + 1, "retry"),
        (RESEND + 2, "delivered"),
    ]


def test_a_notice_that_waits_for_its_next_attempt_is_over_once_it_was_sent_by_hand(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(), make_event(number=2)], NOW)
    tick(store, ScriptedChannels(DOWN), [team], clock)
    ask_resend(store, "team", "northwind.1.1", "kai", NOW)
    sender = ScriptedChannels()
    assert tick(store, sender, [team], clock) == 2
    assert [notice_id for _, notice_id in sender.ids] == ["northwind.1.1", "northwind.1.2"]
    clock.now += timedelta(days=1)
    assert tick(store, sender, [team], clock) == 0


def test_what_people_say_is_heard_while_it_runs(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    async def scenario() -> list[tuple[str, str]]:
        sender = ScriptedChannels()
        sending = deliverer(store, sender, [team], clock)
        running = asyncio.create_task(sending.run())
        await until(lambda: len(rows(store, "outcome")) == 1)
        await asyncio.to_thread(ask_resend, store, "team", "northwind.1.1", "kai", NOW)
        clock.now += LISTEN
        sending.look()
        await until(lambda: len(rows(store, "outcome")) == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return sender.ids

    assert asyncio.run(scenario()) == [("team", "northwind.1.1")] * 2


def test_other_receivers_from_one_moment_to_the_next(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    async def scenario() -> list[tuple[str, str]]:
        hangs = asyncio.Event()

        async def plan(receiver: Receiver, _: Letter) -> Attempt:
            if receiver.name == "team":
                await hangs.wait()
            return OK

        sender = ScriptedChannels(plan)
        sending = deliverer(store, sender, [team], clock)
        running = asyncio.create_task(sending.run())
        await until(lambda: bool(sender.sent))
        sending.configure(Setup([boss]))  # while an attempt at the team is under way
        await until(lambda: len(rows(store, "outcome")) == 1)
        hangs.set()
        await until(lambda: len(rows(store, "outcome")) == 2)
        sending.configure(Setup([team, boss]))
        write_events(store, [make_event(number=2)], NOW)
        await until(lambda: len(rows(store, "outcome")) == 4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return sorted(sender.ids)

    assert asyncio.run(scenario()) == [
        (name, f"northwind.1.{number}") for name in ("boss", "team") for number in (1, 2)
    ]


def test_what_was_delivered_before_there_were_notices_is_not_sent_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(), make_event("contoso.1")], NOW)
    record(store, [a_retry("contoso.1.1", "team", NOW)])
    good = ScriptedChannels()
    before = {"outcome": "delivered", "status": 200}
    record(store, [replace(a_retry("northwind.1.1", "team", NOW), **before)])
    write_events(store, [make_event(number=2)], NOW)
    assert tick(store, good, [team], clock) == 2
    assert sorted(good.ids) == [("team", "contoso.1.1"), ("team", "northwind.1.2")]
    told = {letter.notice_id: letter.entries[0].told for _, letter in good.sent}
    assert told["northwind.1.2"] == make_event().change
