"""What a person takes along: posts, counts or incidents as CSV or Parquet."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from infra.export import Wanted, export
from infra.export_columns import What, names_of
from infra.export_pages import PAGE, Span, parts, rows_of
from infra.page.place import words
from infra.page.refused import Refused
from infra.store import Row, Store

MOST_POSTS: Final = 1_000_000
CHUNK: Final = 1 << 16
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def plan(store: Store, span: Span, what: What) -> list[Span]:
    """The parts in which it is read. Refused where it is too much. Raises StoreError."""
    found = list(parts(store, span, what, PAGE))
    posts = sum(one.posts for one in found)
    if posts > MOST_POSTS:
        raise Refused(
            422, f"{posts:,} posts, at most {MOST_POSTS:,} at once: `groundswell export` has no end"
        )
    return found


def csv_of(store: Store, plan: Sequence[Span], what: What) -> Iterator[bytes]:
    """UTF-8 with a mark, as spreadsheets want it; what they would run as a formula is quoted."""
    yield b"\xef\xbb\xbf" + _lines([names_of(what)])
    read = rows_of(what, PAGE)
    for part in plan:
        for page in read(store, part):
            yield csv_lines(page)


def parquet_of(store: Store, span: Span, what: What) -> Iterator[bytes]:
    """As `groundswell export` writes it. The first bytes come when it is whole."""
    with TemporaryDirectory(prefix="groundswell-export-") as folder:
        path = Path(folder) / "export.parquet"
        wanted = Wanted(what=what, brands=(span.brand,), since=span.since, until=span.until)
        export(store, path, wanted)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def csv_lines(rows: Sequence[Row | Sequence[Any]]) -> bytes:
    """Rows as a spreadsheet reads them: none of their cells is run."""
    return _lines([[_cell(value) for value in row] for row in rows])


def _lines(rows: Sequence[Row | Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        value = words(value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, list | tuple):
        return _cell("; ".join(map(str, value)))
    return value
