from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.deliver.outbox import EPOCH, GRACE, RESEND, Delivery, decide, join, record
from infra.deliver.people import ask_resend
from infra.deliver.recall import Failing, asked_again, failing, holds, outstanding, sent, skips
from infra.deliver.records import Hold, Notice, Outcome, Said, Skip
from infra.incidents import Incident, events, incidents, write_events
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


def notice(event_id: str = "northwind.1.1", receiver: str = "team", **changed: Any) -> Notice:
    plain = Notice(
        notice_id=event_id,
        receiver=receiver,
        group="northwind",
        said=(Said(kind="opened", event_id=event_id, told_id=""),),
        decided_at=NOW,
        due_at=NOW,
    )
    return replace(plain, **changed)


def hold(event_id: str = "northwind.1.1", receiver: str = "team", **changed: Any) -> Hold:
    plain = Hold(
        receiver=receiver,
        incident_id=event_id.rpartition(".")[0],
        event_id=event_id,
        reason="quiet_hours",
        detail="22:00 to 07:00",
        decided_at=NOW,
        until=NOW + timedelta(hours=8),
    )
    return replace(plain, **changed)


def skip(event_id: str = "northwind.1.1", receiver: str = "team") -> Skip:
    return Skip(
        receiver=receiver,
        incident_id=event_id.rpartition(".")[0],
        event_id=event_id,
        reason="superseded",
        detail="by northwind.1.2",
        decided_at=NOW,
    )


def made(
    outcome: Outcome = "delivered",
    notice_id: str = "northwind.1.1",
    attempt: int = 1,
    *,
    receiver: str = "team",
    at: datetime = NOW,
    next_at: datetime | None = None,
) -> Delivery:
    return Delivery(
        event_id=notice_id,
        receiver=receiver,
        attempt=attempt,
        at=at,
        outcome=outcome,
        status=200 if outcome == "delivered" else 500,
        detail="",
        next_at=next_at or at,
        latency_ms=12,
    )


# ---- what was decided


def test_a_notice_comes_back_whole_to_its_receiver(store: Store) -> None:
    digest = notice(
        "dig_1",
        said=(
            Said(kind="updated", event_id="a.1.2", told_id="a.1.1"),
            Said(kind="acknowledged", event_id="b'\\.1", by="Kai, PR"),
        ),
        due_at=NOW + timedelta(minutes=1),
    )
    decide(store, [digest, notice(receiver="boss")])
    ((found, attempts, due_at, ended),) = sent(store, ["team"])
    assert found == digest
    assert (attempts, due_at, ended) == (0, digest.due_at, False)


def test_deciding_twice_is_deciding_once(store: Store) -> None:
    decide(store, [notice(), hold("b.1.1"), skip("c.1.1")])
    decide(store, [notice(), hold("b.1.1"), skip("c.1.1")])
    assert len(sent(store, ["team"])) == 1
    assert store.query("SELECT count() FROM notices FINAL") == [(3,)]


def test_no_later_hold_or_skip_takes_the_place_of_what_is_owed(store: Store) -> None:
    decide(store, [notice()])
    late = NOW + timedelta(hours=1)
    decide(store, [hold(decided_at=late), replace(skip(), decided_at=late)])
    assert [each.notice for each in sent(store, ["team"])] == [notice()]


@pytest.mark.parametrize("outcome", ["delivered", "gave_up"])
def test_a_notice_ends_once_at_its_receiver(store: Store, outcome: Outcome) -> None:
    decide(store, [notice(), notice(receiver="boss")])
    record(store, [made(outcome)])
    assert [each.ended for each in sent(store, ["team"])] == [True]
    assert [each.ended for each in sent(store, ["boss"])] == [False]


def test_the_last_attempt_says_when_the_next_is_due(store: Store) -> None:
    decide(store, [notice()])
    for attempt in (1, 2, 3):
        next_at = NOW + timedelta(minutes=5 * attempt, milliseconds=123)
        record(store, [made("retry", attempt=attempt, next_at=next_at)] * 2)
    ((_, attempts, due_at, ended),) = sent(store, ["team"])
    assert (attempts, due_at, ended) == (3, next_at, False)


