import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.records import IncidentEvent
from infra.channels.webhook import Attempt, WebhookSender
from infra.deliver.deliverer import IN_FLIGHT, Deliverer
from infra.deliver.outbox import Delivery, owed, record
from infra.deliver.schedule import DELAYS, JITTER
from infra.incidents import write_events
from infra.receiver import LocalReceiver
from infra.receivers import WebhookReceiver
from infra.store import Param, Row, Store, StoreRejected, StoreUnavailable

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = Attempt(outcome="delivered", status=200)
DOWN = Attempt(outcome="retry", detail="connection refused or unreachable")
GONE = Attempt(outcome="gave_up", status=410, detail="the receiver is gone for good (410)")
MakeEvent = Callable[..., IncidentEvent]
MakeReceiver = Callable[..., WebhookReceiver]
Plan = Callable[[str, str], Awaitable[Attempt]]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Scripted:
    """A sender that does what the plan says for a receiver and an event."""

    def __init__(self, plan: Plan | Attempt = OK) -> None:
        self._plan = plan
        self.sent: list[tuple[str, str]] = []

    async def send(
        self, receiver: WebhookReceiver, message_id: str, *, body: bytes, now: datetime
    ) -> Attempt:
        assert msgspec.json.decode(body)["data"]["event_id"] == message_id
        self.sent.append((receiver.name, message_id))
        if isinstance(self._plan, Attempt):
            return self._plan
        return await self._plan(receiver.name, message_id)


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
    store: Store, sender: Any, receivers: Sequence[WebhookReceiver], clock: Any
) -> Deliverer:
    return Deliverer(store, sender, receivers, clock=clock, random=Random(5))


def tick(store: Store, sender: Any, receivers: Sequence[WebhookReceiver], clock: Clock) -> int:
    """A tick of a new deliverer: each call is a restart."""
    return asyncio.run(deliverer(store, sender, receivers, clock).tick())


