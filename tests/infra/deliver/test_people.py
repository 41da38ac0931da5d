"""What people say to delivery: the newest word counts, and whoever watches sees every change."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from forecasting.verdicts import CrisisVerdict
from infra.answer import Answer
from infra.deliver import people
from infra.deliver.records import Acknowledgement, Match, Silence
from infra.receivers import (
    AppriseReceiver,
    EmailReceiver,
    PagerDutyReceiver,
    Receiver,
    SlackReceiver,
    WebhookReceiver,
)
from infra.store import Store
from infra.store_owned import OwnedStore
from infra.verdicts import write_verdict

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEHIND = AT - timedelta(days=1)
QUIET = Silence(
    silence_id="sil_1",
    match=Match(brands=("北风汽车",), kinds=("mood_shift",), severity=4, incidents=("inc_1",)),
    starts=AT,
    ends=AT + 2 * HOUR,
    reason="a test of ours",
    by="ann",
)
ACK = Acknowledgement(incident_id="inc_1", at=AT, by="ann", note="on it")
KEY = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def test_a_silence_is_read_as_written(store: Store) -> None:
    people.write_silence(store, QUIET, AT)
    assert people.silences(store) == [QUIET]


def test_a_silence_ends_by_the_newest_word_also_of_a_clock_that_is_behind(store: Store) -> None:
    people.write_silence(store, QUIET, AT)
    ended = replace(QUIET, ends=AT + HOUR)
    people.write_silence(store, ended, BEHIND)
    assert people.silences(store) == [ended]
    assert people.silences(store, ending_after=AT + HOUR) == []


def test_an_acknowledgement_is_taken_back_and_given_again(store: Store) -> None:
    people.acknowledge(store, ACK)
    assert people.acknowledgements(store) == [ACK]
    people.withdraw(store, replace(ACK, by="bo", at=BEHIND))
    assert people.acknowledgements(store) == []
    people.acknowledge(store, replace(ACK, by="cy", at=BEHIND))
    assert [(one.incident_id, one.by) for one in people.acknowledgements(store)] == [
        ("inc_1", "cy")
    ]


def test_resends_are_counted_by_receiver_and_notice(store: Store) -> None:
    asked = [("a", "inc_1.1"), ("a", "inc_1.1"), ("b", "inc_1.1"), ("a", "dig_2")]
    numbers = [
        people.ask_resend(store, *which, by="ann", now=AT + timedelta(seconds=n))
        for n, which in enumerate(asked)
    ]
    assert numbers == [1, 2, 1, 1]
    assert people.resends(store) == [
        (*which, number, "ann") for which, number in zip(asked, numbers, strict=True)
    ]


def test_an_address_is_gone_until_somebody_says_otherwise(store: Store) -> None:
    people.set_endpoint(store, "a", "e1", enabled=False, reason="410", now=AT)
    people.set_endpoint(store, "b", "e1", enabled=False, reason="410", now=AT)
    people.set_endpoint(store, "a", "e1", enabled=True, reason="ann", now=BEHIND)
    assert people.endpoints(store) == {("a", "e1"): True, ("b", "e1"): False}


def _hook(url: str, secret: str = KEY) -> WebhookReceiver:
    return WebhookReceiver(name="a", url=url, secret=SecretStr(secret))


def _mail(**changed: object) -> EmailReceiver:
    given = {"name": "a", "type": "email", "to": ["a@x.com"], "sender": "b@x.com", "host": "x.com"}
    return EmailReceiver.model_validate({**given, **changed})


def _pager(key: str) -> PagerDutyReceiver:
    return PagerDutyReceiver(name="a", type="pagerduty", routing_key=SecretStr(key))


def _slack(url: str) -> SlackReceiver:
    return SlackReceiver(name="a", type="slack", url=SecretStr(url))


def _other(url: str) -> AppriseReceiver:
    return AppriseReceiver(name="a", type="apprise", url=SecretStr(url))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_hook("https://x.com/1"), _hook("https://x.com/2")),
        (_slack("https://x.com/1"), _hook("https://x.com/1")),
        (_slack("https://x.com/1"), _slack("https://x.com/2")),
        (_pager("k1"), _pager("k2")),
        (_mail(), _mail(to=["c@x.com"])),
        (_mail(), _mail(host="y.com")),
        (_other("ntfy://x/a"), _other("ntfy://x/b")),
    ],
)
def test_another_address_is_another_endpoint(one: Receiver, other: Receiver) -> None:
    assert people.endpoint_of(one) != people.endpoint_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_hook("https://x.com/1"), _hook("https://x.com/1", KEY[:-4] + "AAAA")),
        (_mail(), _mail(user="u", password="p")),
        (_other("mailto://u:old@x.com"), _other("mailto://u:new@x.com")),
    ],
)
def test_with_another_password_it_is_the_same_endpoint(one: Receiver, other: Receiver) -> None:
    assert people.endpoint_of(one) == people.endpoint_of(other)


def _verdict(store: Store) -> None:
    said = CrisisVerdict(
        brand="Acme", since=AT, until=AT + HOUR, word="not-a-crisis", at=AT, incident_id="inc_1"
    )
    write_verdict(store, said)


@pytest.mark.parametrize(
    "change",
    [
        lambda store: people.write_silence(store, replace(QUIET, ends=AT), BEHIND),
        lambda store: people.withdraw(store, replace(ACK, at=BEHIND)),
        lambda store: people.ask_resend(store, "a", "inc_1.1", "ann", BEHIND),
        lambda store: people.set_endpoint(store, "a", "e", enabled=True, reason="", now=BEHIND),
        _verdict,
    ],
)
def test_the_mark_changes_with_every_word(store: Store, change: Callable[[Store], object]) -> None:
    people.write_silence(store, QUIET, AT)
    people.acknowledge(store, ACK)
    people.ask_resend(store, "a", "inc_1.1", "ann", AT)
    people.set_endpoint(store, "a", "e", enabled=False, reason="410", now=AT)
    owned = OwnedStore(store)
    kept = Answer(owned, people.MARKED, lambda: people.people_mark(owned))
    before = kept.now()
    assert people.people_mark(store) == before
    change(owned)
    assert people.people_mark(store) == kept.now() != before


def test_the_mark_stays_when_a_word_is_written_twice(store: Store) -> None:
    rows = [("a", "inc_1.1", 1, AT, "ann")]
    store.insert("resends", people.RESENDS, rows)
    before = people.people_mark(store)
    store.insert("resends", people.RESENDS, rows)
    assert people.people_mark(store) == before


def test_the_mark_of_an_empty_database(store: Store) -> None:
    assert people.people_mark(store) == (0, 0, 0, 0, 0)
