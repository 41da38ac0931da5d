"""A copy of the embedded database is put back elsewhere, and counted there."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from infra.clickhouse.backup import (
    BackupFailed,
    back_up,
    place_in_folder,
    place_on_server,
    restore_held,
)
from infra.clickhouse.copy_note import CopyNote, counted, listed, read_note, write_note
from infra.clickhouse.counts import Compared, by_brand, compare, count_rows
from infra.posts import write_batch
from infra.store import Store, StoreRejected
from infra.store_chdb import DATABASE
from infra.store_socket import SocketStore, serve_store
from tests.made_up_rows import AT
from tests.posts import negative_post

COLUMNS = ("brand", "published_at", "post_id", "version")
COPY = "drill_copy"


@pytest.fixture
def place(backups: Path) -> str:
    return place_in_folder(f"copy-{uuid4().hex}", backups)


@pytest.fixture
def drill(store: Store) -> Iterator[str]:
    yield COPY
    store.command(f"DROP DATABASE IF EXISTS {COPY} SYNC")


def fill(store: Store) -> None:
    rows = [
        (brand, AT + timedelta(days=n % 3), f"x:{n}", 1)
        for brand in ("Acme", "Bolt")
        for n in range(30)
    ]
    for _ in range(2):  # each twice
        store.insert("posts", COLUMNS, rows)
    store.insert("watchers", ("id", "began", "beat"), [("w", AT, AT)])  # long past its time
    store.insert("erasures", ("scope", "id", "at", "by"), [("post", "x:1", AT, "ann")])


def test_a_copy_has_every_row(store: Store, place: str, drill: str) -> None:
    fill(store)
    before = count_rows(store, DATABASE)
    size = back_up(store, [DATABASE], place, identity=uuid4().hex)
    after = count_rows(store, DATABASE)
    restore_held(store, DATABASE, place, identity=uuid4().hex, into=drill)
    compared = compare(before, after, count_rows(store, drill))
    assert size > 0
    assert all(one.is_same for one in compared)
    posts = [one for one in compared if one.table == "posts"]
    assert [(one.brand, one.day, one.restored) for one in posts] == [
        (brand, f"2026-03-0{day}", 10) for brand in ("Acme", "Bolt") for day in (1, 2, 3)
    ]
    assert {"watchers", "erasures", "migrations"} <= {one.table for one in compared}
    counted_there = store.query(f"SELECT count() FROM {drill}.counted_posts")
    assert counted_there == store.query("SELECT count() FROM counted_posts") == [(60,)]


def test_a_copy_is_made_beside_a_running_line(
    store: Store, place: str, drill: str, tmp_path: Path
) -> None:
    """It is the line's own process that makes it, and rows are written meanwhile."""
    fill(store)
    server = serve_store(store, tmp_path / "socket")
    client, writer = SocketStore(tmp_path / "socket"), SocketStore(tmp_path / "socket")
    is_over = threading.Event()

    def write() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            writer.insert("posts", COLUMNS, [("Acme", AT, f"y:{number}", 1)])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        before = count_rows(client, DATABASE)
        back_up(client, [DATABASE], place, identity=uuid4().hex)
        after = count_rows(client, DATABASE)
    finally:
        is_over.set()
        thread.join()
        writer.close()
        client.close()
        server.close()
    restore_held(store, DATABASE, place, identity=uuid4().hex, into=drill)
    compared = compare(before, after, count_rows(store, drill))
    assert [one for one in compared if not one.is_same] == []


def test_a_row_too_few_or_too_many_is_seen(store: Store, place: str, drill: str) -> None:
    fill(store)
    counts = count_rows(store, DATABASE)
    back_up(store, [DATABASE], place, identity=uuid4().hex)
    restore_held(store, DATABASE, place, identity=uuid4().hex, into=drill)
    store.command(
        f"INSERT INTO {drill}.posts (brand, published_at, post_id) VALUES ('Zeta', 0, 'y')"
    )
    store.command(f"TRUNCATE TABLE {drill}.erasures SYNC")
    wrong = [one for one in compare(counts, counts, count_rows(store, drill)) if not one.is_same]
    assert [(one.table, one.brand, one.after, one.restored) for one in wrong] == [
        ("erasures", "", 1, 0),
        ("posts", "Zeta", 0, 1),
    ]


def test_nothing_that_is_there_is_replaced(store: Store, place: str, drill: str) -> None:
    fill(store)
    back_up(store, [DATABASE], place, identity=uuid4().hex)
    restore_held(store, DATABASE, place, identity=uuid4().hex, into=drill)
    with pytest.raises(StoreRejected, match=r"not empty|already"):
        restore_held(store, DATABASE, place, identity=uuid4().hex, into=drill)
    with pytest.raises(StoreRejected, match="already exists"):
        back_up(store, [DATABASE], place, identity=uuid4().hex)
    missing = place.replace("copy-", "no-")
    with pytest.raises(StoreRejected, match="not found"):
        restore_held(store, DATABASE, missing, identity=uuid4().hex, into="drill_nothing")


