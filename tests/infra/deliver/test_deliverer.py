"""What is sent: once, in order, on the schedule, over restarts."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from infra.channels.scripted import ScriptedChannels
from infra.deliver.records import Attempt
from infra.deliver.schedule import DELAYS, JITTER
from infra.incidents import write_events
from infra.receivers import WebhookReceiver
from infra.store import Store, StoreUnavailable
from tests.infra.deliver.deliverers import (
    DOWN,
    NOW,
    Clock,
    Flaky,
    MakeEvent,
    decided,
    deliverer,
    rows,
    tick,
)


def test_everything_due_is_sent_once(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    sender = ScriptedChannels()
    assert tick(store, sender, [team, boss], clock) == 2
    assert tick(store, sender, [team, boss], clock) == 0
    assert sorted(sender.ids) == [("boss", "northwind.1.1"), ("team", "northwind.1.1")]
    assert rows(store, "receiver, attempt, outcome, status, at") == [
        ("boss", 1, "delivered", 200, NOW),
        ("team", 1, "delivered", 200, NOW),
    ]


def test_a_tick_finds_what_nobody_announced(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    sender = ScriptedChannels()

    async def scenario() -> list[int]:
        sending = deliverer(store, sender, [team], clock)
        first = await sending.tick()
        write_events(store, [make_event()], NOW)
        return [first, await sending.tick()]

    assert asyncio.run(scenario()) == [0, 1]


def test_changes_that_waited_go_out_in_order_in_one_tick(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(number=number) for number in (3, 1, 2, 11)], NOW)
    sender = ScriptedChannels()
    assert tick(store, sender, [team], clock) == 4
    assert [event for _, event in sender.ids] == [f"northwind.1.{n}" for n in (1, 2, 3, 11)]


def test_a_receiver_that_nobody_configured_any_more_is_left_alone(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    tick(store, ScriptedChannels(DOWN), [team], clock)
    clock.now += timedelta(days=1)
    assert tick(store, ScriptedChannels(), [], clock) == 0


def test_an_event_that_can_not_be_read_does_not_stop_the_others(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    row = ("x.1.1", "x.1", "X", 1, "opened", NOW, NOW, '{"change": 1}')
    columns = ["event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body"]
    store.insert("incident_events", columns, [row])
    write_events(store, [make_event()], NOW)
    sender = ScriptedChannels()
    assert tick(store, sender, [team], clock) == 1
    assert sender.ids == [("team", "northwind.1.1")]
    assert ("team", "skip", "unreadable", "x.1.1") in decided(store)
    before = decided(store, "*")
    assert tick(store, sender, [team], clock) == 0
    assert decided(store, "* EXCEPT decided_at") == [row[:-2] + row[-1:] for row in before]


def test_what_became_unreadable_is_given_up_and_holds_nothing_up(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    tick(store, ScriptedChannels(DOWN), [team], clock)
    row = ("northwind.1.1", "northwind.1", "Northwind", 1, "opened", NOW, NOW, "{")
    columns = ["event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body"]
    store.insert("incident_events", columns, [row])
    write_events(store, [make_event("contoso.1")], NOW)
    clock.now += timedelta(minutes=1)
    sender = ScriptedChannels()
    assert tick(store, sender, [team], clock) == 2
    assert sender.ids == [("team", "contoso.1.1")]
    assert rows(store, "event_id, outcome")[-1] == ("northwind.1.1", "gave_up")


# ---- the schedule, over restarts


def test_a_receiver_that_is_down_is_tried_on_schedule_and_then_given_up_loudly(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(number=1), make_event(number=2)], NOW)
    sender = ScriptedChannels(DOWN)
    for delay in DELAYS[1:]:
        assert tick(store, sender, [team], clock) == 1
        assert tick(store, sender, [team], clock) == 0
        clock.now += delay * 0.999
        assert tick(store, sender, [team], clock) == 0
        clock.now += delay * (JITTER + 0.002)
    assert (
        tick(store, ScriptedChannels(DOWN), [team], clock) == 2
    )  # the last, and the change behind it
    attempts = rows(store, "event_id, attempt, outcome, detail")
    first = [attempt[1:] for attempt in attempts if attempt[0] == "northwind.1.1"]
    assert [attempt[:2] for attempt in first] == [
        *[(number, "retry") for number in range(1, 10)],
        (10, "gave_up"),
    ]
    assert "attempt 10 was the last" in first[-1][2]
    assert "refused" in first[-1][2]
    assert attempts[-1][:3] == ("northwind.1.2", 1, "retry")


def test_a_receiver_that_asks_for_time_gets_it(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    asked = Attempt(outcome="retry", status=429, wait_seconds=3 * 3600.0)
    tick(store, ScriptedChannels(asked), [team], clock)
    clock.now += timedelta(hours=3) - timedelta(seconds=1)
    assert tick(store, ScriptedChannels(), [team], clock) == 0
    clock.now += timedelta(hours=3) * JITTER + timedelta(seconds=2)
    assert tick(store, ScriptedChannels(), [team], clock) == 1


def test_killed_between_sending_and_recording_it_sends_the_same_id_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    flaky = Flaky(store)
    flaky.refuses = {"deliveries"}
    sender = ScriptedChannels()
    with pytest.raises(StoreUnavailable):
        tick(flaky, sender, [team], clock)
    assert tick(store, sender, [team], clock) == 1
    assert sender.ids == [("team", "northwind.1.1")] * 2
    assert rows(store, "attempt, outcome") == [(1, "delivered")]


def test_a_store_that_could_not_record_is_told_later_without_sending_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    flaky = Flaky(store)
    flaky.refuses = {"deliveries"}
    sender = ScriptedChannels()

    async def twice() -> int:
        same = deliverer(flaky, sender, [team], clock)
        with pytest.raises(StoreUnavailable):
            await same.tick()
        flaky.refuses = set()
        return await same.tick()

    assert asyncio.run(twice()) == 0
    assert len(sender.sent) == 1
    assert rows(store, "attempt, outcome") == [(1, "delivered")]


@pytest.mark.parametrize("when", range(1, 25))
def test_whichever_word_with_the_store_fails_the_same_process_goes_on(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, when: int
) -> None:
    write_events(store, [make_event(), make_event("contoso.1")], NOW)

    class Fails(Flaky):
        said = 0

        def _maybe(self, refuse: bool) -> None:
            self.said += 1
            if self.said == when:
                raise StoreUnavailable("for a moment")

    sender = ScriptedChannels()

    async def scenario() -> None:
        sending = deliverer(Fails(store), sender, [team], clock)
        for _ in range(4):
            with suppress(StoreUnavailable):
                await sending.tick()
            clock.now += timedelta(seconds=1)

    asyncio.run(scenario())
    assert sorted(sender.ids) == [("team", "contoso.1.1"), ("team", "northwind.1.1")]
    assert rows(store, "attempt, outcome") == [(1, "delivered")] * 2
