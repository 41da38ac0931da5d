"""How much there is to wait for: what is told soon, and not what may never be told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forecasting.records import IncidentEvent
from infra.deliver.outbox import Delivery, decide, record
from infra.deliver.recall import outstanding
from infra.deliver.records import Hold, Notice, Said, Skip
from infra.incidents import write_events
from infra.receivers import WebhookReceiver
from infra.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=10)
LATER = NOW + timedelta(hours=8)


@pytest.fixture
def team(make_receiver: Callable[..., WebhookReceiver]) -> WebhookReceiver:
    return make_receiver("https://example.com/team", "team")


def notice(incident: str, number: int) -> Notice:
    name = f"{incident}.{number}"
    return Notice(
        notice_id=name,
        receiver="team",
        group="",
        said=(Said(kind="updated", event_id=name),),
        decided_at=NOW,
        due_at=NOW,
    )


def hold(incident: str, change: str, reason: Any, **changed: Any) -> Hold:
    fields: dict[str, Any] = {"decided_at": NOW, "until": None, **changed}
    return Hold(
        receiver="team",
        incident_id=incident,
        event_id=f"{incident}.{change}",
        reason=reason,
        detail="",
        **fields,
    )


def superseded(incident: str, number: int) -> Skip:
    return Skip(
        receiver="team",
        incident_id=incident,
        event_id=f"{incident}.{number}",
        reason="superseded",
        detail="",
        decided_at=NOW,
    )


def attempt(event_id: str, outcome: Any, number: int, next_at: datetime = NOW) -> Delivery:
    return Delivery(
        event_id=event_id,
        receiver="team",
        attempt=number,
        at=NOW,
        outcome=outcome,
        status=0,
        detail="",
        next_at=next_at,
    )


@pytest.mark.parametrize("reason", ["inhibited", "disabled"])
def test_nobody_waits_for_what_may_last_for_ever(
    store: Store, team: WebhookReceiver, reason: str
) -> None:
    decide(store, [hold("a", "1", reason)])
    assert outstanding(store, [team], SOON) == 0


def test_what_waits_for_the_message_before_it_is_told_when_that_is_there(
    store: Store, team: WebhookReceiver
) -> None:
    decide(store, [notice("a", 1), notice("b", 1), hold("a", "2", "undelivered")])
    record(store, [attempt("b.1", "delivered", 1), attempt("a.1", "retry", 1, LATER)])
    assert outstanding(store, [team], SOON) == 0
    record(store, [attempt("a.1", "retry", 2, SOON)])
    assert outstanding(store, [team], SOON) == 2
    # it is there, and nobody has decided yet to tell what waited for it
    record(store, [attempt("a.1", "delivered", 3)])
    assert outstanding(store, [team], SOON) == 1
    decide(store, [notice("a", 2)])
    record(store, [attempt("a.2", "delivered", 1)])
    assert outstanding(store, [team], SOON) == 0


def test_of_an_incident_the_newest_hold_counts(store: Store, team: WebhookReceiver) -> None:
    decide(store, [hold("a", "9", "group_interval", until=SOON)])
    assert outstanding(store, [team], SOON) == 1
    # until the morning; what is told then is the newest
    decide(store, [hold("a", "10", "quiet_hours", until=LATER)])
    assert outstanding(store, [team], SOON) == 0
    decide(store, [hold("a", "10.escalated.1", "silenced", until=SOON, decided_at=SOON)])
    assert outstanding(store, [team], SOON) == 1
    decide(store, [notice("a", 10), superseded("a", 9)])
    record(store, [attempt("a.10", "delivered", 1)])
    decide(store, [hold("a", "10.escalated.1", "silenced", decided_at=LATER)])
    assert outstanding(store, [team], SOON) == 0


def test_what_came_before_a_change_that_is_held_is_decided_with_it(
    store: Store, make_event: Callable[..., IncidentEvent], team: WebhookReceiver
) -> None:
    write_events(store, [make_event("a", number) for number in (1, 2, 10)], NOW)
    assert outstanding(store, [team], SOON) == 3
    decide(store, [hold("a", "10", "silenced", until=LATER)])
    assert outstanding(store, [team], SOON) == 0
    write_events(store, [make_event("a", 11)], NOW)
    assert outstanding(store, [team], SOON) == 1
