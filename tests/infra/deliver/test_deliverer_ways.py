"""With the real ways out, and receivers that are gone."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from pydantic import SecretStr
from structlog.testing import capture_logs

from infra.channels import dingtalk
from infra.channels.open_channels import Channels
from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import LISTEN, Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.people import endpoint_of, endpoints, set_endpoint
from infra.deliver.records import Attempt, Letter
from infra.deliver.routes import Route
from infra.incidents import write_events
from infra.receiver import LocalReceiver
from infra.receivers import DingTalkReceiver, Receiver, WebhookReceiver
from infra.store import Store, StoreUnavailable
from tests.infra.deliver.deliverers import (
    DOWN,
    GONE,
    NOW,
    OK,
    SECRET,
    Clock,
    Flaky,
    MakeEvent,
    MakeReceiver,
    deliverer,
    rows,
    tick,
    until,
)


def test_an_incident_reaches_a_real_receiver_once(store: Store, make_event: MakeEvent) -> None:
    heard: list[dict[str, Any]] = []
    write_events(store, [make_event(number=1), make_event(number=2)], datetime.now(UTC))
    with LocalReceiver(SECRET, heard.append) as local:
        receiver = WebhookReceiver(name="demo", url=local.url, secret=SecretStr(SECRET))

        async def two_runs() -> None:
            for _ in range(2):
                ways = Channels(["127.0.0.1"])
                await deliverer(store, ways, [receiver], lambda: datetime.now(UTC)).tick()
                await ways.close()

        asyncio.run(two_runs())
    assert [event["data"]["event_id"] for event in heard] == ["northwind.1.1", "northwind.1.2"]
    assert rows(store, "attempt, outcome, status") == [(1, "delivered", 200)] * 2


def test_500_then_200_is_two_attempts_with_one_id(
    store: Store, make_event: MakeEvent, make_receiver: MakeReceiver, play: SimpleNamespace
) -> None:
    clock = Clock()
    write_events(store, [make_event()], NOW)

    async def scenario() -> list[tuple[str, str]]:
        async with play.receiver(play.answers(500), play.answers(200)) as hook:
            for _ in range(3):
                ways = Channels(["127.0.0.1"])
                await deliverer(store, ways, [make_receiver(hook.url)], clock).tick()
                await ways.close()
                clock.now += timedelta(seconds=6)
            return [
                (headers["webhook-id"], headers["webhook-timestamp"])
                for headers, _ in hook.requests
            ]

    start = round(NOW.timestamp())
    assert asyncio.run(scenario()) == [
        ("northwind.1.1", str(start)),
        ("northwind.1.1", str(start + 6)),  # signed for the time of the attempt
    ]
    assert rows(store, "attempt, outcome, status") == [(1, "retry", 500), (2, "delivered", 200)]


def test_what_happens_while_a_receiver_is_away_is_told_once_when_it_is_back(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    often = {"receivers": ["team"], "group_interval": "5m", "repeat_interval": "10m"}
    setup = Setup([team], Route.model_validate(often))
    down, up = ScriptedChannels(DOWN), ScriptedChannels()

    def restart(ways: ScriptedChannels) -> None:
        """Another process, at each step."""
        asyncio.run(Deliverer(store, ways, setup, Around(clock=clock, random=Random(5))).tick())

    restart(down)
    for number in range(2, 8):
        clock.now += timedelta(minutes=6)
        write_events(store, [make_event(number=number)], clock.now)
        restart(down)
    assert {notice_id for _, notice_id in down.ids} == {"northwind.1.1"}
    clock.now += timedelta(hours=3)
    restart(up)
    assert up.ids == [("team", "northwind.1.1"), ("team", "northwind.1.7")]


def test_a_burst_to_a_bot_of_twenty_a_minute_becomes_digests_and_loses_nothing(
    store: Store, make_event: MakeEvent, clock: Clock
) -> None:
    bot = DingTalkReceiver(name="bot", type="dingtalk", url=SecretStr("https://example.com/robot"))
    write_events(store, [make_event(f"incident.{number}") for number in range(120)], NOW)
    sender = ScriptedChannels(limits={"dingtalk": dingtalk.LIMITS})

    async def scenario() -> None:
        sending = deliverer(store, sender, [bot], clock)
        for _ in range(12):
            await sending.tick()
            clock.now += timedelta(seconds=20)

    asyncio.run(scenario())
    told = [entry.event.change.event_id for _, letter in sender.sent for entry in letter.entries]
    assert sorted(told) == sorted(f"incident.{number}.1" for number in range(120))
    assert max(len(letter.entries) for _, letter in sender.sent) <= 40
    for began in sender.at:
        assert sum(timedelta(0) <= at - began < timedelta(minutes=1) for at in sender.at) <= 20


def test_gone_for_good_holds_everything_until_a_person_says_it_is_there_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(), make_event(number=2), make_event("contoso.1")], NOW)
    sender = ScriptedChannels(GONE)
    assert tick(store, sender, [team], clock) == 2
    clock.now += timedelta(days=3)
    write_events(store, [make_event("late.1")], clock.now)
    assert tick(store, sender, [team], clock) == 0
    assert rows(store, "outcome, status") == [("retry", 410)] * 2
    held = store.query("SELECT event_ids[1] FROM notices FINAL WHERE reason = 'disabled'")
    assert {event_id for (event_id,) in held} == {
        "northwind.1.1",
        "northwind.1.2",
        "contoso.1.1",
        "late.1.1",
    }
    set_endpoint(store, "team", endpoint_of(team), True, "moved back", clock.now)
    good = ScriptedChannels()
    tick(store, good, [team], clock)
    assert {notice_id for _, notice_id in good.ids} >= {"northwind.1.1", "contoso.1.1", "late.1.1"}
    of_one = [notice_id for _, notice_id in good.ids if notice_id.startswith("northwind")]
    assert of_one == sorted(of_one)
    assert tick(store, good, [team], clock) == 0


def test_at_another_address_it_is_another_receiver(
    store: Store,
    make_event: MakeEvent,
    make_receiver: MakeReceiver,
    clock: Clock,
    team: WebhookReceiver,
) -> None:
    write_events(store, [make_event()], NOW)
    assert tick(store, ScriptedChannels(GONE), [team], clock) == 1
    assert tick(store, ScriptedChannels(), [team], clock) == 0
    moved = make_receiver("https://example.com/new", "team")
    assert tick(store, ScriptedChannels(), [moved], clock) == 1
    assert rows(store, "attempt, outcome") == [(1, "retry"), (2, "delivered")]


def test_what_the_old_address_says_at_last_is_not_said_of_the_new_one(
    store: Store,
    make_event: MakeEvent,
    make_receiver: MakeReceiver,
    clock: Clock,
    team: WebhookReceiver,
) -> None:
    write_events(store, [make_event()], NOW)
    moved = make_receiver("https://example.com/new", "team")

    async def scenario() -> None:
        answers = asyncio.Event()

        async def plan(receiver: Receiver, _: Letter) -> Attempt:
            if receiver == moved:
                return OK
            await answers.wait()
            return GONE

        sender = ScriptedChannels(plan)
        sending = deliverer(store, sender, [team], clock)
        running = asyncio.create_task(sending.run())
        await until(lambda: bool(sender.sent))
        sending.configure(Setup([moved]))
        answers.set()
        await until(lambda: bool(endpoints(store)))
        clock.now += LISTEN
        sending.look()
        await until(lambda: len(sender.sent) == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    assert endpoints(store) == {("team", endpoint_of(team)): False}


def test_killed_between_hearing_that_it_is_gone_and_recording_it_loses_nothing(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    for refused in ("endpoints", "notices", "deliveries"):
        flaky = Flaky(store)
        flaky.refuses = {refused} if refused != "notices" else set()
        with suppress(StoreUnavailable):
            tick(flaky, ScriptedChannels(GONE), [team], clock)
    set_endpoint(store, "team", endpoint_of(team), True, "", clock.now)
    good = ScriptedChannels()
    clock.now += timedelta(minutes=1)
    assert tick(store, good, [team], clock) == 1
    assert good.ids == [("team", "northwind.1.1")]


def test_a_receiver_that_fails_for_an_hour_is_told_of(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    tick(store, ScriptedChannels(DOWN), [team], clock)
    clock.now += timedelta(hours=1)
    says: dict[str, float] = {}
    with capture_logs() as logs:
        sending = deliverer(store, ScriptedChannels(DOWN), [team], clock, report=says.__setitem__)
        asyncio.run(sending.tick())
    assert [log["receiver"] for log in logs if log["event"] == "receiver fails"] == ["team"]
    assert says == {"team": 3600}
