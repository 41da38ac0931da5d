"""The log of delivery, read: who was told what, what became of it, and why others were not."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from forecasting.records import IncidentEvent
from infra.deliver import people
from infra.deliver.delivery_log import Place, Wanted, attempts, decisions, receiver_states
from infra.incidents import write_events
from infra.receivers import WebhookReceiver
from infra.store import Store

MakeEvent = Callable[..., IncidentEvent]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH = datetime.fromtimestamp(0, UTC)
MINUTE = timedelta(minutes=1)
DECIDED = (
    *("receiver", "notice_id", "decision", "reason", "detail"),
    *("incident_ids", "event_ids", "kinds", "told_ids", "said_by", "decided_at", "due_at"),
)
MADE = (
    *("event_id", "receiver", "attempt", "at", "outcome", "status"),
    *("latency_ms", "detail", "next_at"),
)


def send(
    store: Store, receiver: str, notice: str, said: Sequence[tuple[str, str]], at: datetime = NOON
) -> None:
    """A notice of changes, each an event's id and what is said."""
    ids = [event_id for event_id, _ in said]
    incidents = [event_id.rpartition(".")[0] for event_id in ids]
    none = [""] * len(ids)
    kinds = [kind for _, kind in said]
    row = (receiver, notice, "send", "", "", incidents, ids, kinds, none, none, at, at)
    store.insert("notices", DECIDED, [row])


def leave(
    store: Store, receiver: str, event_id: str, why: tuple[str, str], at: datetime, until: datetime
) -> None:
    """A change that is held or skipped, with the reason."""
    decision, reason = why
    incident = [event_id.rpartition(".")[0]]
    key = f"{event_id}.{decision}.{reason}"
    told = (incident, [event_id], [""], [""], [""])
    store.insert("notices", DECIDED, [(receiver, key, *why, "so it is", *told, at, until)])


def attempt(
    store: Store, receiver: str, notice: str, number: int, outcome: str, **changed: Any
) -> None:
    at = changed.get("at", NOON + number * MINUTE)
    row = {
        "event_id": notice,
        "receiver": receiver,
        "attempt": number,
        "at": at,
        "outcome": outcome,
        "status": 200 if outcome == "delivered" else 500,
        "latency_ms": 12,
        "detail": "" if outcome == "delivered" else "answered 500",
        "next_at": at + MINUTE if outcome == "retry" else at,
        **changed,
    }
    store.insert("deliveries", MADE, [tuple(row[name] for name in MADE)])


def receiver(name: str, url: str = "https://x.com/1") -> WebhookReceiver:
    secret = SecretStr("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3")
    return WebhookReceiver(name=name, url=url, secret=secret)


def test_a_decision_has_its_attempts_the_newest_first(store: Store) -> None:
    send(store, "desk", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "desk", "inc_1.1", 1, "retry")
    attempt(store, "desk", "inc_1.1", 2, "delivered")
    attempt(store, "boss", "inc_1.1", 1, "delivered")
    (one,) = decisions(store, Wanted(incident_id="inc_1", receiver="desk"))
    assert (one.receiver, one.decision, one.reason) == ("desk", "send", "")
    assert [(told.event_id, told.kind) for told in one.said] == [("inc_1.1", "opened")]
    assert [(each.attempt, each.outcome, each.status) for each in one.tries] == [
        (2, "delivered", 200),
        (1, "retry", 500),
    ]
    assert [each.next_at for each in one.tries] == [None, NOON + 2 * MINUTE]
    assert one.tries[0].latency_ms == 12


def test_who_is_gone_for_good_is_not_tried_again_at_a_time(store: Store) -> None:
    send(store, "desk", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "desk", "inc_1.1", 1, "retry", status=410, next_at=NOON + MINUTE)
    assert [each.next_at for each in attempts(store)] == [None]


def test_what_is_not_sent_has_its_reason(store: Store) -> None:
    leave(store, "desk", "inc_1.1", ("hold", "quiet_hours"), NOON, NOON + 60 * MINUTE)
    leave(store, "boss", "inc_1.1", ("hold", "inhibited"), NOON + MINUTE, EPOCH)
    leave(store, "cron", "inc_1.1", ("skip", "not_alerting"), NOON + 2 * MINUTE, NOON)
    found = decisions(store, Wanted(incident_id="inc_1"))
    assert [(one.receiver, one.decision, one.reason, one.until) for one in found] == [
        ("cron", "skip", "not_alerting", None),
        ("boss", "hold", "inhibited", None),
        ("desk", "hold", "quiet_hours", NOON + 60 * MINUTE),
    ]
    assert {one.detail for one in found} == {"so it is"}


def test_an_incident_is_found_in_a_digest(store: Store) -> None:
    send(store, "desk", "dig_1", [("inc_1.1", "opened"), ("inc_2.3", "resolved")])
    attempt(store, "desk", "dig_1", 1, "delivered")
    (one,) = decisions(store, Wanted(incident_id="inc_2"))
    assert [told.incident_id for told in one.said] == ["inc_1", "inc_2"]
    assert [each.notice_id for each in attempts(store, Wanted(incident_id="inc_2"))] == ["dig_1"]
    assert attempts(store, Wanted(incident_id="inc_3")) == []


