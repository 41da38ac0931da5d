"""`groundswell export`: what counts, as a Parquet file that is whole or not there."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

from msgspec import Struct

from infra.export_columns import What, names_of, schema_of
from infra.export_pages import PAGE, Page, Span, parts, rows_of, spans
from infra.store import Row, Store

GROUP_ROWS = 32_768
GROUP_BYTES = 32 << 20
"""Rows and bytes that become one row group of the file: what is held in memory."""

Progress = Callable[[int, int], None]


class ExportError(Exception):
    """Nothing can be exported as asked; the message is one line that says what to do."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What to export: of these brands (none: all) what was published in [since, until)."""

    what: What = "posts"
    brands: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


ALL_POSTS: Final = Wanted()


def export(
    store: Store,
    out: Path,
    wanted: Wanted = ALL_POSTS,
    *,
    force: bool = False,
    progress: Progress | None = None,
    page: Page = PAGE,
) -> int:
    """Write what is wanted and return how many rows that is.

    `progress` hears how many posts of how many are done (of counts and incidents: parts). The file
    appears under its name when it is complete. Raises ExportError for a file that is there (unless
    `force`), a folder that cannot be written and a brand that nothing is known of; StoreError.
    """
    _check(out, force=force)
    spans = _spans(store, wanted)
    plan = [part for span in spans for part in parts(store, span, wanted.what, page)]
    total = sum(part.posts or 1 for part in plan)
    read = rows_of(wanted.what, page)
    done = rows = 0
    with _file(out, wanted.what, force=force) as write:
        for part in plan:
            for some in read(store, part):
                write(some)
                rows += len(some)
            done += part.posts or 1
            if progress is not None:
                progress(done, total)
    return rows


def _check(out: Path, *, force: bool) -> None:
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        raise ExportError(f"{out}: cannot write there")
    if out.exists() and not force:
        raise ExportError(f"{out} is there already; --force replaces it")


def _spans(store: Store, wanted: Wanted) -> list[Span]:
    known = spans(store, since=wanted.since, until=wanted.until)
    names = [span.brand for span in known]
    for brand in wanted.brands:
        if brand not in names:
            there = ", ".join(names[:20]) or "none"
            raise ExportError(f"nothing is stored about {brand!r}; brands: {there}")
    return [
        span
        for span in known
        if span.since < span.until and (not wanted.brands or span.brand in wanted.brands)
    ]


@contextmanager
def _file(out: Path, what: What, *, force: bool) -> Iterator[Callable[[Sequence[Row]], None]]:
    """Give a function that takes pages; the file gets its name at the end, or goes."""
    import pyarrow.parquet as pq

    schema = schema_of(what)
    held: list[Any] = []
    with _unfinished(out) as (path, file):
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:

            def write(page: Sequence[Row]) -> None:
                held.append(_table(schema, what, page))
                if (
                    sum(table.num_rows for table in held) >= GROUP_ROWS
                    or sum(table.nbytes for table in held) >= GROUP_BYTES
                ):
                    _flush(writer, held)

            yield write
            _flush(writer, held)
        file.flush()
        os.fsync(file.fileno())
        _check(out, force=force)
        path.replace(out)


@contextmanager
def _unfinished(out: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A file beside `out` that is gone at the end, unless it was renamed.

    It is locked before anything is in it: one that has content and no lock is what a killed export
    left, posts that may be erased since, and goes here.
    """
    for path in out.parent.glob(f".{escape(out.name)}.*.part"):
        with suppress(OSError), path.open("rb+") as left:  # somebody else's, or in use
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(left.fileno()).st_size:
                path.unlink()
    path = out.with_name(f".{out.name}.{uuid4().hex}.part")
    with path.open("wb") as file:
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path, file
        finally:
            path.unlink(missing_ok=True)


def _flush(writer: Any, held: list[Any]) -> None:
    import pyarrow as pa

    if held:
        writer.write_table(pa.concat_tables(held))
        held.clear()


def _table(schema: Any, what: What, page: Sequence[Row]) -> Any:
    import pyarrow as pa

    columns = zip(*page, strict=True)
    arrays = [
        pa.array(map(bool if pa.types.is_boolean(field.type) else _plain, values), type=field.type)
        for field, values in zip(schema, columns, strict=True)
    ]
    return pa.table(dict(zip(names_of(what), arrays, strict=True)), schema=schema)


def _plain(value: Any) -> Any:
    """Text of any bytes as Unicode; a time in UTC."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value
