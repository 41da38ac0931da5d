"""Several that deliver from one database: exactly one sends."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.records import Attempt, Letter
from infra.incidents import write_events
from infra.receivers import Receiver, WebhookReceiver
from infra.store import Store
from streams.lead import BEAT, STALE, Lead
from tests.infra.conftest import incident_event, receiver_at

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)


class Seconds:
    """A clock that goes on while a process is frozen."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def team() -> WebhookReceiver:
    return receiver_at("https://example.com/team")


Make = Callable[[ScriptedChannels], Deliverer]


@pytest.fixture
def make(store: Store, seconds: Seconds, team: WebhookReceiver) -> Make:
    """A process that delivers."""

    def made(ways: ScriptedChannels) -> Deliverer:
        lead = Lead(store, role="deliver", clock=seconds)
        around = Around(clock=lambda: NOW, random=Random(1), leader=lead)
        return Deliverer(store, ways, Setup([team]), around)

    return made


def others_are_silent(store: Store) -> None:
    """As if their last signs of life were long ago."""
    store.command("TRUNCATE TABLE watchers")


def outcomes(store: Store) -> list[Any]:
    return store.query("SELECT event_id, attempt, outcome FROM deliveries FINAL ORDER BY event_id")


def test_one_sends_and_the_other_takes_over(store: Store, seconds: Seconds, make: Make) -> None:
    ways = [ScriptedChannels(), ScriptedChannels()]
    first, second = (make(each) for each in ways)

    async def both() -> None:
        for each in (first, second):
            await each.tick()

    async def scenario() -> None:
        write_events(store, [incident_event()], NOW)
        await both()
        assert ways[0].sent == []  # for a beat, in which one that began before may be heard of
        seconds.at += BEAT
        await both()
        write_events(store, [incident_event(number=2)], NOW)
        seconds.at += BEAT
        others_are_silent(store)  # the first was killed
        await second.tick()

    asyncio.run(scenario())
    assert [notice_id for _, notice_id in ways[0].ids] == ["northwind.1.1"]
    assert [notice_id for _, notice_id in ways[1].ids] == ["northwind.1.2"]


def test_one_that_wakes_up_begins_nothing_and_records_nothing(
    store: Store, seconds: Seconds, make: Make
) -> None:
    woken = ScriptedChannels()

    async def freezes(_: Receiver, __: Letter) -> Attempt:
        """In the middle of an attempt, while another begins to lead, sends and records."""
        seconds.at += STALE + 0.1
        others_are_silent(store)
        ways = ScriptedChannels(Attempt(outcome="retry", status=500))
        other = make(ways)
        assert await other.tick() == 0
        seconds.at += BEAT
        assert await other.tick() == 1
        return Attempt(outcome="delivered", status=200)

    async def scenario() -> None:
        write_events(store, [incident_event(), incident_event(number=2)], NOW)
        woken._plan = freezes
        first = make(woken)
        await first.tick()
        seconds.at += BEAT
        await first.tick()
        await first.tick()
        assert len(woken.sent) == 1

    asyncio.run(scenario())
    assert outcomes(store) == [("northwind.1.1", 1, "retry")]
