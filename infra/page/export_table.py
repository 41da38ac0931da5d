"""A table that a person takes along, of rows that are at hand."""

import io
from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from infra.page.export import csv_lines

Kind = Literal["csv", "parquet"]
Columns = Sequence[tuple[str, pa.DataType]]


def table_of(kind: Kind, columns: Columns, rows: Sequence[Sequence[Any]]) -> bytes:
    """CSV is UTF-8 with a mark, and what a spreadsheet would run is quoted; Parquet is as it is."""
    names = [name for name, _ in columns]
    if kind == "csv":
        return b"\xef\xbb\xbf" + csv_lines([names, *rows])
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(some, type_) for some, (_, type_) in zip(values, columns, strict=True)]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), sink)
    return sink.getvalue()
