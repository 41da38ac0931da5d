"""What roles may do, in force: the embedded engine checks its user's rights as a server does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.migrate import migrate
from infra.mutation import mutate
from infra.purge import purge
from infra.sql import load
from infra.store import Param, Store, StoreRejected
from infra.store_socket import SocketStore
from tests.every_query import CHANGES, QUERIES, fill, params

pytestmark = pytest.mark.wire
NOT_GRAFANAS = {
    "dead_letters",
    "letters_after",
    "intake_rows",
    "intake_sizes",
    "corrections",
    "known_posts",
    "erased_leftovers",
    "incident_examples",
    "recent_posts",
    "redaction_marks",
    "seen_authors",
    "seen_posts",
}
"""Queries that read what people wrote, what could not be read, or who was erased."""
FORBIDDEN = (
    "DROP TABLE posts",
    "TRUNCATE TABLE posts",
    "CREATE TABLE others (a UInt8) ENGINE = Memory",
    "ALTER TABLE posts ADD COLUMN more UInt8",
    "CREATE USER someone",
    "DROP VIEW counted_posts",
    "SYSTEM STOP MERGES posts",
)


@contextmanager
def acting_as(role: str, *, migrated: bool = True) -> Iterator[Store]:
    with TemporaryDirectory(prefix="gs-") as folder, serving(role, Path(folder), migrated=migrated):
        store = SocketStore(Path(folder) / "socket")
        try:
            yield store
        finally:
            store.close()


@contextmanager
def serving(role: str, folder: Path, *, migrated: bool = True) -> Iterator[None]:
    """A database at the socket of that name in the folder, for the time of the block."""
    command = [sys.executable, "-m", "tests.limited_process", str(folder)]
    if migrated:
        subprocess.run(command, check=True)
    with subprocess.Popen(
        [*command, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.stdin.close()


def refused(store: Store, sql: str, asked: dict[str, Param] | None = None) -> bool:
    try:
        store.command(sql, asked)
    except StoreRejected as error:
        return "Not enough privileges" in str(error)
    return False


def test_the_writer_does_all_that_the_line_does_and_no_more() -> None:
    with acting_as("writer") as store:
        assert migrate(store) == []
        fill([store])
        for name in QUERIES:
            sql = load(name)
            asked = params(sql, name, "Acme")
            if name not in CHANGES:
                store.query(sql, asked)
            elif name != "kill_mutation":
                asked["days"] = 400
                mutate(store, sql, "posts", asked)
        store.command(load("kill_mutation"), {"table": "posts", "mutation": "none"})
        purge(store)
        assert [sql for sql in FORBIDDEN if not refused(store, sql)] == []


def test_the_migrator_makes_everything() -> None:
    with acting_as("migrator", migrated=False) as store:
        assert len(migrate(store)) > 15
        assert migrate(store) == []


@pytest.mark.parametrize("role", ["reader", "grafana"])
def test_who_looks_reads_what_is_theirs_and_changes_nothing(role: str) -> None:
    with acting_as(role) as store:
        asked = {name: params(load(name), name, "Acme") | {"days": 400} for name in CHANGES}
        changes = [name for name in CHANGES if name != "kill_mutation"]  # it finds none of its own
        assert [name for name in changes if not refused(store, load(name), asked[name])] == []
        assert [sql for sql in FORBIDDEN if not refused(store, sql)] == []
        with pytest.raises(StoreRejected, match="Not enough privileges"):
            store.insert("watchers", ("id",), [("w",)])
        hidden = {name for name in QUERIES if name not in CHANGES and is_hidden(store, name)}
    assert hidden == (NOT_GRAFANAS if role == "grafana" else set())


def is_hidden(store: Store, name: str) -> bool:
    try:
        store.query(load(name), params(load(name), name, "Acme"))
    except StoreRejected as error:
        return "Not enough privileges" in str(error)
    return False