def test_what_came_while_it_was_made_may_be_in_it_or_not() -> None:
    def one(before: int, after: int, restored: int) -> bool:
        return Compared("t", "", "", before, after, restored).is_same

    assert one(1, 3, 1)
    assert one(1, 3, 2)
    assert one(1, 3, 3)
    assert one(3, 1, 2)
    assert one(2, 2, 2)
    assert not (one(1, 3, 0))
    assert not (one(1, 3, 4))
    assert not (one(2, 2, 1))
    assert not (one(0, 0, 1))
    days = compare({("t", "A", "d1"): 1, ("t", "A", "d2"): 2}, {("t", "A", "d1"): 5}, {})
    assert by_brand(days) == [Compared("t", "A", "2", 3, 5, 0)]


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    counts = {("posts", "Acme", "2026-03-01"): 3, ("audit", "", ""): 1}
    note = CopyNote(
        made_at=AT, place="x", database="g", bytes=9, before=listed(counts), after=listed({})
    )
    write_note(tmp_path / "new" / "note.json", note)
    assert read_note(tmp_path / "new" / "note.json") == note
    assert counted(note.before) == counts
    (tmp_path / "other").write_text("[]")
    with pytest.raises(StoreRejected, match="no note of a backup"):
        read_note(tmp_path / "other")


def test_places_on_a_server() -> None:
    for text, sql in (
        ("disk:backups/2026/monday", "Disk('backups', '2026/monday')"),
        ("s3:https://b.s3.example.com/monday", "S3('https://b.s3.example.com/monday')"),
        ("collection:our_s3/monday", "S3(our_s3, 'monday')"),
        ("file:monday", "File('monday')"),
    ):
        assert place_on_server(text) == sql
    for wrong in (
        "",
        "monday",
        "disk:backups",
        "disk:back'ups/x",
        "disk:backups/../x",
        "s3:http://b/x",
        "s3:https://key:secret@b/x",
        "s3:https://b/x?key=secret",
        "file:",
        "collection:a-b/x",
    ):
        with pytest.raises(StoreRejected):
            place_on_server(wrong)


def test_a_place_of_the_embedded_database_is_a_name(tmp_path: Path) -> None:
    assert place_in_folder("monday", tmp_path) == f"File('{tmp_path.resolve()}/monday')"
    odd = tmp_path / "o'brien\\table"
    assert place_in_folder("monday", odd).endswith(r"/o\'brien\\table/monday')")
    for wrong in ("", "../x", "a/b", "a'b", ".hidden"):
        with pytest.raises(StoreRejected):
            place_in_folder(wrong, tmp_path)


@pytest.mark.parametrize("table", ["posts", "post_keys", "receipts"])
def test_what_a_copy_of_a_busy_server_lacks_comes_again(store: Store, table: str) -> None:
    """Tables may be of other moments there: the line that reads Kafka again mends each."""
    scored = [negative_post(post_id="x:1", position=1, brands=("Acme",), published_at=AT)]
    write_batch(store, scored, AT)
    told = "SELECT post_id, published_at FROM counted_posts"
    receipts = "SELECT feed, position, outcome FROM receipts FINAL"
    before = [store.query(sql) for sql in (told, receipts)]
    assert [len(rows) for rows in before] == [1, 1]
    store.command(f"TRUNCATE TABLE {table} SYNC")
    write_batch(store, scored, AT + timedelta(hours=1))
    assert [store.query(sql) for sql in (told, receipts)] == before


class Slow:
    """A server that is asked what became of a backup, and says each time something else."""

    def __init__(self, *says: tuple[str, str, int]) -> None:
        self._says = list(says)
        self.told: list[str] = []

    def insert(self, table: str, columns: object, rows: object) -> None: ...

    def query(self, sql: str, params: object = None) -> list[tuple[object, ...]]:
        return [self._says.pop(0)] if self._says else []

    def command(self, sql: str, params: object = None) -> None:
        self.told.append(sql)

    def close(self) -> None: ...


def test_a_server_is_waited_for() -> None:
    running, waited = ("CREATING_BACKUP", "", 0), []
    slow = Slow(running, running, ("BACKUP_CREATED", "", 7))
    done = back_up(
        slow,
        ["g", "g_local"],
        "Disk('b', 'x')",
        identity="i",
        cluster="main",
        waits=False,
        pause=waited.append,
    )
    assert (done, len(waited)) == (7, 2)
    assert slow.told == [
        "BACKUP DATABASE g, DATABASE g_local ON CLUSTER `main` TO Disk('b', 'x') "
        "SETTINGS id = 'i' ASYNC"
    ]
    for says in (("BACKUP_FAILED", "no room. Stack trace: x", 0), ("BACKUP_CANCELLED", "", 0)):
        with pytest.raises(BackupFailed) as caught:
            back_up(Slow(says), ["g"], "File('x')", identity="i")
        assert "Stack" not in str(caught.value)
    with pytest.raises(BackupFailed, match="does not know"):
        back_up(Slow(), ["g"], "File('x')", identity="i")
