from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.deliver.outbox import GRACE, Delivery, Due, Outcome, join, owed, record
from infra.incidents import COLUMNS, Incident, events, incidents, write_events
from infra.receivers import WebhookReceiver
from infra.store import Store

NOW = datetime(2026, 3, 1, 23, 0, 0, 250_000, tzinfo=UTC)
MakeEvent = Callable[..., IncidentEvent]
MakeReceiver = Callable[..., WebhookReceiver]


@pytest.fixture
def team(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/team", "team")


@pytest.fixture
def boss(make_receiver: MakeReceiver) -> WebhookReceiver:
    return make_receiver("https://example.com/boss", "boss")


def made(due: Due, outcome: Outcome, next_at: datetime = NOW) -> Delivery:
    return Delivery(
        event_id=due.event_id,
        receiver=due.receiver,
        attempt=due.attempt,
        at=NOW,
        outcome=outcome,
        status=200 if outcome == "delivered" else 500,
        detail="",
        next_at=next_at,
    )


def pending(store: Store, receivers: Sequence[WebhookReceiver], now: datetime) -> list[Due]:
    """What is to be sent at `now`, as the deliverer picks it."""
    return [due for due in owed(store, receivers) if due.is_due(now)]


def ids(found: list[Due]) -> list[tuple[str, str, int]]:
    return [(due.receiver, due.event_id, due.attempt) for due in found]


def test_an_event_is_owed_whole_to_every_receiver(
    store: Store, make_event: MakeEvent, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    event = make_event()
    write_events(store, [event], NOW)
    found = pending(store, [team, boss], NOW)
    assert ids(found) == [("boss", "northwind.1.1", 1), ("team", "northwind.1.1", 1)]
    assert msgspec.json.decode(found[0].body, type=IncidentEvent) == event


def test_what_does_not_alert_is_owed_to_nobody(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    quiet = make_event("quiet.1")
    quiet = msgspec.structs.replace(
        quiet, change=msgspec.structs.replace(quiet.change, alerts=False)
    )
    write_events(store, [quiet, make_event()], NOW)
    assert ids(pending(store, [team], NOW)) == [("team", "northwind.1.1", 1)]


def test_an_incident_of_an_earlier_version_is_owed(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    event_id, incident_id, brand, number, change, at, fired, body = store.query(
        "SELECT * FROM incident_events FINAL"
    )[0]
    plain = msgspec.json.decode(body)
    del plain["change"]["alerts"]
    row = (event_id, incident_id, brand, number, change, at, fired, msgspec.json.encode(plain))
    store.command("TRUNCATE TABLE incident_events SYNC")
    store.insert("incident_events", COLUMNS, [(*row[:-1], row[-1].decode())])
    assert ids(pending(store, [team], NOW)) == [("team", "northwind.1.1", 1)]


@pytest.mark.parametrize("outcome", ["delivered", "gave_up"])
def test_an_event_that_ended_at_one_receiver_is_still_owed_to_the_other(
    store: Store,
    make_event: MakeEvent,
    team: WebhookReceiver,
    boss: WebhookReceiver,
    outcome: Outcome,
) -> None:
    write_events(store, [make_event()], NOW)
    record(store, [made(pending(store, [team], NOW)[0], outcome)])
    assert ids(pending(store, [team, boss], NOW)) == [("boss", "northwind.1.1", 1)]


def test_a_retry_is_due_at_its_time_and_counts_on(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    then = NOW + timedelta(seconds=5, milliseconds=123)
    record(store, [made(pending(store, [team], NOW)[0], "retry", then)])
    assert pending(store, [team], then - timedelta(milliseconds=1)) == []
    assert ids(pending(store, [team], then)) == [("team", "northwind.1.1", 2)]
    assert [due.due_at for due in owed(store, [team])] == [then]


def test_the_last_attempt_says_when_the_next_is(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    for minutes in (5, 10, 15):
        (due,) = owed(store, [team])
        record(store, [made(due, "retry", NOW + timedelta(minutes=minutes))])
    (due,) = owed(store, [team])
    assert (due.attempt, due.due_at) == (4, NOW + timedelta(minutes=15))


def test_changes_of_one_incident_wait_for_each_other_and_for_no_other_incident(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    later = [make_event("northwind.1", number) for number in (2, 10, 1)]
    write_events(store, [*later, make_event("contoso.7", 1)], NOW)
    found = pending(store, [team], NOW)
    assert ids(found) == [("team", "contoso.7.1", 1), ("team", "northwind.1.1", 1)]
    record(store, [made(found[1], "retry", NOW + timedelta(hours=1)), made(found[0], "delivered")])
    assert pending(store, [team], NOW) == []
    record(store, [made(owed(store, [team])[0], "gave_up")])
    assert ids(pending(store, [team], NOW)) == [("team", "northwind.1.2", 1)]
    record(store, [made(owed(store, [team])[0], "delivered")])
    assert ids(pending(store, [team], NOW)) == [("team", "northwind.1.10", 1)]


def test_recording_twice_is_recording_once(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    first = made(pending(store, [team], NOW)[0], "retry", NOW)
    record(store, [first])
    record(store, [first])
    assert ids(pending(store, [team], NOW)) == [("team", "northwind.1.1", 2)]
    assert store.query("SELECT count() FROM deliveries FINAL") == [(1,)]


def test_the_oldest_comes_first(store: Store, make_event: MakeEvent, team: WebhookReceiver) -> None:
    write_events(store, [make_event("b.1")], NOW - timedelta(minutes=2))
    write_events(store, [make_event("a.1")], NOW)
    assert [due.event_id for due in pending(store, [team], NOW)] == ["b.1.1", "a.1.1"]


def test_a_first_attempt_does_not_wait_for_a_clock_that_is_behind(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW + timedelta(seconds=30))
    assert len(pending(store, [team], NOW)) == 1


def test_in_a_new_installation_everything_is_owed(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW - timedelta(days=300))
    join(store, [team], NOW)
    assert len(pending(store, [team], NOW)) == 1


def test_a_receiver_added_later_is_not_sent_the_history(
    store: Store, make_event: MakeEvent, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    join(store, [], NOW - timedelta(days=300))
    write_events(store, [make_event("old.1")], NOW - timedelta(days=200))
    write_events(store, [make_event("fresh.1")], NOW - GRACE + timedelta(minutes=1))
    join(store, [team], NOW - timedelta(days=250))
    join(store, [team, boss], NOW)
    join(store, [team, boss], NOW + timedelta(days=90))  # a restart changes nothing
    assert ids(pending(store, [team], NOW)) == [("team", "old.1.1", 1), ("team", "fresh.1.1", 1)]
    assert ids(pending(store, [boss], NOW)) == [("boss", "fresh.1.1", 1)]


def test_names_are_data_and_not_sql(
    store: Store, make_event: MakeEvent, make_receiver: MakeReceiver
) -> None:
    write_events(store, [make_event("north'wind\\.1")], NOW)
    receiver = make_receiver("https://example.com", "a.b-c_d")
    (due,) = pending(store, [receiver], NOW)
    record(store, [made(due, "delivered")])
    assert pending(store, [receiver], NOW) == []


# ---- incidents on disk


def test_a_change_stays_as_it_was_first_written(store: Store, make_event: MakeEvent) -> None:
    write_events(store, [make_event(headline="first")], NOW)
    write_events(store, [make_event(headline="again"), make_event(number=2)], NOW)
    assert [event.headline for event in events(store)] == ["first", make_event().headline]
    assert [event.change.number for event in events(store)] == [1, 2]


def test_incidents_are_summed_up_newest_first(store: Store, make_event: MakeEvent) -> None:
    calm = make_event("a.1", 4, "resolved")
    calm = replace(calm, change=replace(calm.change, severity=2))
    opened_at = NOW + timedelta(hours=1)
    later = make_event("b.1")
    later = replace(later, change=replace(later.change, opened_at=opened_at, brand="Contoso"))
    write_events(store, [make_event("a.1", 1), later, make_event("a.1", 3), calm], NOW)
    assert incidents(store) == [
        Incident(
            incident_id="b.1",
            kind="negative_surge",
            brand="Contoso",
            opened_at=opened_at,
            resolved_at=None,
            severity=6,
            alerts=True,
        ),
        Incident(
            incident_id="a.1",
            kind="negative_surge",
            brand="Northwind",
            opened_at=calm.change.opened_at,
            resolved_at=calm.change.at,
            severity=8,
            alerts=True,
        ),
    ]


def test_no_incidents_are_none(store: Store) -> None:
    assert incidents(store) == []
    assert events(store) == []
    write_events(store, [], NOW)
    assert events(store) == []
