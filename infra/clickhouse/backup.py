"""Copies of the database that can be put back, by ClickHouse's own BACKUP and RESTORE."""

import re
import time
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from infra.store import Store, StoreError, StoreRejected, StoreUnavailable

PLACES: Final = (
    "disk:NAME/PATH (a disk of the server's configuration), s3:https://BUCKET/PATH (with the "
    "server's own credentials), collection:NAME/PATH (S3 with a named collection) or file:PATH "
    "(below the server's backups.allowed_path)"
)
DONE: Final = ("BACKUP_CREATED", "RESTORED")
RUNNING: Final = ("CREATING_BACKUP", "RESTORING")
EVERY: Final = 0.5
"""Seconds between two looks."""
_WORD: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


class BackupFailed(StoreError):
    """The copy, or what was to be restored, is not whole: the message says why."""


def place_on_server(text: str) -> str:
    """Where a server keeps a copy, as SQL. Raises StoreRejected, saying what can be given.

    >>> place_on_server("disk:backups/monday")
    "Disk('backups', 'monday')"
    """
    kind, _, rest = text.partition(":")
    if any(letter in rest for letter in "'\\\n") or ".." in rest.split("/"):
        raise StoreRejected(f"{text}: no place for a backup; there are {PLACES}")
    named = re.fullmatch(rf"({_WORD})/(.+)", rest)
    if kind == "disk" and named:
        return f"Disk('{named[1]}', '{named[2]}')"
    if kind == "collection" and named and re.fullmatch(r"\w+", named[1]):
        return f"S3({named[1]}, '{named[2]}')"
    if kind == "s3" and re.fullmatch(r"https://[^@?]+", rest):  # credentials are not given here
        return f"S3('{rest}')"
    if kind == "file" and rest:
        return f"File('{rest}')"
    raise StoreRejected(f"{text}: no place for a backup; there are {PLACES}")


def place_in_folder(text: str, folder: Path) -> str:
    """Where the embedded database keeps a copy: a name in the folder for them, as SQL."""
    if not re.fullmatch(_WORD, text):
        raise StoreRejected(f"{text}: give a name such as monday; the copy will be in {folder}")
    path = str(folder.resolve() / text).replace("\\", "\\\\").replace("'", "\\'")
    return f"File('{path}')"


def back_up(
    store: Store,
    databases: Sequence[str],
    place: str,
    *,
    identity: str,
    cluster: str = "",
    waits: bool = True,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Copy databases to a place; returns its bytes. `identity` is new each time.

    With `waits` it is one statement, during which the embedded database takes no other write: the
    copy is of one moment. Without, the server does it beside other work. Raises BackupFailed, and
    as `Store` does.
    """
    what = ", ".join(f"DATABASE {one}" for one in databases)
    on = f" ON CLUSTER `{cluster}`" if cluster else ""
    how = "SYNC" if waits else "ASYNC"
    return _done(
        store, f"BACKUP {what}{on} TO {place} SETTINGS id = '{identity}' {how}", identity, pause
    )


def restore(
    store: Store,
    database: str,
    place: str,
    *,
    identity: str,
    into: str = "",
    others: Sequence[str] = (),
    cluster: str = "",
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Put databases back, or the first as another one, `into`. Nothing that is there is replaced:
    a table with rows is an error. Raises BackupFailed, and as `Store` does."""
    what = f"DATABASE {database}" + (f" AS {into}" if into else "")
    what += "".join(f", DATABASE {one}" for one in others)
    on = f" ON CLUSTER `{cluster}`" if cluster else ""
    sql = f"RESTORE {what}{on} FROM {place} SETTINGS id = '{identity}'"
    _done(store, f"{sql} ASYNC", identity, pause)


def restore_held(store: Store, database: str, place: str, *, identity: str, into: str = "") -> None:
    """As `restore` on one server, with merges held: what is past its time stays, to be counted.

    `let_merge` lets them go.
    """
    what = f"DATABASE {database}" + (f" AS {into}" if into else "")

    def run(number: int, more: str) -> None:
        own = f"{identity}-{number}"
        _done(
            store, f"RESTORE {what} FROM {place} SETTINGS id = '{own}'{more} SYNC", own, time.sleep
        )

    run(0, ", structure_only = 1")
    _merges("STOP", store, into or database)
    run(1, "")


def let_merge(store: Store, database: str) -> None:
    """Let tables of a database be merged that `restore_held` put there. Raises as `Store` does."""
    _merges("START", store, database)


def _merges(what: str, store: Store, database: str) -> None:
    tables = store.query(_load("tables"), {"database": database})
    for table in dict.fromkeys(row[0] for row in tables):
        store.command(f"SYSTEM {what} MERGES {database}.{table}")


def _done(store: Store, sql: str, identity: str, pause: Callable[[float], None]) -> int:
    """Run it and wait for its end, also where the answer was lost meanwhile."""
    lost: StoreUnavailable | None = None
    try:
        store.command(sql)
    except StoreUnavailable as error:
        lost = error
    while True:
        found = store.query(_load("backup"), {"id": identity})
        if not found:
            raise lost or BackupFailed("the server does not know of it any more: was it restarted?")
        [(status, reason, size)] = found
        if status in DONE:
            return int(size)
        if status not in RUNNING:
            said = str(reason).partition("Stack trace")[0]
            raise BackupFailed(f"{status}: {' '.join(said.split())}")
        pause(EVERY)


def _load(name: str) -> str:
    folder = resources.files("infra.clickhouse")
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
