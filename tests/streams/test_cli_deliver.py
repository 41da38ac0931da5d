"""ack, silences, deliveries and resend as a person meets them, beside a running line."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.audit import read_audit
from infra.deliver import people
from infra.deliver.outbox import Delivery, decide, record
from infra.deliver.records import Hold, Match, Notice, Said, Skip
from infra.incidents import write_events
from infra.settings import Settings
from infra.store import Store
from infra.store_socket import serve_store
from streams import silences
from streams.cli import app
from streams.failures import UsageError
from streams.person import Person

ANN = Person("ann", "our sale")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
DESK = json.dumps([{"name": "desk", "url": "https://x.com/1", "secret": SECRET}])
WAYS = ("add", "list", "end")
Run = Callable[..., Result]


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Iterator[Run]:
    """The command in this process, beside a line that has the database open."""
    socket, data = tmp_path / "db.sock", tmp_path / "data"
    data.mkdir()
    server = serve_store(store, socket)
    places = {
        "GROUNDSWELL_SOCKET": str(socket),
        "GROUNDSWELL_DATA": str(data),
        "GROUNDSWELL_RECEIVERS": DESK,
        "COLUMNS": "200",
    }

    def call(*words: object) -> Result:
        return CliRunner().invoke(app, [*map(str, words)], env=places)

    yield call
    server.close()


@pytest.fixture
def opened(store: Store, show: SimpleNamespace) -> str:
    """An incident that opened; its id."""
    event = show.incident_event()
    write_events(store, [event], NOON)
    return str(event.change.incident_id)


def good(ran: Result) -> str:
    assert ran.exit_code == 0, ran.output
    return ran.output


def refused(ran: Result, says: str) -> None:
    assert isinstance(ran.exception, UsageError), ran.output
    assert says in str(ran.exception)


def told(store: Store, *, notice: str = "northwind.1.1", receiver: str = "desk") -> None:
    said = (Said(kind="opened", event_id="northwind.1.1"),)
    each = Notice(
        notice_id=notice, receiver=receiver, group="", said=said, decided_at=NOON, due_at=NOON
    )
    decide(store, [each])


def attempted(store: Store, number: int, **changed: Any) -> None:
    fields: dict[str, Any] = {
        "event_id": "northwind.1.1",
        "receiver": "desk",
        "attempt": number,
        "at": NOON + timedelta(seconds=number),
        "outcome": "delivered",
        "status": 200,
        "detail": "",
        "next_at": NOON + timedelta(seconds=number),
        "latency_ms": 41,
    }
    record(store, [Delivery(**{**fields, **changed})])


def test_an_incident_is_acknowledged_and_that_is_taken_back(
    run: Run, store: Store, opened: str
) -> None:
    said = good(run("ack", opened, "--by", "ann", "--note", "on it"))
    assert said == f"{opened}: seen by ann. No repeats, no escalation.\n"
    (one,) = people.acknowledgements(store)
    assert (one.incident_id, one.by, one.note) == (opened, "ann", "on it")
    assert "ann had seen it before" in good(run("ack", opened, "--by", "bo"))
    assert "seen by nobody" in good(run("ack", opened, "--withdraw"))
    assert people.acknowledgements(store) == []
    actions = [row.action for row in read_audit(store)]
    assert sorted(actions) == ["acknowledge", "acknowledge", "acknowledge withdrawn"]


def test_what_cannot_be_acknowledged(
    run: Run, store: Store, opened: str, show: SimpleNamespace
) -> None:
    refused(run("ack", "inc_none"), "no incident inc_none")
    refused(run("ack", opened, "--withdraw"), "nobody has acknowledged")
    write_events(store, [show.incident_event(2, "resolved")], NOON)
    refused(run("ack", opened), "is over since 2026-03-01 20:25 UTC")
    assert people.acknowledgements(store) == []


def test_a_silence_is_added_listed_and_ended(run: Run, store: Store, opened: str) -> None:
    words = ("--incident", opened, "--kind", "mood_shift", "--severity", 4, "--language", "en")
    why = ("--for", "1h30m", "--reason", "our sale", "--by", "ann")
    said = good(run("silences", "add", *words, *why))
    (one,) = people.silences(store)
    assert one.match == Match(
        incidents=(opened,), kinds=("mood_shift",), severity=4, languages=("en",)
    )
    assert one.ends - one.starts == 1.5 * HOUR
    assert one.silence_id in said
    listed = good(run("silences", "list"))
    assert f"kind mood_shift, severity 4 or more, mostly in en, incident {opened}: " in listed
    assert "our sale, says ann" in listed
    (program,) = json.loads(good(run("silences", "list", "--json")))
    assert (program["silence_id"], program["reason"]) == (one.silence_id, "our sale")
    assert "ended" in good(run("silences", "end", one.silence_id))
    assert good(run("silences", "list")) == "no silences\n"
    assert "ended" in good(run("silences", "list", "--all"))
    refused(run("silences", "end", one.silence_id), "has ended already")
    actions = [row.action for row in read_audit(store)]
    assert sorted(actions) == ["silence", "silence ended"]


WHY = ("--for", "2h", "--reason", "x")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (WHY, "say which incidents"),
        (("--all", "--kind", "silence", *WHY), "--all means every incident"),
        (("--kind", "sunshine", *WHY), "--kind sunshine: there are negative_surge"),
        (("--brand", "Nobody", *WHY), "no brand 'Nobody'"),
        (("--incident", "inc_none", *WHY), "no incident inc_none"),
        (("--all", "--for", "soon", "--reason", "x"), "--for soon: no duration, such as 30s"),
        (("--all", "--for", "0s", "--reason", "x"), "--for 0s: some time"),
        (("--all", "--for", "900d", "--reason", "x"), "--for 900d: no more than a year"),
        (("--all", "--for", "2h", "--reason", " "), "--reason"),
    ],
)
def test_a_silence_that_makes_no_sense(
    words: tuple[str, ...], says: str, run: Run, store: Store
) -> None:
    refused(run("silences", "add", *words), says)
    assert people.silences(store) == []


def test_all_is_silenced_only_where_it_is_said(run: Run, store: Store) -> None:
    assert "every incident: x" in good(run("silences", "add", "--all", *WHY))
    assert people.silences(store)[0].match == Match()


def test_the_same_silence_said_twice_is_one(store: Store) -> None:
    for _ in range(2):
        silences.add(store, Settings(), Match(severity=3), ANN, (NOON, HOUR))
    (one,) = people.silences(store)
    assert (one.starts, one.ends) == (NOON, NOON + HOUR)


def test_a_silence_that_has_not_begun_is_ended_before_it_does(store: Store) -> None:
    one = silences.add(store, Settings(), Match(severity=3), ANN, (NOON, HOUR))
    ended = silences.end(store, one.silence_id, ANN, at=NOON - HOUR)
    assert ended.ends == ended.starts == NOON
    assert people.silences(store, ending_after=NOON) == []


def test_words_of_people_move_no_cursor(store: Store) -> None:
    person = Person("a\x1b[2Jnn", "x\ny\x1b[31m")
    one = silences.add(store, Settings(), Match(sources=("b\x1bx",)), person, (NOON, HOUR))
    text = silences.as_text([one], now=NOON)
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_the_log_of_attempts(run: Run, store: Store, opened: str) -> None:
    told(store)
    later = NOON + 300 * timedelta(seconds=1)
    attempted(store, 1, outcome="retry", status=503, detail="answered 503", next_at=later)
    attempted(store, 2)
    assert good(run("deliveries")).splitlines() == [
        "Times are UTC.",
        "2026-03-01 12:00:02  desk  northwind.1.1  attempt 2  delivered 200 in 41 ms",
        "2026-03-01 12:00:01  desk  northwind.1.1  attempt 1  failed 503 in 41 ms, "
        "again 2026-03-01 12:05:00: answered 503",
    ]
    (newest,) = json.loads(good(run("deliveries", "--json", "--most", 1)))
    assert (newest["status"], newest["latency_ms"], newest["next_at"]) == (200, 41, None)
    assert good(run("deliveries", "--receiver", "boss", "--limit", 3)) == "no attempts\n"


def test_the_log_of_an_incident_says_why_nothing_was_sent(
    run: Run, store: Store, opened: str
) -> None:
    told(store)
    attempted(store, 1)
    hold = Hold(
        receiver="boss",
        incident_id=opened,
        event_id=f"{opened}.1",
        reason="quiet_hours",
        detail="22:00-07:00 Europe/Berlin",
        decided_at=NOON + timedelta(seconds=1),
        until=NOON + HOUR,
    )
    skip = Skip(
        receiver="cron",
        incident_id=opened,
        event_id=f"{opened}.1",
        reason="not_alerting",
        detail="",
        decided_at=NOON + timedelta(seconds=2),
    )
    decide(store, [hold, skip])
    assert good(run("deliveries", "--incident", opened)).splitlines() == [
        "Times are UTC.",
        "2026-03-01 12:00:02  cron  northwind.1.1 never told (not_alerting)",
        "2026-03-01 12:00:01  boss  northwind.1.1 not yet told until 2026-03-01 13:00:00 "
        "(quiet_hours: 22:00-07:00 Europe/Berlin)",
        "2026-03-01 12:00:00  desk  opened northwind.1.1",
        "    2026-03-01 12:00:01  northwind.1.1  attempt 1  delivered 200 in 41 ms",
    ]
    found = json.loads(good(run("deliveries", "--incident", opened, "--json")))
    assert [one["reason"] for one in found] == ["not_alerting", "quiet_hours", ""]
    refused(run("deliveries", "--incident", "inc_none"), "no incident")


def test_a_notice_is_sent_again(run: Run, store: Store, opened: str) -> None:
    told(store)
    said = good(run("resend", "northwind.1.1", "--receiver", "desk", "--by", "ann"))
    assert "northwind.1.1 goes to desk again" in said
    assert people.resends(store) == [("desk", "northwind.1.1", 1, "ann")]
    assert [row.action for row in read_audit(store)] == ["resend"]


def test_what_cannot_be_sent_again(run: Run, store: Store, opened: str) -> None:
    told(store, receiver="boss")
    refused(run("resend", "northwind.1.1", "--receiver", "boss"), "no receiver 'boss'")
    refused(run("resend", "northwind.1.1", "--receiver", "desk"), "desk was not sent")
    told(store)
    (receiver,) = Settings(receivers=json.loads(DESK)).receivers
    where = people.endpoint_of(receiver)
    people.set_endpoint(store, "desk", where, enabled=False, reason="410", now=NOON)
    refused(run("resend", "northwind.1.1", "--receiver", "desk"), "receivers enable desk")
    assert people.resends(store) == []


@pytest.mark.parametrize(
    "words", ["ack", "deliveries", "resend", "silences", *(f"silences {w}" for w in WAYS)]
)
def test_the_help_has_an_example(words: str) -> None:
    shown = CliRunner().invoke(app, [*words.split(), "--help"])
    assert shown.exit_code == 0
    assert f"Example: groundswell {words}" in " ".join(shown.output.split())
