"""What a process that decides finds on disk, and what it lets go of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from forecasting.records import IncidentEvent
from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import FORGET, LOOK_AT_ALL, Decider, Setup
from infra.incidents import COLUMNS, write_events
from infra.receivers import WebhookReceiver
from infra.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MakeEvent = Callable[..., IncidentEvent]


@pytest.fixture
def setup(make_receiver: Callable[..., WebhookReceiver]) -> Setup:
    return Setup([make_receiver("https://example.com/team", "team")])


def begun(store: Store, setup: Setup, now: datetime) -> Decider:
    return Decider(store, setup, ScriptedChannels().limits, now)


def told(decider: Decider, now: datetime, *, announced: bool = True) -> list[str]:
    """Ids of what a turn decided to tell."""
    heard = decider.turn(now, announced=announced, stuck={}, may=lambda: True)
    return [job.notice.notice_id for _, job in heard.jobs]


def test_what_is_over_is_forgotten_and_never_told_again(
    store: Store, make_event: MakeEvent, setup: Setup
) -> None:
    events = [make_event("old"), make_event("old", 2, "resolved")]
    decider = begun(store, setup, NOW)
    write_events(store, events, NOW)
    assert told(decider, NOW) == ["old.1", "old.2"]
    later = NOW + timedelta(days=2)
    assert told(decider, later) == []
    assert decider.incidents == 0
    # it fires again, as from a backup: with times of now
    for event in events:
        change = event.change
        body = msgspec.json.encode(event).decode()
        row = (change.event_id, "old", "Northwind", change.number, change.change)
        store.insert("incident_events", COLUMNS, [(*row, change.at, later, body)])
    write_events(store, [make_event("new")], later)
    assert told(decider, later) == ["new.1"]
    assert told(decider, later + LOOK_AT_ALL) == []
    assert told(begun(store, setup, later), later) == []


def test_what_is_open_stays_however_old_it_is(
    store: Store, make_event: MakeEvent, setup: Setup
) -> None:
    decider = begun(store, setup, NOW)
    write_events(store, [make_event("a")], NOW)
    assert told(decider, NOW) == ["a.1"]
    later = NOW + timedelta(days=400)
    assert told(decider, later) == []
    write_events(store, [make_event("a", 2, "resolved")], later)
    assert told(decider, later + FORGET) == ["a.2"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_change_with_an_old_time_is_found_among_forgotten_ones(
    store: Store, make_event: MakeEvent, setup: Setup, announced: bool
) -> None:
    decider = begun(store, setup, NOW)
    write_events(store, [make_event("old"), make_event("old", 2, "resolved")], NOW)
    told(decider, NOW)
    later = NOW + timedelta(days=2)
    told(decider, later)
    # of a watcher that was frozen
    write_events(store, [make_event("late")], NOW - timedelta(days=1))
    wait = timedelta(minutes=1) if announced else LOOK_AT_ALL
    assert told(decider, later + wait, announced=announced) == ["late.1"]
