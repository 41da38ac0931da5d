"""The embedded database: ClickHouse in this process, over a folder on disk, through chDB.

One process owns a folder and a process has at most one folder open. A handle is serial, so there
is one for writing and a few for reading. An insert that returned is on disk: the tables fsync.
"""

import fcntl
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue
from typing import Any

from infra.store import (
    FolderInUse,
    Param,
    Row,
    StoreDamaged,
    StoreError,
    StoreRejected,
    StoreUnavailable,
)
from infra.store_errors import store_error
from infra.well_formed import well_formed

DATABASE = "groundswell"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CODE = re.compile(r"Code: (\d+)\.")
# Params are read as ClickHouse's escaped text.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})

# A small machine must hold the engine beside a scorer: the defaults would take 90 % of its memory.
ENGINE = {
    "max_server_memory_usage": 1_200_000_000,
    "mark_cache_size": 64 << 20,
    "background_pool_size": 2,
}
HANDLE = {
    "max_threads": 2,
    "max_memory_usage": 600_000_000,
    "max_bytes_before_external_group_by": 200_000_000,
    "max_bytes_before_external_sort": 200_000_000,
    "do_not_merge_across_partitions_select_final": 1,  # every partition key is part of the sort key
    "output_format_arrow_string_as_string": 0,  # text may hold any bytes: decoded here
    "output_format_arrow_compression_method": "'none'",
}
# One insert may touch any number of months: claimed times are as old as their authors say.
INSERT = "SETTINGS async_insert = 0, max_partitions_per_insert_block = 0"


class ChdbStore:
    """A `Store` over `folder`, which is created where it is missing.

    Raises FolderInUse when another process has it, StoreDamaged when a power cut cost rows, and
    StoreUnavailable when the folder can't be written.
    """

    def __init__(self, folder: Path, readers: int = 2) -> None:
        import chdb  # 300 MB and a second: only for the process that owns the folder

        self._chdb = chdb
        self._folder = folder.resolve()
        _refuse_folder(self._folder)
        self._types: dict[str, dict[str, str]] = {}
        self._closed = False
        self._write = threading.Lock()
        self._readers: LifoQueue[Any] = LifoQueue()
        self._handles: list[Any] = []
        try:
            self._writer = self._connect()
            self._refuse_damage()
            for _ in range(readers):
                reader = self._connect()
                _run(reader, "SET readonly = 2, max_execution_time = 60")
                self._readers.put(reader)
        except StoreError:
            for handle in self._handles:
                handle.close()
            raise

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        from infra.chdb_arrow import to_stream

        if not rows:
            return
        if not all(NAME.fullmatch(name) for name in (table, *columns)):
            raise StoreRejected(f"not a table and its columns: {table} {list(columns)}")
        with self._writing() as writer:
            known = self._types_of(writer, table)
            try:
                types = [known[column] for column in columns]
                stream = to_stream(columns, types, rows)
            except KeyError as error:
                raise StoreRejected(f"{table} has no column {error}") from error
            except ValueError as error:
                raise StoreRejected(f"{table}: {error}") from error
            names = ", ".join(f"`{column}`" for column in columns)
            try:
                sql = f"INSERT INTO `{table}` ({names}) {INSERT}"
                with writer.send_insert(sql, "ArrowStream") as sink:
                    sink.append(stream)
                    sink.finish()
            except RuntimeError as error:
                raise _translated(error) from error

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        from infra.chdb_arrow import to_rows

        with self._reading() as reader:
            payload = _run(reader, sql, params)
            described = f"DESCRIBE TABLE (\n{sql.rstrip().removesuffix(';')}\n)"
            return to_rows(payload, lambda: [row[1] for row in _listed(reader, described, params)])

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        with self._writing() as writer:
            self._types.clear()
            _run(writer, sql, params)

    def close(self) -> None:
        with self._write:
            if self._closed:
                return
            self._closed = True
            self._writer.close()
        for _ in self._handles[1:]:
            self._readers.get().close()
        self._readers.put(None)  # wakes whoever waits for one

    def _connect(self) -> Any:
        options = "&".join(f"{name}={value}" for name, value in ENGINE.items())
        try:
            handle = self._chdb.connect(f"{self._folder}?{options}")
        except RuntimeError as error:
            _refuse_folder(self._folder)  # someone was faster
            raise StoreUnavailable(
                f"{self._folder} can't be opened as a database: {' '.join(str(error).split())}"
            ) from error
        self._handles.append(handle)
        _run(handle, "SET " + ", ".join(f"{name} = {value}" for name, value in HANDLE.items()))
        if len(self._handles) == 1:
            _run(handle, f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        _run(handle, f"USE {DATABASE}")
        return handle

    def _refuse_damage(self) -> None:
        sql = (
            "SELECT table, count() FROM system.detached_parts "
            f"WHERE database = '{DATABASE}' AND reason = 'broken-on-start' GROUP BY 1 ORDER BY 1"
        )
        broken = _listed(self._writer, sql)
        if broken:
            parts = ", ".join(f"{count} of {table}" for table, count in broken)
            raise StoreDamaged(
                f"{self._folder} lost rows, most likely in a power cut: broken parts were set aside "
                f"({parts}). Restore a copy of the folder, or accept the loss by deleting the "
                f"folders named broken-on-start_* below it"
            )

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._write:
            if self._closed:
                raise StoreUnavailable(f"{self._folder} was closed")
            yield self._writer

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        reader = self._readers.get()
        try:
            if reader is None:
                raise StoreUnavailable(f"{self._folder} was closed")
            yield reader
        finally:
            self._readers.put(reader)

    def _types_of(self, writer: Any, table: str) -> dict[str, str]:
        if table not in self._types:
            rows = _listed(writer, f"DESCRIBE TABLE `{table}`")
            self._types[table] = {row[0]: row[1] for row in rows}
        return self._types[table]


def _refuse_folder(folder: Path) -> None:
    """Say in one line why the engine will not open it: what it says itself is on stderr, in C++."""
    if "?" in str(folder):
        raise StoreRejected(f"{folder}: the path of a database folder can't hold a question mark")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{folder} can't be made: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StoreUnavailable(
            f"{folder} can't be written by this user: change its owner, or set GROUNDSWELL_DATA to "
            "another folder"
        )
    status = folder / "status"  # the engine holds a lock on it for as long as it runs
    if not status.exists():
        return
    with status.open("rb") as file:
        owner = re.search(rb"PID: (\d+)", file.read(1000))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if owner and int(owner[1]) == os.getpid():
                return
            process = f"process {int(owner[1])}" if owner else "another process"
            raise FolderInUse(
                f"{folder} is in use by {process}: stop it, or set GROUNDSWELL_DATA to another "
                "folder"
            ) from error


def _run(handle: Any, sql: str, params: Mapping[str, Param] | None = None) -> bytes:
    try:
        escaped = {name: _escaped(value) for name, value in (params or {}).items()}
        result: bytes = handle.query(sql, "Arrow", params=escaped or None).bytes()
    except RuntimeError as error:
        raise _translated(error) from error
    return result


def _listed(handle: Any, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
    from infra.chdb_arrow import to_rows

    return to_rows(_run(handle, sql, params), list)


def _escaped(value: Param) -> Param:
    return str(well_formed(value)).translate(ESCAPES) if isinstance(value, str) else value


def _translated(error: RuntimeError) -> StoreError:
    code = CODE.search(str(error))
    return store_error(int(code[1]) if code else 1001, str(error))