def test_attempts_that_a_person_asked_for(store: Store) -> None:
    send(store, "desk", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "desk", "inc_1.1", 10, "gave_up")
    attempt(store, "desk", "inc_1.1", 2001, "delivered", at=NOON + 60 * MINUTE)
    found = attempts(store)
    assert [(each.request, each.attempt) for each in found] == [(2, 1), (0, 10)]


def test_what_was_sent_before_decisions_were_kept(store: Store, make_event: MakeEvent) -> None:
    write_events(store, [make_event("inc_1", 1)], NOON)
    attempt(store, "desk", "inc_1.1", 1, "retry")
    attempt(store, "desk", "inc_1.1", 2, "delivered")
    (one,) = decisions(store, Wanted(incident_id="inc_1"))
    assert (one.decision, one.said[0].kind, one.decided_at) == ("send", "opened", NOON + MINUTE)
    assert len(one.tries) == 2
    assert len(attempts(store, Wanted(incident_id="inc_1"))) == 2


def test_pages_hold_every_row_once_whatever_was_at_the_same_moment(store: Store) -> None:
    for number in range(1, 8):
        for name in ("desk", "boss"):
            send(
                store,
                name,
                f"inc_{number % 3}.{number}",
                [(f"inc_{number % 3}.{number}", "opened")],
            )
            attempt(store, name, f"inc_{number % 3}.{number}", 1, "delivered", at=NOON)
    for read in (decisions, attempts):
        found: list[Any] = []
        before = Place()
        while page := read(store, most=3, before=before):  # type: ignore[operator]
            found += page
            before = page[-1].place
            send(store, "new", f"inc_9.{len(found)}", [("inc_9.1", "opened")], NOON + 9 * MINUTE)
        assert len(found) == len({one.place for one in found}) == 14


def test_how_it_goes_with_receivers(store: Store) -> None:
    good, bad, fresh = receiver("good"), receiver("bad"), receiver("fresh")
    send(store, "good", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "good", "inc_1.1", 1, "retry")
    attempt(store, "good", "inc_1.1", 2, "delivered")
    send(store, "bad", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "bad", "inc_1.1", 1, "delivered")
    send(store, "bad", "inc_1.2", [("inc_1.2", "updated")], NOON + 2 * MINUTE)
    send(store, "bad", "inc_2.1", [("inc_2.1", "opened")], NOON + 5 * MINUTE)
    attempt(store, "bad", "inc_1.2", 2, "retry")
    attempt(store, "bad", "inc_1.2", 3, "retry", detail="answered 503")
    leave(store, "bad", "inc_3.1", ("hold", "silenced"), NOON, EPOCH)
    leave(store, "bad", "inc_3.1", ("hold", "quiet_hours"), NOON, EPOCH)
    leave(store, "bad", "inc_1.1", ("hold", "group_wait"), NOON, NOON)  # told since
    states = receiver_states(store, [good, bad, fresh])
    assert (states["good"].last_success, states["good"].failing_since) == (NOON + 2 * MINUTE, None)
    assert states["good"].pending == states["good"].held == 0
    found = states["bad"]
    assert (found.last_success, found.failing_since) == (NOON + MINUTE, NOON + 2 * MINUTE)
    assert (found.failures, found.last_failure) == (2, "answered 503")
    assert (found.pending, found.pending_since, found.held) == (2, NOON + 2 * MINUTE, 1)
    assert (states["fresh"].last_success, states["fresh"].pending) == (None, 0)


def test_a_receiver_that_never_took_anything_fails_since_the_first_attempt(store: Store) -> None:
    send(store, "a", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "a", "inc_1.1", 1, "retry")
    state = receiver_states(store, [receiver("a")])["a"]
    assert (state.last_success, state.failing_since) == (None, NOON + MINUTE)


def test_what_never_reached_for_the_receiver_is_no_failure_of_its(store: Store) -> None:
    send(store, "a", "inc_1.1", [("inc_1.1", "opened")])
    attempt(store, "a", "inc_1.1", 1, "gave_up", status=0, detail="the stored event can't be read")
    state = receiver_states(store, [receiver("a")])["a"]
    assert (state.failing_since, state.pending) == (None, 0)


def test_gone_for_good_is_said_of_the_address_it_has_now(store: Store) -> None:
    old, new = receiver("a"), receiver("a", "https://x.com/2")
    where = people.endpoint_of(old)
    people.set_endpoint(store, "a", where, enabled=False, reason="answered 410", now=NOON)
    assert receiver_states(store, [old])["a"].disabled_since == NOON
    assert receiver_states(store, [old])["a"].disabled_reason == "answered 410"
    assert receiver_states(store, [new])["a"].disabled_since is None
    people.set_endpoint(store, "a", where, enabled=True, reason="ann", now=NOON)
    assert receiver_states(store, [old])["a"].disabled_since is None
