"""Copies of the database: made, put back, and tried out, with rows counted on both sides."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.clickhouse import backup
from infra.clickhouse.address import database_of
from infra.clickhouse.copy_note import CopyNote, counted, listed, read_note, write_note
from infra.clickhouse.counts import Compared, Group, compare, count_rows
from infra.clickhouse.server import server_of
from infra.open_store import backups_of, open_beside, open_folder, open_store
from infra.settings import Settings
from infra.store import Store, StoreRejected
from infra.store_chdb import DATABASE
from streams.failures import UsageError


def note_path(settings: Settings, place: str) -> Path:
    """Where the note of a copy is, if no other file is named."""
    if settings.clickhouse:
        name = place.rpartition("/")[2].rpartition(":")[2]
        here = Path(f"{name}.counts.json")  # where it was written whatever `backups` says, before
        return here if here.exists() else (settings.backups or Path()) / here
    return backups_of(settings) / f"{place}.counts.json"


def make_copy(
    settings: Settings, place: str, note: Path, *, identity: str, now: datetime
) -> CopyNote:
    """Copy the database, of a running line too, and write down what it has. Raises StoreError."""
    if settings.clickhouse:
        where = backup.place_on_server(place)
        database = database_of(settings.clickhouse.get_secret_value())
    else:
        where, database = backup.place_in_folder(place, backups_of(settings)), DATABASE
    if note.exists():
        raise UsageError(f"{note} is there already: give the copy another name, or --counts")
    with closing(open_beside(settings)) as store:
        before = _counts(settings, store, database)
        size = _copied(settings, store, database, where, identity)
        after = _counts(settings, store, database)
    made = CopyNote(
        made_at=now,
        place=place,
        database=database,
        bytes=size,
        before=listed(before),
        after=listed(after),
    )
    write_note(note, made)
    return made


def _copied(settings: Settings, store: Store, database: str, where: str, identity: str) -> int:
    if not settings.clickhouse:
        return backup.back_up(store, [database], where, identity=identity)
    server, cluster = server_of(settings)
    with closing(server):
        return backup.back_up(
            server,
            [database, cluster.local] if cluster else [database],
            where,
            identity=identity,
            cluster=cluster.name if cluster else "",
            waits=False,
        )


def put_back(settings: Settings, place: str, note: Path | None, *, identity: str) -> list[Compared]:
    """Restore into an empty database, and compare with the note; nothing without one.

    Raises UsageError where there are rows already, and StoreError.
    """
    noted = read_note(note) if note else None
    if settings.clickhouse and settings.clickhouse_cluster:
        database = _put_back_on_cluster(settings, place, identity)
        with closing(open_store(settings)) as store:
            return _against(noted, _counts(settings, store, database))
    with _empty(settings, place) as (store, database, where):
        backup.restore_held(store, database, where, identity=identity)
        found = _against(noted, count_rows(store, database))
        backup.let_merge(store, database)
    return found


def _put_back_on_cluster(settings: Settings, place: str, identity: str) -> str:
    server, cluster = server_of(settings, database="default")
    assert cluster is not None  # the caller looked
    with closing(server):
        for name in (cluster.database, cluster.local):
            _refuse_rows(server, name)
        backup.restore(
            server,
            cluster.database,
            backup.place_on_server(place),
            identity=identity,
            others=[cluster.local],
            cluster=cluster.name,
        )
    return cluster.database


@contextmanager
def _empty(settings: Settings, place: str) -> Iterator[tuple[Store, str, str]]:
    """A store without tables, its database, and where the copy is, as SQL."""
    if settings.clickhouse:
        server, _ = server_of(settings, database="default")
        database = database_of(settings.clickhouse.get_secret_value())
        with closing(server):
            _refuse_rows(server, database)
            yield server, database, backup.place_on_server(place)
        return
    where = _copy_in_folder(place, backups_of(settings))
    with closing(open_folder(settings.data / "database", backups_of(settings))) as store:
        _refuse_rows(store, DATABASE)
        yield store, DATABASE, where


def _copy_in_folder(place: str, folder: Path) -> str:
    """Where a copy of the embedded database is, as SQL. UsageError if there is none."""
    where = backup.place_in_folder(place, folder)
    if not (folder / place).exists():
        raise UsageError(f"no copy {place} in {folder}: `groundswell backup --to NAME` makes one")
    return where


def try_out(settings: Settings, place: str, note: Path, *, identity: str) -> list[Compared]:
    """Restore into a place of its own, compare with the note, and remove it again.

    Embedded it is a folder, and the line may run meanwhile; on a server another database. Raises
    UsageError on a cluster, where a copy is tried out by restoring it on another one.
    """
    noted = read_note(note)
    if settings.clickhouse and settings.clickhouse_cluster:
        raise UsageError(
            "on a cluster the names of databases are in the paths of replicas: restore the copy on "
            "another cluster, with --counts to compare it"
        )
    if settings.clickhouse:
        server, _ = server_of(settings, database="default")
        database = f"{noted.database}_drill"
        with closing(server):
            _refuse_rows(server, database)
            try:
                where = backup.place_on_server(place)
                backup.restore_held(server, noted.database, where, identity=identity, into=database)
                return _against(noted, count_rows(server, database))
            finally:
                server.command(f"DROP DATABASE IF EXISTS {database} SYNC")
    folder = backups_of(settings)
    where = _copy_in_folder(place, folder)
    with (
        TemporaryDirectory(prefix="drill-", dir=folder) as own,
        closing(open_folder(Path(own), folder)) as store,
    ):
        backup.restore_held(store, noted.database, where, identity=identity)
        return _against(noted, count_rows(store, noted.database))


def _against(noted: CopyNote | None, found: dict[Group, int]) -> list[Compared]:
    if noted is None:
        return []
    return compare(counted(noted.before), counted(noted.after), found)


def _counts(settings: Settings, store: Store, database: str) -> dict[Group, int]:
    """On a cluster of the tables over all shards."""
    only = server_of(settings)[1] if settings.clickhouse else None
    return count_rows(store, database, only=only.keys if only else None)


def _refuse_rows(store: Store, database: str) -> None:
    sql = "SELECT count() FROM system.tables WHERE database = {database:String}"
    if store.query(sql, {"database": database}) != [(0,)]:
        raise StoreRejected(
            f"database {database} has tables: a copy is put back into an empty one only"
        )
