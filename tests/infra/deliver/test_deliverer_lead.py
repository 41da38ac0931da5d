"""Several processes, of which one leads; and whatever happens."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.channels.scripted import ScriptedChannels
from infra.deliver.leader import Alone
from infra.deliver.people import endpoint_of, set_endpoint
from infra.deliver.recall import outstanding, sent
from infra.deliver.records import Attempt, Letter
from infra.incidents import write_events
from infra.receivers import Receiver, WebhookReceiver
from infra.store import Store, StoreUnavailable
from tests.infra.deliver.deliverers import (
    DOWN,
    GONE,
    NOW,
    OK,
    Clock,
    Flaky,
    MakeEvent,
    MakeReceiver,
    decided,
    deliverer,
    rows,
    tick,
    until,
)


class Led:
    """Leads while told so, or so many times that it is asked whether it may act."""

    def __init__(self, holds: bool = True, *, times: int | None = None) -> None:
        self.now = holds
        self._times = times

    def leads(self) -> bool:
        return self.now

    def holds(self) -> bool:
        if self._times is not None:
            self._times -= 1
            self.now = self._times >= 0
        return self.now


def test_one_that_does_not_lead_does_nothing(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    sender = ScriptedChannels()
    sending = deliverer(store, sender, [team], clock, leader=Led(False))
    assert asyncio.run(sending.tick()) == 0
    assert (sender.sent, decided(store), store.query("SELECT * FROM receivers")) == ([], [], [])


@pytest.mark.parametrize("at", ["receivers", "notices"])  # just before it is written, just after
def test_one_that_lost_the_lead_while_it_decided_sends_nothing(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, at: str
) -> None:
    write_events(store, [make_event()], NOW)
    led, sender = Led(), ScriptedChannels()

    class Freezing(Flaky):
        def insert(self, table: str, columns: Sequence[str], rows: Any) -> None:
            super().insert(table, columns, rows)
            led.now = led.now and table != at

    sending = deliverer(Freezing(store), sender, [team], clock, leader=led)
    asyncio.run(sending.tick())
    assert sender.sent == []
    assert len(decided(store)) == (at == "notices")
    assert tick(store, sender, [team], clock) == 1


def test_what_it_had_in_flight_it_breaks_off_and_the_next_leader_sends_it(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    async def scenario() -> list[str]:
        led, broken = Led(), []

        async def plan(_: Receiver, letter: Letter) -> Attempt:
            try:
                await asyncio.Event().wait()
            finally:
                broken.append(letter.notice_id)
            return OK

        first, second = ScriptedChannels(plan), ScriptedChannels()
        running = asyncio.create_task(deliverer(store, first, [team], clock, leader=led).run())
        await until(lambda: bool(first.sent))
        led.now = False
        await until(lambda: bool(broken))
        await deliverer(store, second, [team], clock).tick()
        led.now = True  # it leads again and finds that it was done meanwhile
        await asyncio.sleep(0)
        write_events(store, [make_event(number=2)], NOW)
        await until(lambda: len(first.sent) == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [notice_id for _, notice_id in [*first.ids, *second.ids]]

    ids = asyncio.run(scenario())
    assert ids == ["northwind.1.1", "northwind.1.2", "northwind.1.1"]
    assert rows(store, "event_id, attempt, outcome") == [("northwind.1.1", 1, "delivered")]


@pytest.mark.parametrize("others", [False, True])
def test_what_ended_while_nobody_could_record_it_is_recorded_when_it_leads_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, others: bool
) -> None:
    write_events(store, [make_event()], NOW)
    led, sender = Led(), ScriptedChannels()

    async def plan(_: Receiver, __: Letter) -> Attempt:
        led.now = False
        return OK

    async def scenario() -> None:
        sending = deliverer(store, sender, [team], clock, leader=led)
        sender._plan = plan
        await sending.tick()
        assert rows(store, "outcome") == []
        if others:
            await deliverer(store, ScriptedChannels(DOWN), [team], clock).tick()
        led.now = True
        sender._plan = OK
        clock.now += timedelta(seconds=1)
        await sending.tick()

    asyncio.run(scenario())
    assert len(sender.sent) == 1
    assert rows(store, "attempt, outcome") == [(1, "retry" if others else "delivered")]


@pytest.mark.parametrize("when", range(1, 12))
def test_a_lead_that_is_unsure_for_a_moment_and_is_still_there_loses_nothing(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, when: int
) -> None:
    """A sign of life that is written late: nobody else has led, and nobody said that it did not."""
    write_events(store, [make_event(), make_event("contoso.1")], NOW)

    class Blinks(Alone):
        asked = 0

        def holds(self) -> bool:
            self.asked += 1
            return self.asked != when

    sender, led = ScriptedChannels(), Blinks()

    async def scenario() -> None:
        sending = deliverer(store, sender, [team], clock, leader=led)
        for _ in range(3):
            await sending.tick()
            clock.now += timedelta(seconds=1)

    asyncio.run(scenario())
    assert sorted(sender.ids) == [("team", "contoso.1.1"), ("team", "northwind.1.1")]
    assert rows(store, "attempt, outcome") == [(1, "delivered")] * 2


fates = st.tuples(
    st.lists(st.sampled_from(["retry", "asks", "gone"]), max_size=2),
    st.sampled_from(["delivered", "gave_up"]),
)
TABLES = ("incident_events", "deliveries", "receivers", "notices", "endpoints", "resends")


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    fate=st.lists(fates, min_size=12, max_size=12),
    kills=st.lists(
        st.sampled_from(["deliveries", "notices", "endpoints"]) | st.integers(1, 20), max_size=5
    ),
)
def test_whatever_receivers_and_kills_do_every_event_ends_once_and_in_order(
    store: Store,
    make_event: MakeEvent,
    make_receiver: MakeReceiver,
    changes: list[int],
    fate: list[tuple[list[str], str]],
    kills: list[str | int],
) -> None:
    for table in TABLES:
        store.command(f"TRUNCATE TABLE {table}")
    clock, flaky = Clock(), Flaky(store)
    receivers = [make_receiver("https://example.com", name) for name in ("team", "boss")]
    written = [
        make_event(f"incident.{incident}", number)
        for incident, most in enumerate(changes)
        for number in range(1, most + 1)
    ]
    write_events(store, written, NOW)
    ids = [event.change.event_id for event in written]
    keys = [(receiver, event_id) for receiver in ("team", "boss") for event_id in ids]
    outcomes = {key: [*before, end] for key, (before, end) in zip(keys, fate, strict=False)}
    begun: dict[str, list[str]] = defaultdict(list)

    async def plan(receiver: Receiver, letter: Letter) -> Attempt:
        key = (receiver.name, letter.notice_id)
        inserted = [row[1::-1] for table, row in flaky.inserted if table == "deliveries"]
        made = inserted.count(key)
        if letter.notice_id not in begun[receiver.name]:
            begun[receiver.name].append(letter.notice_id)
        what = outcomes[key][made]  # IndexError: sent after its recorded end
        if what == "asks":
            return Attempt(outcome="retry", status=503, wait_seconds=3600)
        if what == "gone":
            return GONE
        return Attempt(outcome=what)  # type: ignore[arg-type]

    for _ in range(80):
        # Killed before it could write, or it loses the lead: the next tick is another process.
        kill = kills.pop() if kills else ""
        flaky.refuses = {kill} if isinstance(kill, str) else set()
        led = Led(times=kill) if isinstance(kill, int) else Led()
        with suppress(StoreUnavailable):
            tick(flaky, ScriptedChannels(plan), receivers, clock, leader=led)
        if not outstanding(store, receivers, clock.now + timedelta(days=30)):
            break
        clock.now += timedelta(hours=1, minutes=7)
        for name, enabled in store.query("SELECT receiver, enabled FROM endpoints FINAL"):
            if not enabled:  # somebody mends what is gone
                receiver = next(one for one in receivers if one.name == name)
                set_endpoint(store, name, endpoint_of(receiver), True, "", clock.now)
    recorded: dict[tuple[str, str], list[str]] = defaultdict(list)
    for receiver, event_id, outcome in rows(store, "receiver, event_id, outcome"):
        recorded[receiver, event_id].append(outcome)
    assert recorded == {
        key: ["retry" if what in ("asks", "gone") else what for what in expected]
        for key, expected in outcomes.items()
    }
    assert all(each.ended for each in sent(store, ["team", "boss"]))
    for order in begun.values():
        for incident in ("incident.0", "incident.1"):
            mine = [int(event.rsplit(".", 1)[1]) for event in order if event.startswith(incident)]
            assert mine == sorted(mine)