def rows(store: Store, columns: str) -> list[Row]:
    return store.query(
        f"SELECT {columns} FROM deliveries FINAL ORDER BY event_id, receiver, attempt"
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another task or thread brings about."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


# ---- what is sent, once, in order


def test_everything_due_is_sent_once(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    sender = Scripted()
    assert tick(store, sender, [team, boss], clock) == 2
    assert tick(store, sender, [team, boss], clock) == 0
    assert sorted(sender.sent) == [("boss", "northwind.1.1"), ("team", "northwind.1.1")]
    assert rows(store, "receiver, attempt, outcome, status, at") == [
        ("boss", 1, "delivered", 200, NOW),
        ("team", 1, "delivered", 200, NOW),
    ]


def test_changes_that_waited_go_out_in_order_in_one_tick(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(number=number) for number in (3, 1, 2, 11)], NOW)
    sender = Scripted()
    assert tick(store, sender, [team], clock) == 4
    assert [event for _, event in sender.sent] == [f"northwind.1.{n}" for n in (1, 2, 3, 11)]


def test_a_receiver_that_nobody_configured_any_more_is_left_alone(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    tick(store, Scripted(DOWN), [team], clock)
    clock.now += timedelta(days=1)
    assert tick(store, Scripted(), [], clock) == 0


def test_an_event_that_can_not_be_read_does_not_stop_the_others(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    row = ("x.1.1", "x.1", "X", 1, "opened", NOW, NOW, '{"change": 1}')
    columns = ["event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body"]
    store.insert("incident_events", columns, [row])
    write_events(store, [make_event()], NOW)
    sender = Scripted()
    assert tick(store, sender, [team], clock) == 2
    assert sender.sent == [("team", "northwind.1.1")]
    assert rows(store, "event_id, outcome") == [
        ("northwind.1.1", "delivered"),
        ("x.1.1", "gave_up"),
    ]


# ---- the schedule, over restarts


def test_a_receiver_that_is_down_is_tried_on_schedule_and_then_given_up_loudly(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event(number=1), make_event(number=2)], NOW)
    sender = Scripted(DOWN)
    for delay in DELAYS[1:]:
        assert tick(store, sender, [team], clock) == 1
        assert tick(store, sender, [team], clock) == 0
        clock.now += delay * 0.999
        assert tick(store, sender, [team], clock) == 0
        clock.now += delay * (JITTER + 0.002)
    assert tick(store, Scripted(DOWN), [team], clock) == 2  # the last, and the change behind it
    attempts = rows(store, "event_id, attempt, outcome, detail")
    first = [attempt[1:] for attempt in attempts if attempt[0] == "northwind.1.1"]
    assert [attempt[:2] for attempt in first] == [
        *[(number, "retry") for number in range(1, 10)],
        (10, "gave_up"),
    ]
    assert "attempt 10 was the last" in first[-1][2]
    assert "refused" in first[-1][2]
    assert attempts[-1][:3] == ("northwind.1.2", 1, "retry")


def test_gone_for_good_is_given_up_at_once(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    assert tick(store, Scripted(GONE), [team], clock) == 1
    clock.now += timedelta(days=30)
    assert tick(store, Scripted(), [team], clock) == 0
    assert rows(store, "outcome, status") == [("gave_up", 410)]


def test_a_receiver_that_asks_for_time_gets_it(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    asked = Attempt(outcome="retry", status=429, wait=timedelta(hours=3))
    tick(store, Scripted(asked), [team], clock)
    clock.now += timedelta(hours=3) - timedelta(seconds=1)
    assert tick(store, Scripted(), [team], clock) == 0
    clock.now += timedelta(hours=3) * JITTER + timedelta(seconds=2)
    assert tick(store, Scripted(), [team], clock) == 1


def test_killed_between_sending_and_recording_it_sends_the_same_id_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    flaky = Flaky(store)
    flaky.refuses = {"deliveries"}
    sender = Scripted()
    with pytest.raises(StoreUnavailable):
        tick(flaky, sender, [team], clock)
    assert tick(store, sender, [team], clock) == 1
    assert sender.sent == [("team", "northwind.1.1")] * 2
    assert rows(store, "attempt, outcome") == [(1, "delivered")]


def test_a_store_that_could_not_record_is_told_later_without_sending_again(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    flaky = Flaky(store)
    flaky.refuses = {"deliveries"}
    sender = Scripted()

    async def twice() -> int:
        same = deliverer(flaky, sender, [team], clock)
        with pytest.raises(StoreUnavailable):
            await same.tick()
        flaky.refuses = set()
        return await same.tick()

    assert asyncio.run(twice()) == 0
    assert len(sender.sent) == 1
    assert rows(store, "attempt, outcome") == [(1, "delivered")]


# ---- side by side


def test_at_most_so_many_attempts_at_a_receiver_at_a_time(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event(f"incident.{number}") for number in range(10)], NOW)
    now, most = Counter[str](), Counter[str]()

    async def plan(receiver: str, _: str) -> Attempt:
        now[receiver] += 1
        most[receiver] = max(most[receiver], now[receiver])
        for _ in range(50):
            await asyncio.sleep(0)
        now[receiver] -= 1
        return OK

    assert tick(store, Scripted(plan), [team, boss], clock) == 20
    assert most == {"team": IN_FLIGHT, "boss": IN_FLIGHT}


def test_a_hanging_receiver_delays_nobody_and_a_wake_sends_at_once(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    async def plan(receiver: str, _: str) -> Attempt:
        if receiver == "boss":
            await asyncio.Event().wait()
        return OK

    async def scenario() -> list[tuple[str, str]]:
        sender, wake = Scripted(plan), asyncio.Event()
        running = asyncio.create_task(deliverer(store, sender, [team, boss], clock).run(wake))
        for number in range(1, 4):
            write_events(store, [make_event(number=number)], NOW)
            wake.set()
            await until(lambda n=number: ("team", f"northwind.1.{n}") in sender.sent)
        await until(lambda: len(rows(store, "event_id")) == 3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [sent for sent in sender.sent if sent[0] == "boss"]

    assert asyncio.run(scenario()) == [("boss", "northwind.1.1")]
    assert {receiver for (receiver,) in rows(store, "receiver")} == {"team"}
    assert tick(store, Scripted(), [team, boss], clock) == 3  # the boss is owed all three


def test_a_retry_goes_out_when_it_is_due_without_a_wake(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], datetime.now(UTC))
    next_at = datetime.now(UTC) + timedelta(milliseconds=80)
    record(store, [a_retry("northwind.1.1", "team", next_at)])

    async def scenario() -> bool:
        sender = Scripted()
        running = asyncio.create_task(
            deliverer(store, sender, [team], lambda: datetime.now(UTC)).run(asyncio.Event())
        )
        async with asyncio.timeout(10):  # less than the sweep
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
        sender, wake = Scripted(), asyncio.Event()
        running = asyncio.create_task(deliverer(flaky, sender, [team], clock).run(wake))
        await until(lambda: flaky.refused >= 1)
        flaky.refuses = {"deliveries"}  # back, but not for writing
        flaky.away = False
        before = flaky.refused
        wake.set()
        await until(lambda: bool(sender.sent) and flaky.refused > before)
        flaky.refuses = set()
        wake.set()
        await until(lambda: rows(store, "outcome") == [("delivered",)])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return sender.sent

    assert asyncio.run(scenario()) == [("team", "northwind.1.1")]


@pytest.mark.parametrize("steps", range(6))
def test_a_wake_at_the_same_moment_does_not_swallow_the_cancellation(
    store: Store, clock: Clock, team: WebhookReceiver, steps: int
) -> None:
    flaky = Flaky(store)

    async def scenario() -> None:
        flaky.away = True  # it waits, for a quarter of a second at least
        wake = asyncio.Event()
        running = asyncio.create_task(deliverer(flaky, Scripted(), [team], clock).run(wake))
        await until(lambda: flaky.refused == 1)
        await asyncio.sleep(0.02)
        wake.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=5)
        assert done

    asyncio.run(scenario())


def test_our_own_bug_ends_the_run_after_what_went_well_is_kept(
    store: Store, make_event: MakeEvent, clock: Clock, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)

    async def plan(receiver: str, _: str) -> Attempt:
        if receiver == "boss":
            raise ZeroDivisionError
        return OK

    async def scenario() -> None:
        async with asyncio.timeout(20):
            await deliverer(store, Scripted(plan), [team, boss], clock).run(asyncio.Event())

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
        async with asyncio.timeout(20):
            await deliverer(wrong, Scripted(), [team], clock).run(asyncio.Event())

    with pytest.raises(StoreRejected):
        asyncio.run(scenario())


# ---- with the real sender


def test_an_incident_reaches_a_real_receiver_once(store: Store, make_event: MakeEvent) -> None:
    heard: list[dict[str, Any]] = []
    write_events(store, [make_event(number=1), make_event(number=2)], datetime.now(UTC))
    with LocalReceiver(SECRET, heard.append) as local:
        receiver = WebhookReceiver(name="demo", url=local.url, secret=SECRET)

        async def two_runs() -> None:
            for _ in range(2):
                sender = WebhookSender(["127.0.0.1"])
                await deliverer(store, sender, [receiver], lambda: datetime.now(UTC)).tick()
                await sender.close()

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
                sender = WebhookSender(["127.0.0.1"])
                await deliverer(store, sender, [make_receiver(hook.url)], clock).tick()
                await sender.close()
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


# ---- whatever happens


fates = st.tuples(
    st.lists(st.sampled_from(["retry", "asks"]), max_size=3),
    st.sampled_from(["delivered", "gave_up"]),
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 1), st.integers(1, 3)), min_size=1, max_size=3, unique=True
    ),
    fate=st.lists(fates, min_size=6, max_size=6),
    kills=st.lists(st.booleans(), max_size=4),
)
def test_whatever_receivers_and_kills_do_every_event_ends_once_and_in_order(
    store: Store,
    make_event: MakeEvent,
    make_receiver: MakeReceiver,
    events: list[tuple[int, int]],
    fate: list[tuple[list[str], str]],
    kills: list[bool],
) -> None:
    for table in ("incident_events", "deliveries", "receivers"):
        store.command(f"TRUNCATE TABLE {table}")
    clock, flaky = Clock(), Flaky(store)
    receivers = [make_receiver("https://example.com", name) for name in ("team", "boss")]
    written = [make_event(f"incident.{incident}", number) for incident, number in events]
    write_events(store, written, NOW)
    ids = [event.change.event_id for event in written]
    keys = [(receiver, event_id) for receiver in ("team", "boss") for event_id in ids]
    outcomes = {key: [*before, end] for key, (before, end) in zip(keys, fate, strict=False)}
    begun: dict[str, list[str]] = defaultdict(list)

    async def plan(receiver: str, event_id: str) -> Attempt:
        inserted = [row[:2] for table, row in flaky.inserted if table == "deliveries"]
        made = inserted.count((event_id, receiver))
        if event_id not in begun[receiver]:
            begun[receiver].append(event_id)
        what = outcomes[receiver, event_id][made]  # IndexError: sent after its recorded end
        if what == "asks":
            return Attempt(outcome="retry", status=503, wait=timedelta(hours=1))
        return Attempt(outcome=what)  # type: ignore[arg-type]

    for _ in range(60):
        # Killed before it could record what it sent: the next tick is another process.
        flaky.refuses = {"deliveries"} if kills and kills.pop() else set()
        with suppress(StoreUnavailable):
            tick(flaky, Scripted(plan), receivers, clock)
        waiting = owed(store, receivers)
        if not waiting:
            break
        clock.now = max(clock.now, waiting[0].due_at)
    recorded: dict[tuple[str, str], list[str]] = defaultdict(list)
    for receiver, event_id, outcome in rows(store, "receiver, event_id, outcome"):
        recorded[receiver, event_id].append(outcome)
    assert recorded == {
        key: ["retry" if what == "asks" else what for what in expected]
        for key, expected in outcomes.items()
    }
    for order in begun.values():
        for incident in ("incident.0", "incident.1"):
            mine = [int(event.rsplit(".", 1)[1]) for event in order if event.startswith(incident)]
            assert mine == sorted(mine)
