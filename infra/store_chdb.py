"""The embedded database: ClickHouse in this process, over a folder on disk, through chDB.

One process owns a folder and a process has at most one folder open. A handle is serial, so there
is one for writing and a few for reading. An insert that returned is on disk: the tables fsync.
"""

import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue
from typing import Any

from infra.answer_types import AnswerTypes
from infra.chdb_folder import forget_half_made, refuse_folder
from infra.store import (
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
    "primary_index_cache_size": 16 << 20,
    "index_mark_cache_size": 16 << 20,
    "query_condition_cache_size": 16 << 20,
    "compiled_expression_cache_size": 16 << 20,
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
NONE: Mapping[str, object] = {}
# A batch is one block: a second thread only waits for it, and costs a third of a small insert.
WRITER = "SET max_threads = 1, max_insert_threads = 1, input_format_parallel_parsing = 0"
READER = "SET readonly = 2, max_execution_time = 60"
# One insert may touch any number of months: claimed times are as old as their authors say.
INSERT = "SETTINGS async_insert = 0, max_partitions_per_insert_block = 0 FORMAT ArrowStream"


class ChdbStore:
    """A `Store` over `folder`, which is created where it is missing.

    Raises FolderInUse when another process has it, StoreDamaged when a power cut cost rows, and
    StoreUnavailable when the folder can't be written.
    """

    def __init__(
        self,
        folder: Path,
        readers: int = 2,
        *,
        options: Mapping[str, object] = NONE,
        session: Mapping[str, object] = NONE,
    ) -> None:
        """`options` of the engine, and settings of each handle as SQL, beside ENGINE and HANDLE."""
        self.folder = folder.resolve()
        self._options = {**ENGINE, **options}
        for value in options.values():
            if "&" in str(value):
                raise StoreRejected(f"{value}: an embedded database can't be below a folder with &")
        self._session = {**HANDLE, **session}
        refuse_folder(self.folder)
        forget_half_made(self.folder)

        import chdb  # 300 MB and a second: only for the process that owns the folder

        self._chdb: Any = chdb
        self._types: dict[str, dict[str, str]] = {}
        self._answers = AnswerTypes()
        self._closed = False
        self._write = threading.Lock()
        self._readers: LifoQueue[Any] = LifoQueue()
        # One waits at a time: else who puts a reader back and asks again at once is always first.
        self._turn = threading.Lock()
        self._reader_count = 0
        self._writer = self._connect(WRITER)
        try:
            self._refuse_damage()
            for _ in range(readers):
                self._readers.put(self._connect(READER))
                self._reader_count += 1
        except StoreError:
            self.close()
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
            # chDB's send_insert reports success when the disk is full: a statement does not.
            with _file(stream) as path:
                sql = f"INSERT INTO `{table}` ({names}) FROM INFILE '{path}' {INSERT}"
                _run(writer, sql)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        from infra.chdb_arrow import to_rows

        def types() -> Sequence[str]:
            return self._answers.of(sql, lambda asked: _listed(reader, asked, params))

        with self._reading() as reader:
            return to_rows(_run(reader, sql, params), types)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        with self._writing() as writer:
            self._types.clear()
            self._answers.forget()
            try:
                _run(writer, sql, params)
            finally:
                self._answers.forget()

    def close(self) -> None:
        with self._write:
            if self._closed:
                return
            self._closed = True
            self._writer.close()
        while self._reader_count:
            self._readers.get().close()
            self._reader_count -= 1
        self._readers.put(None)  # wakes whoever waits for one

    def _connect(self, more: str) -> Any:
        options = "&".join(f"{name}={value}" for name, value in self._options.items())
        settings = ", ".join(f"{name} = {value}" for name, value in self._session.items())
        try:
            handle = self._chdb.connect(f"{self.folder}?{options}")
        except RuntimeError as error:
            refuse_folder(self.folder)  # someone was faster
            raise StoreUnavailable(
                f"{self.folder} can't be opened as a database: {' '.join(str(error).split())}"
            ) from error
        try:
            _run(handle, f"SET {settings}")
            _run(handle, f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
            _run(handle, f"USE {DATABASE}")
            _run(handle, more)
        except StoreError:
            handle.close()
            raise
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
                f"{self.folder} lost rows, most likely in a power cut: broken parts were set "
                f"aside ({parts}). Restore a copy of the folder, or accept the loss by deleting "
                "the folders named broken-on-start_* below it"
            )

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._write:
            if self._closed:
                raise StoreUnavailable(f"{self.folder} was closed")
            try:
                yield self._writer
            except StoreError:
                self._writer = self._renewed(self._writer, WRITER)
                raise

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        with self._turn:
            reader = self._readers.get()
        try:
            if reader is None:
                raise StoreUnavailable(f"{self.folder} was closed")
            try:
                yield reader
            except StoreError:
                reader = self._renewed(reader, READER)
                raise
        finally:
            self._readers.put(reader)

    def _renewed(self, handle: Any, more: str) -> Any:
        # After a statement that failed half way, chDB gives its rows to the next one.
        fresh = self._connect(more)
        handle.close()
        return fresh

    def _types_of(self, writer: Any, table: str) -> dict[str, str]:
        if table not in self._types:
            rows = _listed(writer, f"DESCRIBE TABLE `{table}`")
            self._types[table] = {row[0]: row[1] for row in rows}
        return self._types[table]


def _run(handle: Any, sql: str, params: Mapping[str, Param] | None = None) -> bytes:
    try:
        escaped = {name: _escaped(value) for name, value in (params or {}).items()}
        result: bytes = handle.query(sql, "Arrow", params=escaped or None).bytes()
    except RuntimeError as error:
        raise _translated(error) from error
    return result


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """The path of a file with this content, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("rows"), "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name


def _listed(handle: Any, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
    from infra.chdb_arrow import to_rows

    return to_rows(_run(handle, sql, params), list)


def _escaped(value: Param) -> Param:
    return str(well_formed(value)).translate(ESCAPES) if isinstance(value, str) else value


def _translated(error: RuntimeError) -> StoreError:
    code = CODE.search(str(error))
    return store_error(int(code[1]) if code else 1001, str(error))