def test_notices_come_in_the_order_they_were_decided(store: Store) -> None:
    later = NOW + timedelta(milliseconds=1)
    decide(store, [notice("a.1.10", decided_at=later), notice("a.1.2"), notice("a.1.1")])
    decide(store, [notice("a.1.11", decided_at=later)])
    ids = [each.notice.notice_id for each in sent(store, ["team"])]
    assert ids == ["a.1.1", "a.1.2", "a.1.10", "a.1.11"]


def test_skips_come_back(store: Store) -> None:
    decide(store, [skip(), skip("a.1.1", "boss")])
    assert skips(store, ["team"]) == [skip()]


def test_of_holds_the_newest_counts_until_the_change_is_told_or_skipped(store: Store) -> None:
    decide(store, [hold(), hold("a.1.1"), hold("b.1.1"), hold("a.1.1", "boss")])
    silenced = hold(reason="silenced", until=None, decided_at=NOW + timedelta(seconds=1))
    decide(store, [silenced, skip("b.1.1")])
    assert holds(store, ["team"]) == [hold("a.1.1"), silenced]
    decide(store, [notice("dig_1", said=(Said(kind="opened", event_id="a.1.1"),))])
    assert holds(store, ["team"]) == [silenced]
    assert holds(store, ["boss"]) == [hold("a.1.1", "boss")]


def test_names_are_data_and_not_sql(store: Store) -> None:
    decide(store, [notice("north'wind\\.1"), hold("x'\\.1.1"), skip("y'\\.1.1")])
    record(store, [made(notice_id="north'wind\\.1")])
    assert [each.ended for each in sent(store, ["team"], "north'wind\\.1")] == [True]
    assert [each.event_id for each in holds(store, ["team"])] == ["x'\\.1.1"]


# ---- before there were notices


def test_what_was_delivered_before_counts_as_told(store: Store, make_event: MakeEvent) -> None:
    write_events(store, [make_event(), make_event(number=2)], NOW)
    record(store, [made("retry"), made(attempt=2, at=NOW + timedelta(seconds=5))])
    ((found, attempts, _, ended),) = sent(store, ["team"])
    assert (found.notice_id, found.decided_at, attempts, ended) == ("northwind.1.1", NOW, 2, True)
    assert found.said == (Said(kind="opened", event_id="northwind.1.1"),)
    assert sent(store, ["boss"]) == []


def test_what_was_begun_before_goes_on_where_it_was(store: Store, make_event: MakeEvent) -> None:
    write_events(store, [make_event(number=2, change="resolved")], NOW)
    then = NOW + timedelta(minutes=5)
    record(store, [made("retry", "northwind.1.2", 3, next_at=then)])
    ((found, attempts, due_at, ended),) = sent(store, ["team"])
    assert (found.said[0].kind, attempts, due_at, ended) == ("resolved", 3, then, False)


def test_attempts_on_what_is_no_change_are_no_notices(store: Store) -> None:
    record(store, [made(notice_id="test_1")])
    assert sent(store, ["team"]) == []


# ---- what people ask for


def test_what_is_asked_for_again_is_owed_until_it_ends(store: Store, team: WebhookReceiver) -> None:
    decide(store, [notice(), notice(receiver="boss")])
    record(store, [made()])
    assert ask_resend(store, "team", "northwind.1.1", "kai", NOW) == 1
    assert asked_again(store, [team]) == [(notice(), 1, 0, NOW)]
    then = NOW + timedelta(seconds=5)
    record(store, [made("retry", attempt=RESEND + 1, next_at=then)])
    assert asked_again(store, [team]) == [(notice(), 1, 1, then)]
    record(store, [made(attempt=RESEND + 2)])
    assert asked_again(store, [team]) == []
    assert ask_resend(store, "team", "northwind.1.1", "kai", NOW) == 2
    assert asked_again(store, [team]) == [(notice(), 2, 0, NOW)]


