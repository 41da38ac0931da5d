"""Migrations of this program by two at once, killed anywhere, and met by an older program."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infra.migrate import (
    RECORD,
    Migration,
    MigrationRefused,
    known_migrations,
    migrate,
    refuse_newer,
)
from infra.open_store import open_beside
from infra.settings import Settings
from infra.store import Param, Row, Store
from infra.store_socket import serve_store

KNOWN = known_migrations()


def bared(store: Store) -> None:
    """Drop every table and view, as if nothing had ever been here."""
    tables = store.query(
        "SELECT name, engine = 'View' FROM system.tables WHERE database = currentDatabase()"
    )
    for name, is_view in sorted(tables, key=lambda row: not row[1]):
        store.command(f"DROP {'VIEW' if is_view else 'TABLE'} {name} SYNC")


def schema(store: Store) -> list[Row]:
    """All tables and columns, with what they are made of."""
    return store.query(
        "SELECT name, create_table_query, '' FROM system.tables "
        "WHERE database = currentDatabase() UNION ALL "
        "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() "
        "ORDER BY ALL"
    )


@pytest.fixture(scope="module")
def whole(embedded: Store) -> list[Row]:
    """The schema that all migrations make, one after another."""
    bared(embedded)
    migrate(embedded)
    return schema(embedded)


@pytest.fixture
def bare(embedded: Store, whole: list[Row]) -> Iterator[Store]:
    """A database without a table; what is missing at the end is put back."""
    bared(embedded)
    yield embedded
    migrate(embedded)


class Recorded:
    """Counts the statements that change something, and dies before the given one."""

    def __init__(self, store: Store, left: int) -> None:
        self._store = store
        self._left = left
        self.query, self.close = store.query, store.close

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._step()
        self._store.command(sql, params)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._step()
        self._store.insert(table, columns, rows)

    def _step(self) -> None:
        if self._left == 0:
            raise Died
        self._left -= 1


class Died(Exception):
    """Stands for a SIGKILL."""


def test_killed_after_every_statement_the_next_run_goes_on(bare: Store, whole: list[Row]) -> None:
    """Each run dies one statement further than the one before it came, or before a record."""
    for migration in KNOWN:
        before = [each.name for each in KNOWN if each.number < migration.number]
        # One step is the record after the statements, and one the table of records, once.
        for statements in range(len(migration.statements) + 1):
            first = bare.query("EXISTS TABLE migrations") == [(0,)]
            with pytest.raises(Died):
                migrate(Recorded(bare, first + statements))
            recorded = bare.query("SELECT name FROM migrations FINAL ORDER BY number")
            assert recorded == [(name,) for name in before]
        assert migrate(bare, KNOWN[: migration.number]) == [migration.name]
    assert schema(bare) == whole
    assert migrate(bare) == []


@pytest.mark.parametrize("migration", KNOWN, ids=lambda migration: migration.name)
def test_killed_in_the_middle_the_next_run_completes(
    bare: Store, whole: list[Row], migration: Migration
) -> None:
    migrate(bare, KNOWN[: migration.number - 1])
    with pytest.raises(Died):
        migrate(Recorded(bare, (len(migration.statements) + 1) // 2))
    assert migrate(bare) == [each.name for each in KNOWN if each.number >= migration.number]
    assert schema(bare) == whole


class InStep:
    """A store whose statements wait for the same one of the other process."""

    def __init__(self, store: Store, barrier: threading.Barrier) -> None:
        self._store = store
        self._barrier = barrier
        self.query, self.close = store.query, store.close

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._meet()
        self._store.command(sql, params)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._meet()
        self._store.insert(table, columns, rows)

    def _meet(self) -> None:
        with suppress(threading.BrokenBarrierError):  # the other one is done, or was never there
            self._barrier.wait(5)


def test_two_at_once_statement_by_statement(bare: Store, whole: list[Row]) -> None:
    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(migrate, InStep(bare, barrier)) for _ in range(2)]
        done = [one.result() for one in both]
    # Neither saw a record of the other's: each ran every statement.
    assert done == [[each.name for each in KNOWN]] * 2
    assert not barrier.broken
    assert schema(bare) == whole
    assert bare.query("SELECT count(), uniqExact(number) FROM migrations FINAL") == [
        (len(KNOWN), len(KNOWN))
    ]


def test_three_processes_at_once(
    bare: Store, whole: list[Row], tmp_path: Path, groundswell: Callable[..., Any]
) -> None:
    server = serve_store(bare, tmp_path / "db.sock")
    running = [
        groundswell("migrate", GROUNDSWELL_SOCKET=str(tmp_path / "db.sock")) for _ in range(3)
    ]
    for one in running:
        assert one.wait() == 0, one.err
    server.close()
    assert schema(bare) == whole
    assert migrate(bare) == []


@pytest.mark.parametrize("known", range(len(KNOWN)))
def test_an_older_program_refuses_and_changes_nothing(
    store: Store, whole: list[Row], known: int
) -> None:
    for refuse in (migrate, refuse_newer):
        with pytest.raises(MigrationRefused, match=f"{len(KNOWN)}, this program knows {known}"):
            refuse(store, KNOWN[:known])
    assert schema(store) == whole
    refuse_newer(store)


def test_a_database_that_nobody_migrated_is_not_refused(bare: Store) -> None:
    refuse_newer(bare)
    bare.command(RECORD)
    refuse_newer(bare, [])


def test_an_older_command_beside_a_newer_line_ends_in_one_line(
    store: Store, tmp_path: Path, groundswell: Callable[..., Any]
) -> None:
    newer = len(KNOWN) + 1
    columns = ("number", "name", "hash")
    store.insert("migrations", columns, [(newer, f"{newer:04}_later", "")])
    server = serve_store(store, tmp_path / "db.sock")
    try:
        with pytest.raises(MigrationRefused, match="a newer Groundswell made it"):
            open_beside(Settings(socket=tmp_path / "db.sock"))
        # As do the stages, which migrate nothing.
        settings = {"GROUNDSWELL_SOCKET": str(tmp_path / "db.sock")}
        watch = groundswell("worker", "watch", **settings, GROUNDSWELL_KAFKA="localhost:1")
        assert watch.wait() == 1
        assert "a newer Groundswell made it" in watch.err.splitlines()[-1]
    finally:
        server.close()
        store.command(
            f"ALTER TABLE migrations DELETE WHERE number = {newer} SETTINGS mutations_sync = 2"
        )
