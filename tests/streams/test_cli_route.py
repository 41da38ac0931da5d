"""routes and receivers as a person meets them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_settings import SettingsError
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from infra.audit import read_audit
from infra.deliver import people
from infra.deliver.outbox import Delivery, decide, record
from infra.deliver.records import Hold, Notice, Said, Skip
from infra.incidents import write_events
from infra.settings import FileSettings
from infra.store import Store
from infra.store_socket import serve_store
from streams.cli import app
from streams.failures import NotTaken, UsageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
TOKEN = "T000/hunter2"
RECEIVERS = f"""
receivers:
  - {{name: desk, url: 'https://ann:hunter2@hooks.example.com/desk?key=hunter2', secret: {SECRET}}}
  - {{name: night, type: slack, url: 'https://hooks.slack.com/services/{TOKEN}'}}
  - {{name: boss, type: email, to: [boss@x.com], sender: us@x.com, host: mail.x.com}}
  - {{name: phone, type: apprise, url: 'tgram://{TOKEN}/chat'}}
"""
ROUTE = """
route:
  receivers: [desk]
  group_by: brand
  group_wait: 30s
  routes:
    - match: {kinds: [volume_surge]}
      receivers: [boss]
    - match: {brands: [Northwind], severity: 6}
      receivers: [night]
      continue: true
      quiet: [{days: sat-sun, timezone: Europe/Berlin}]
      quiet_unless: 9
      escalate: [{after: 15m, receivers: [boss]}]
    - match: {severity: 3}