def test_what_nobody_knows_is_not_sent_again(store: Store, team: WebhookReceiver) -> None:
    ask_resend(store, "team", "nothing", "kai", NOW)
    assert asked_again(store, [team]) == []


def test_a_notice_that_a_person_had_sent_is_over_and_one_that_failed_again_is_not(
    store: Store,
) -> None:
    decide(store, [notice(), notice("a.1.1")])
    record(store, [made("gave_up", attempt=RESEND + 1), made("retry")])
    record(store, [made("delivered", "a.1.1", RESEND + 1)])
    ended = {each.notice.notice_id: (each.ended, each.attempts) for each in sent(store, ["team"])}
    assert ended == {"northwind.1.1": (False, 1), "a.1.1": (True, 0)}


# ---- who is told of what


def test_in_a_new_installation_everything_is_told(store: Store, team: WebhookReceiver) -> None:
    assert join(store, [team], NOW) == {"team": EPOCH}


def test_a_receiver_added_later_is_not_sent_the_history(
    store: Store, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    join(store, [], NOW - timedelta(days=300))
    first = NOW - timedelta(days=250)
    assert join(store, [team], first) == {"team": first - GRACE}
    expected = {"team": first - GRACE, "boss": NOW - GRACE}
    assert join(store, [team, boss], NOW) == expected
    assert join(store, [team, boss], NOW + timedelta(days=90)) == expected  # a restart


def test_a_receiver_fails_since_its_first_failure_after_a_good_attempt(
    store: Store, team: WebhookReceiver, boss: WebhookReceiver
) -> None:
    def minute(number: int) -> datetime:
        return NOW + timedelta(minutes=number)

    record(store, [made("retry", at=minute(0)), made(attempt=2, at=minute(1))])
    record(store, [made("retry", receiver="boss", at=minute(0))])
    assert failing(store, [team]) == []
    record(store, [made("retry", "a.1.1", at=minute(3)), made("gave_up", "b.1.1", at=minute(5))])
    unread = replace(made("gave_up", "c.1.1", at=minute(2)), status=0)
    record(store, [unread])  # not the receiver's fault
    assert failing(store, [team]) == [Failing("team", minute(3), 2, "")]
    assert [each.receiver for each in failing(store, [team, boss])] == ["boss", "team"]


# ---- how much there is to wait for


def test_what_nobody_has_decided_on_is_outstanding(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    quiet = make_event("quiet.1")
    write_events(
        store, [replace(quiet, change=replace(quiet.change, alerts=False)), make_event()], NOW
    )
    assert outstanding(store, [], NOW) == 0
    assert outstanding(store, [team], NOW) == 1
    decide(store, [skip()])
    assert outstanding(store, [team], NOW) == 0


def test_what_was_sent_before_there_were_decisions_is_not_outstanding(
    store: Store, make_event: MakeEvent, team: WebhookReceiver
) -> None:
    write_events(store, [make_event()], NOW)
    record(store, [made()])
    assert outstanding(store, [team], NOW) == 0


def test_what_is_due_soon_is_outstanding_and_what_is_held_for_hours_is_not(
    store: Store, team: WebhookReceiver
) -> None:
    soon = NOW + timedelta(seconds=10)
    decide(store, [hold("a.1.1"), hold("b.1.1", until=None), hold("c.1.1", until=soon)])
    assert outstanding(store, [team], soon) == 1
    decide(store, [notice("c.1.1"), notice("c.1.1", "boss")])
    assert outstanding(store, [team], soon) == 1
    record(store, [made("retry", "c.1.1", next_at=soon + timedelta(minutes=5))])
    assert outstanding(store, [team], soon) == 0
    record(store, [made("retry", "c.1.1", 2, next_at=soon)])
    assert outstanding(store, [team], soon) == 1
    record(store, [made("delivered", "c.1.1", 3)])
    assert outstanding(store, [team], soon) == 0


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
