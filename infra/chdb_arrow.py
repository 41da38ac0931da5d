"""Rows to an Arrow stream and back, with the checks that ClickHouse leaves out.

Its Arrow reader takes what it can get: a number out of range wraps around, a null becomes a
default, a time without a zone is taken as it is. Here each of these is an error.
"""

from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from infra.store import Row
from infra.well_formed import well_formed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBERS = {
    "Int8": ("b", pa.int8()),
    "Int16": ("h", pa.int16()),
    "Int32": ("i", pa.int32()),
    "Int64": ("q", pa.int64()),
    "UInt8": ("B", pa.uint8()),
    "UInt16": ("H", pa.uint16()),
    "UInt32": ("I", pa.uint32()),
    "UInt64": ("Q", pa.uint64()),
    "Float32": ("f", pa.float32()),
    "Float64": ("d", pa.float64()),
}
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


def to_stream(names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as an Arrow stream for columns of the given ClickHouse types.

    Raises ValueError, TypeError or OverflowError when a value doesn't fit its column.
    """
    columns = list(zip(*rows, strict=True))
    if len(columns) != len(names):
        raise ValueError(f"{len(columns)} values a row for {len(names)} columns")
    arrays = []
    for name, kind, values in zip(names, types, columns, strict=True):
        try:
            arrays.append(_to_array(kind, values))
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"column {name} ({kind}): {error}") from error
    batch = pa.RecordBatch.from_arrays(arrays, names=list(names))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    payload: bytes = sink.getvalue().to_pybytes()
    return payload


def to_rows(payload: bytes, types: Callable[[], Sequence[str]]) -> list[Row]:
    """Rows of an Arrow file; `types` asks for the ClickHouse types of its columns when needed.

    Text that is not UTF-8 comes back as bytes. Times come back in UTC.
    """
    if not payload:
        return []
    table = pa.ipc.open_file(pa.BufferReader(payload)).read_all()
    kinds: Sequence[str] = [""] * table.num_columns
    if any(pa.types.is_uint32(field.type) for field in table.schema):
        kinds = types()  # Arrow has DateTime as a plain UInt32
    columns = [_to_values(*pair) for pair in zip(table.columns, kinds, strict=True)]
    return list(zip(*columns, strict=True))


def _to_array(kind: str, values: Sequence[Any]) -> Any:
    kind = kind.replace("LowCardinality(String)", "String")  # also in an array
    if kind in NUMBERS:
        code, arrow = NUMBERS[kind]
        return _from_numbers(arrow, array(code, values))
    if kind.startswith("DateTime64(3"):
        return _from_numbers(pa.timestamp("ms", "UTC"), _since_epoch(values, MILLISECOND))
    if kind.startswith("DateTime") and not kind.startswith("DateTime64"):
        numbers = _since_epoch(values, SECOND)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < 2**32:
            raise OverflowError("a time before 1970 or after 2106")
        return _from_numbers(pa.uint32(), numbers.astype(np.uint32))
    if kind == "String":
        return _texts(values, pa.binary())
    if kind.startswith("Array(") and kind[6:-1] in NUMBERS:
        return _lists(values, NUMBERS[kind[6:-1]][1])
    if kind == "Array(String)":
        if not all(isinstance(value, list | tuple) for value in values):
            raise TypeError("an array of text is a list or a tuple")
        return _texts(values, pa.list_(pa.binary()))
    if kind == "Array(UInt32)":
        numbers_of = pa.array([list(value) for value in values], pa.list_(pa.uint32()))
        if numbers_of.null_count or numbers_of.values.null_count:
            raise ValueError("None in a column of numbers")
        return numbers_of
    raise ValueError("no row of ours has this type")


def _since_epoch(values: Sequence[Any], unit: timedelta) -> Any:
    """Whole units since 1970, rounded down. Arrow turns differences to numbers five times faster
    than Python; it would take a time without a zone, which a difference does not."""
    spans = pa.array([value - EPOCH for value in values], pa.duration("us"))
    return spans.cast(pa.int64()).to_numpy() // (unit // MICROSECOND)


def _from_numbers(arrow: Any, numbers: Any) -> Any:
    return pa.Array.from_buffers(arrow, len(numbers), [None, pa.py_buffer(numbers)])


def _lists(values: Sequence[Any], arrow: Any) -> Any:
    if not all(isinstance(value, list | tuple) for value in values):
        raise TypeError("an array of numbers is a list or a tuple")
    lists = pa.array([list(value) for value in values], pa.list_(arrow))
    if lists.values.null_count:
        raise ValueError("None in an array of numbers")
    return lists


def _texts(values: Sequence[Any], arrow: Any) -> Any:
    try:
        texts = pa.array(values, arrow)
    except UnicodeEncodeError:
        texts = pa.array(well_formed(values), arrow)
    if texts.null_count or (pa.types.is_list(arrow) and texts.values.null_count):
        raise ValueError("None in a column of text")
    return texts


def _to_values(column: Any, kind: str) -> list[Any]:
    arrow = column.type
    if kind.startswith(("DateTime", "Nullable(DateTime")) and pa.types.is_uint32(arrow):
        column = column.cast(pa.int64()).cast(pa.timestamp("s", "UTC"))
        arrow = column.type
    if pa.types.is_timestamp(arrow):
        times = column.cast(pa.timestamp("us")).to_pylist()
        return [time if time is None else time.replace(tzinfo=UTC) for time in times]
    text = _as_text(arrow)
    if text is not None:
        try:
            column = column.cast(text)
        except pa.ArrowInvalid:
            return [_decode(value) for value in column.to_pylist()]
    values: list[Any] = column.to_pylist()
    if pa.types.is_struct(arrow):
        return [_decode(tuple(value.values())) for value in values]
    return values


def _as_text(arrow: Any) -> Any:
    if pa.types.is_binary(arrow):
        return pa.string()
    if pa.types.is_list(arrow) and pa.types.is_binary(arrow.value_type):
        return pa.list_(pa.string())
    return None


def _decode(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, list | tuple):
        return type(value)(_decode(item) for item in value)
    return value
