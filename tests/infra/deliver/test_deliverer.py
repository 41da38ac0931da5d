import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import SecretStr
from structlog.testing import capture_logs

from forecasting.records import IncidentEvent
from infra.channels import dingtalk
from infra.channels.open_channels import Channels
from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import LISTEN, Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.lane import IN_FLIGHT
from infra.deliver.leader import Alone
from infra.deliver.outbox import RESEND, Delivery, record
from infra.deliver.people import ask_resend, endpoint_of, endpoints, set_endpoint
from infra.deliver.recall import outstanding, sent
from infra.deliver.records import Attempt, Letter
from infra.deliver.routes import Route
from infra.deliver.schedule import DELAYS, JITTER
from infra.incidents import write_events
from infra.receiver import LocalReceiver
from infra.receivers import DingTalkReceiver, Receiver, WebhookReceiver
from infra.store import Param, Row, Store, StoreRejected, StoreUnavailable

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds until a test gives up: no more than what a busy machine may need."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = Attempt(outcome="delivered", status=200)
DOWN = Attempt(outcome="retry", detail="connection refused or unreachable")
GONE = Attempt(outcome="gave_up", status=410, detail="the receiver is gone (410)", gone=True)
MakeEvent = Callable[..., IncidentEvent]
MakeReceiver = Callable[..., WebhookReceiver]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Flaky:
    """A store that is away while told to be, for everything or for one table's inserts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False
        self.refuses: set[str] = set()
        self.refused = 0
        self.inserted: list[tuple[str, Sequence[Any]]] = []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._maybe(table in self.refuses)
        self._store.insert(table, columns, rows)
        self.inserted += [(table, row) for row in rows]

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self._maybe(False)
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._store.command(sql, params)

    def close(self) -> None:
        self._store.close()

    def _maybe(self, refuse: bool) -> None:
        if self.away or refuse:
            self.refused += 1
            raise StoreUnavailable("away")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def team(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/team", "team")


@pytest.fixture
def boss(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/boss", "boss")


def deliverer(
    store: Store, ways: Any, receivers: Sequence[Receiver], clock: Any, **around: Any
) -> Deliverer:
    return Deliverer(store, ways, Setup(receivers), Around(clock=clock, random=Random(5), **around))


def tick(
    store: Store, ways: Any, receivers: Sequence[Receiver], clock: Clock, **around: Any
) -> int:
    """A tick of a new deliverer: each call is a restart."""
    return asyncio.run(deliverer(store, ways, receivers, clock, **around).tick())


def rows(store: Store, columns: str) -> list[Row]:
    return store.query(
        f"SELECT {columns} FROM deliveries FINAL ORDER BY event_id, receiver, attempt"
    )


def decided(store: Store, columns: str = "receiver, decision, reason, event_ids[1]") -> list[Row]:
    return store.query(f"SELECT {columns} FROM notices FINAL ORDER BY receiver, notice_id")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another task or thread brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


# ---- what is sent, once, in order


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


# ---- side by side


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


def a_retry(event_id: str, receiver: str, next_at: datetime) -> Delivery:
    return Delivery(
        event_id=event_id,
        receiver=receiver,
        attempt=1,
        at=NOW,
        outcome="retry",
        status=500,
        detail="",
        next_at=next_at,
    )


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


# ---- with the real ways out


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


# ---- receivers that are gone


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


# ---- what people ask for


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


# ---- who is told


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


# ---- several processes


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


# ---- whatever happens


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