"""
Run = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "groundswell.yaml"
    path.write_text(RECEIVERS + ROUTE)
    return path


@pytest.fixture
def run(store: Store, tmp_path: Path, config: Path) -> Iterator[Run]:
    """The command in this process, beside a line that has the database open."""
    socket, data = tmp_path / "db.sock", tmp_path / "data"
    data.mkdir()
    server = serve_store(store, socket)
    places = {
        "GROUNDSWELL_SOCKET": str(socket),
        "GROUNDSWELL_DATA": str(data),
        "GROUNDSWELL_CONFIG": str(config),
        "COLUMNS": "200",
    }

    def call(*words: object, **settings: str) -> Result:
        return CliRunner().invoke(app, [*map(str, words)], env=places | settings)

    yield call
    server.close()


@pytest.fixture
def opened(store: Store, show: SimpleNamespace) -> str:
    """An incident of severity 6 that opened; its id."""
    event = show.incident_event()
    write_events(store, [event], NOON)
    return str(event.change.incident_id)


def good(ran: Result) -> str:
    assert ran.exit_code == 0, ran.output
    assert "hunter2" not in ran.output
    return ran.output


def refused(ran: Result, kind: type[Exception], says: str) -> None:
    assert isinstance(ran.exception, kind), ran.output
    assert says in str(ran.exception)
    assert "hunter2" not in str(ran.exception)


def test_the_tree_is_shown(run: Run) -> None:
    days = "sat sun 00:00-24:00 Europe/Berlin"
    assert good(run("routes", "show")).splitlines() == [
        "route  every incident → desk",
        "    group_by brand, group_wait 30s",
        "  route.routes.0  kind volume_surge → boss",
        "  route.routes.1  brand Northwind, severity 6 or more → night, then on to the next",
        f"      quiet {days}, but for severity 9 or more",
        "      nobody acknowledged it for 15m → boss",
        "  route.routes.2  severity 3 or more",
    ]


def test_the_tree_for_programs_is_what_a_file_may_hold(run: Run, config: Path) -> None:
    told = json.loads(good(run("routes", "show", "--json")))
    assert told["receivers"] == ["desk", "night", "boss", "phone"]
    named = [{"name": n, "type": "apprise", "url": "x"} for n in told["receivers"]]
    again = FileSettings(receivers=named, route=told["route"])
    assert json.loads(again.model_dump_json())["route"]["routes"][1]["quiet_unless"] == 9


def test_without_a_tree_all_are_told(run: Run, config: Path) -> None:
    config.write_text(RECEIVERS)
    said = "no route: every receiver gets every change at once"
    assert good(run("routes", "show")) == f"{said}: desk, night, boss, phone\n"
    assert said in good(run("routes", "check"))
    assert json.loads(good(run("routes", "show", "--json")))["route"] is None


def test_a_good_file(run: Run, config: Path) -> None:
    assert good(run("routes", "check", config)).splitlines() == [
        f"{config} is good: 4 receivers, 4 routes",
        "no route leads to phone",
    ]
    assert good(run("routes", "check")) == good(run("routes", "check", config))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (RECEIVERS + ROUTE.replace("30s", "soon"), 11, "route.group_wait: no duration"),
        (RECEIVERS + ROUTE.replace("[night]", "[nigth]"), 16, "there is no receiver 'nigth'"),
        (RECEIVERS + ROUTE.replace("sat-sun", "sunday"), 18, "is no day"),
        (RECEIVERS + ROUTE.replace("Europe/Berlin", "Mars"), 18, "is no IANA time zone"),
        (RECEIVERS + ROUTE.replace("severity: 3", "severity: 30"), 21, "severity: "),
        (RECEIVERS + ROUTE.replace("  receivers: [desk]\n", ""), 8, "route.receivers: missing"),
        (RECEIVERS.replace("us@x.com", "us") + ROUTE, 5, "receivers.2: no mail address"),
        (RECEIVERS + "route: [", 7, "no YAML"),
    ],
)
def test_a_bad_file_is_told_by_file_line_and_field(
    text: str, line: int, says: str, run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(text)
    ran = run("routes", "check", other)
    refused(ran, SettingsError, says)
    assert str(ran.exception).startswith(f"{other}:{line}: ")


def test_a_file_to_check_has_to_be_named(run: Run, tmp_path: Path) -> None:
    refused(run("routes", "check", GROUNDSWELL_CONFIG=""), UsageError, "name a file")
    refused(run("routes", "check", tmp_path / "none"), SettingsError, "no such file")


def _decide(store: Store, incident: str) -> None:
    event = f"{incident}.1"
    held = {
        "incident_id": incident,
        "event_id": event,
        "detail": "sat-sun",
        "until": NOON + 3600 * SECOND,
    }
    rows = [
        Hold(receiver="night", reason="group_wait", decided_at=NOON, **held),
        Hold(receiver="night", reason="quiet_hours", decided_at=NOON + SECOND, **held),
        Hold(receiver="desk", reason="group_wait", decided_at=NOON, **held),
        Notice(
            notice_id=event,
            receiver="desk",
            group="",
            said=(Said(kind="opened", event_id=event),),
            decided_at=NOON + 2 * SECOND,
            due_at=NOON,
        ),
        Skip(
            receiver="phone",
            incident_id=incident,
            event_id=event,
            reason="before_joining",
            detail="joined later",
            decided_at=NOON + 3 * SECOND,
        ),
    ]
    decide(store, rows)


def test_the_way_of_an_incident_is_explained(run: Run, store: Store, opened: str) -> None:
    _decide(store, opened)
    told = good(run("routes", "explain", "--incident", opened)).splitlines()
    assert told[:12] == [
        f"{opened}  Northwind, negative_surge, severity 6 at its worst. Times are UTC.",
        "tried:",
        "  route  matches",
        "  route.routes.0  no: kind is negative_surge, not volume_surge",
        "  route.routes.1  matches and takes it",
        "  route.routes.2  matches and takes it",
        "told:",
        "  night by route.routes.1: grouped by brand, group_wait 30s, quiet hours below severity 9",
        "    held now until 2026-03-01 13:00:00: quiet_hours, sat-sun",
        "  desk by route.routes.2: grouped by brand, group_wait 30s",
        "  boss by route.routes.1: grouped by brand, group_wait 30s, "
        "quiet hours below severity 9, if nobody acknowledged it for 15m",
        "decided so far:",
    ]
    assert [line.split("  ")[2] for line in told[12:]] == [
        "phone",
        "desk",
        "night",
        "night",
        "desk",
    ]
    assert "(before_joining: joined later)" in told[12]


def test_the_way_of_an_incident_for_programs(run: Run, store: Store, opened: str) -> None:
    _decide(store, opened)
    found = json.loads(good(run("routes", "explain", "--incident", opened, "--json")))
    assert (found["incident_id"], found["is_over"], found["way"]["alerts"]) == (opened, False, True)
    assert [node["path"] for node in found["way"]["nodes"] if node["takes"]] == [
        "route.routes.1",
        "route.routes.2",
    ]
    assert [(one["receiver"], one["hold"] is None) for one in found["way"]["told"]] == [
        ("night", False),
        ("desk", True),
        ("boss", True),
    ]
    assert len(found["decided"]) == 5


def test_an_incident_that_nobody_knows(run: Run) -> None:
    refused(run("routes", "explain", "--incident", "inc_none"), UsageError, "no incident inc_none")


def _attempt(
    store: Store, outcome: Any, at: datetime, detail: str = "", receiver: str = "night"
) -> None:
    made = Delivery(
        event_id="northwind.1.1",
        receiver=receiver,
        attempt=int((at - NOON) / SECOND),
        at=at,
        outcome=outcome,
        status=200 if outcome == "delivered" else 503,
        detail=detail,
        next_at=at,
    )
    record(store, [made])


def test_receivers_are_listed_without_secrets(run: Run, store: Store) -> None:
    _attempt(store, "delivered", NOON + SECOND)
    _attempt(store, "retry", NOON + 2 * SECOND, "answered 503")
    told = good(run("receivers", "list")).splitlines()
    assert told == [
        "Times are UTC.",
        "desk  webhook  https://hooks.example.com/desk?…",
        "    no success yet",
        "night  slack  https://hooks.slack.com/…",
        "    failing since 2026-03-01 12:00, 1 attempt (answered 503); "
        "last success 2026-03-01 12:00",
        "boss  email  boss@x.com",
        "    no success yet",
        "phone  apprise  tgram://…",
        "    no success yet",
    ]
    found = json.loads(good(run("receivers", "list", "--json")))
    assert found[1]["state"]["failing_since"] == "2026-03-01T12:00:02Z"
    assert [one["type"] for one in found] == ["webhook", "slack", "email", "apprise"]


def test_a_receiver_that_is_gone_is_enabled_again(run: Run, store: Store, config: Path) -> None:
    refused(run("receivers", "enable", "desk"), UsageError, "not disabled")
    refused(run("receivers", "enable", "dsek"), UsageError, "there are: desk, night, boss, phone")
    settings = FileSettings(receivers=[{"name": "desk", "url": "https://x.com", "secret": SECRET}])
    config.write_text(f"receivers: [{{name: desk, url: 'https://x.com', secret: {SECRET}}}]")
    where = people.endpoint_of(settings.receivers[0])
    people.set_endpoint(store, "desk", where, enabled=False, reason="answered 410", now=NOON)
    _attempt(store, "retry", NOON + SECOND, "answered 410", receiver="desk")
    told = good(run("receivers", "list")).splitlines()
    assert told[2] == "    disabled since 2026-03-01 12:00 (answered 410); no success yet"
    good(run("receivers", "enable", "desk", "--by", "ann"))
    assert people.endpoints(store) == {("desk", where): True}
    assert [row.action for row in read_audit(store)] == ["receiver enabled"]


def test_a_receiver_is_tried(run: Run, config: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("thanks")
    url = httpserver.url_for("/hook")
    config.write_text(
        f"receivers: [{{name: desk, url: '{url}', secret: {SECRET}}}]\nallow_hosts: [localhost]\n"
    )
    said = good(run("receivers", "test", "desk"))
    assert said.startswith("desk took the test message, status 200 in ")
    ((request, _),) = httpserver.log
    assert request.headers["webhook-id"].startswith("test_")
    assert b"Northwind" in request.data
    found = json.loads(good(run("receivers", "test", "desk", "--json")))
    assert (found["receiver"], found["outcome"], found["status"]) == ("desk", "delivered", 200)


def test_a_receiver_that_does_not_take_the_test(
    run: Run, config: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data("no such hook", status=404)
    url = httpserver.url_for("/hook")
    text = f"receivers: [{{name: desk, url: '{url}', secret: {SECRET}}}]\n"
    config.write_text(text + "allow_hosts: [localhost]\n")
    refused(run("receivers", "test", "desk"), NotTaken, "desk did not take it, status 404 in ")
    ran = run("receivers", "test", "desk", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["status"]) == (1, 404)
    config.write_text(text)  # at an address of our own network that nobody listed
    refused(run("receivers", "test", "desk"), NotTaken, "add it to allow_hosts")
    assert len(httpserver.log) == 2
    refused(run("receivers", "test", "dsek"), UsageError, "no receiver 'dsek'")


@pytest.mark.parametrize(
    "words",
    [
        *("routes", "routes show", "routes check", "routes explain"),
        *("receivers", "receivers list", "receivers test", "receivers enable"),
    ],
)
def test_the_help_has_an_example(words: str) -> None:
    shown = CliRunner().invoke(app, [*words.split(), "--help"])
    assert shown.exit_code == 0
    assert f"Example: groundswell {words}" in " ".join(shown.output.split())
