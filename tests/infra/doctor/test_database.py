"""What the doctor says of the database: of the embedded one as it is, of a server as it is told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.doctor import clickhouse, clocks
from infra.doctor.finding import NotLooked
from infra.migrate import known_migrations, migrate
from infra.sql import load
from infra.store import FolderInUse, Row, Store, StoreError, StoreRejected, StoreUnavailable
from tests.infra.doctor.said import heard

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL: Mapping[str, list[Row]] = {
    "doctor_server": [("26.8.10.6", "groundswell", "groundswell")],
    "doctor_async_insert": [("1", 0)],
    "doctor_disks": [("default", 400, 1000)],
}


class Server:
    """A store that answers the doctor's questions with these rows, or raises."""

    def __init__(self, error: StoreError | None = None, **rows: Sequence[Row]) -> None:
        self._error = error
        self._rows = {load(name): list(found) for name, found in {**WELL, **rows}.items()}

    def query(self, sql: str, params: Any = None) -> list[Row]:
        if self._error:
            raise self._error
        return self._rows.get(sql, [])


def opened(server: Any) -> Any:
    return lambda: server


def test_the_embedded_one_is_well(store: Store) -> None:
    ours = opened(store)
    assert heard(clickhouse.server(ours)).statuses == ["ok"]
    assert heard(clickhouse.schema(ours, line_migrates=False)).statuses == ["ok"]
    assert heard(clickhouse.settings(ours)).statuses == ["ok"]
    found = heard(clocks.of_database(ours, lambda: datetime.now(UTC)))
    assert found.text == "the clock of ClickHouse and ours agree"
    # How full its disk is is not for a test to say: that it is asked for is.
    assert heard(clickhouse.storage(ours)).text


def test_a_server_that_is_well() -> None:
    found = heard(clickhouse.server(opened(Server())))
    assert found.text == "ClickHouse 26.8.10.6, as groundswell in groundswell"
    assert heard(clickhouse.storage(opened(Server()))).text == "free on its disks: default 40%"


@pytest.mark.parametrize(
    ("server", "status", "fix"),
    [
        (Server(doctor_server=[("24.3.1.1", "u", "d")]), "warn", "25.8 or newer"),
        (Server(StoreUnavailable("ClickHouse does not answer: x")), "fail", "start the server"),
        (Server(FolderInUse("in use by process 7")), "fail", "stop that process"),
        (
            Server(StoreRejected("Code: 164. Cannot modify 'readonly' setting in readonly mode")),
            "fail",
            "a profile without readonly",
        ),
        (
            Server(StoreRejected("Code: 516. ann: Authentication failed: password is incorrect")),
            "fail",
            "correct user and password",
        ),
        (Server(StoreRejected("Code: 81. Database x does not exist")), "fail", "the grants"),
    ],
)
def test_what_to_do_about_a_server(server: Server, status: str, fix: str) -> None:
    found = heard(clickhouse.server(opened(server)))
    assert found.statuses == [status]
    assert fix in found.fix


def test_inserts_that_would_not_wait_for_the_disk() -> None:
    found = heard(clickhouse.settings(opened(Server(doctor_async_insert=[("1", 1)]))))
    assert found.statuses == ["fail"]
    assert "async_insert = 0" in found.fix
    assert heard(clickhouse.settings(opened(Server(doctor_async_insert=[])))).statuses == ["ok"]


@pytest.mark.parametrize(
    ("rows", "status", "said", "fix"),
    [
        ({"doctor_disks": [("hot", 100, 1000)]}, "warn", "disk hot: 10% free", "retention_days"),
        ({"doctor_disks": [("hot", 10, 1000)]}, "fail", "disk hot: 1% free", "larger"),
        (
            {"doctor_mutations": [("posts", "mutation_7.txt", "no\nspace")]},
            "warn",
            "posts: a change of its files hangs: no space",
            "KILL MUTATION WHERE mutation_id = 'mutation_7.txt'",
        ),
        (
            {"doctor_mutations": [("posts", "mutation_7.txt", "")]},
            "warn",
            "not done after an hour",
            "mutation_7.txt",
        ),
        ({"doctor_parts": [("posts", "202603", 1500)]}, "warn", "1,500 files", "merges"),
        ({"doctor_replicas": [("posts",)]}, "fail", "takes no inserts", "RESTORE REPLICA"),
    ],
)
def test_what_to_do_about_storage(
    rows: dict[str, list[Row]], status: str, said: str, fix: str
) -> None:
    found = heard(clickhouse.storage(opened(Server(**rows))))
    assert found.statuses == [status]
    assert said in found.text
    assert fix in found.fix


def test_tables_of_another_version() -> None:
    known = known_migrations()
    count = "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = "
    rows = "SELECT number, name, hash FROM migrations FINAL ORDER BY number"
    server = Server()

    def at(applied: int) -> Any:
        some = [(one.number, one.name, one.hash) for one in known[:applied]]
        server._rows |= {f"{count}'migrations'": [(1,)], rows: some}
        return opened(server)

    behind = heard(clickhouse.schema(at(len(known) - 2), line_migrates=False))
    assert (behind.statuses, behind.text) == (["fail"], "2 migrations are missing")
    assert "groundswell migrate" in behind.fix
    assert heard(clickhouse.schema(at(3), line_migrates=True)).statuses == ["ok"]
    server._rows[rows] = [(9_999, "9999_later", "x")]
    newer = heard(clickhouse.schema(opened(server), line_migrates=True))
    assert newer.statuses == ["fail"]
    assert "install the version" in newer.fix


def test_a_database_without_tables_lacks_all_of_them(store: Store) -> None:
    empty = Server()
    empty._rows[
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = "
        "'migrations'"
    ] = [(0,)]
    found = heard(clickhouse.schema(opened(empty), line_migrates=False))
    assert found.text == f"{len(known_migrations())} migrations are missing"
    assert migrate(store) == []


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), StoreRejected("no")])
def test_what_depends_on_it_is_not_told_twice(error: StoreError) -> None:
    away = opened(Server(error))
    for look in (
        lambda: clickhouse.schema(away, line_migrates=True),
        lambda: clickhouse.storage(away),
        lambda: clickhouse.settings(away),
    ):
        with pytest.raises(NotLooked, match="the database"):
            list(look())


@pytest.mark.parametrize(
    ("seconds", "status"), [(0.5, "ok"), (-1.0, "ok"), (-9.0, "warn"), (60.0, "fail")]
)
def test_a_clock_beside_ours(seconds: float, status: str) -> None:
    theirs = round((NOW + timedelta(seconds=seconds)).timestamp() * 1000)
    found = heard(clocks.of_database(opened(Server(doctor_clock=[(theirs,)])), lambda: NOW))
    assert found.statuses == [status]
    assert status == "ok" or "NTP" in found.fix


def test_a_slow_answer_is_no_wrong_clock() -> None:
    # Eight seconds for the question: the answer may be of any moment in them.
    times = iter([NOW, NOW + timedelta(seconds=8)])
    theirs = round(NOW.timestamp() * 1000)
    server = opened(Server(doctor_clock=[(theirs,)]))
    assert heard(clocks.of_database(server, lambda: next(times))).statuses == ["ok"]
