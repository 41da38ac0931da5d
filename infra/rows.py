"""Rows of a CSV or JSONL file, one at a time, with their original bytes."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple, TextIO

import msgspec

Kind = Literal["csv", "ssv", "tsv", "jsonl"]
"""`ssv`: a CSV with semicolons, as spreadsheets write it where a comma begins the decimals."""

MAX_FIELD: Final = 4 * 1024 * 1024
"""Longest field of a CSV in characters. Longer is a quote that was never closed: that row is bad
and reading goes on at the next line."""

_KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


_DELIMITERS: dict[Kind, str] = {"csv": ",", "ssv": ";", "tsv": "\t"}


class ReplayError(Exception):
    """The file as a whole cannot be replayed; the message is one line that says what to do."""


class Fault(NamedTuple):
    """Why a row cannot become a post: one word to count, and words for a person."""

    reason: str
    detail: str


class Row(NamedTuple):
    """A data row: `position` counts from 0; blank lines are no rows."""

    position: int
    fields: dict[str, object]  # empty where there is a fault
    fault: Fault | None
    payload: bytes


def kind_of(path: Path) -> Kind:
    """Tell the format by the name's ending, else by the first character; of a CSV, what parts its
    columns by its first line. Raises ReplayError."""
    name = Path(path.name.removesuffix(".gz"))
    known = _KINDS.get(name.suffix.lower())
    if known == "tsv":
        return known
    start = _start_of(path)
    if known is None or known == "jsonl":
        if start[:1] == "[":
            raise ReplayError(f"{path.name}: a JSON array; write one object a line (JSONL) instead")
        if known or start[:1] == "{":
            return "jsonl"
    lines = start.splitlines()[:1]
    parts: dict[Kind, int] = {
        kind: sum(map(len, _csv_reader(iter(lines), kind))) for kind in ("csv", "ssv")
    }
    return "ssv" if parts["ssv"] > parts["csv"] == 1 else "csv"


def header_of(path: Path, kind: Kind) -> tuple[str, ...]:
    """Return the column names of a CSV; of JSONL, the names of its first good row."""
    if kind == "jsonl":
        return next((tuple(row.fields) for row in read_rows(path, kind) if row.fields), ())
    with _guarded(path), _open(path, newline="") as file:
        return tuple(_csv_header(path, _csv_reader(file, kind)))


def read_rows(path: Path, kind: Kind) -> Iterator[Row]:
    """Yield the rows of `path`, gzipped or not, in constant memory.

    UTF-8 with or without a byte order mark, or UTF-16 with one; bytes that are no UTF-8 become
    U+FFFD. Raises ReplayError if the file cannot be read on, OSError if it cannot be opened.
    """
    with _guarded(path), _open(path, newline="\n" if kind == "jsonl" else "") as file:
        yield from _jsonl_rows(file) if kind == "jsonl" else _csv_rows(path, file, kind)


def _open(path: Path, *, newline: str) -> TextIO:
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
    opener = gzip.open if is_gzip else open
    with opener(path, "rb") as start:
        is_utf16 = start.read(2) in (b"\xff\xfe", b"\xfe\xff")
    return io.TextIOWrapper(
        opener(path, "rb"),
        encoding="utf-16" if is_utf16 else "utf-8-sig",
        # Kept as surrogates here, so that a dead letter has the bytes as they were.
        errors="strict" if is_utf16 else "surrogateescape",
        newline=newline,
    )


def _start_of(path: Path) -> str:
    with _guarded(path), _open(path, newline="\n") as file:
        return file.read(4096).lstrip()


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
        raise ReplayError(f"{path.name}: damaged ({error}); copy or download it again") from error


class _Tape:
    """Lines of a file, remembering those since the last `take`."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines: list[str] = []

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._lines.append(line)
        return line

    def take(self) -> str:
        taken = "".join(self._lines)
        self._lines.clear()
        return taken


def _csv_reader(lines: Iterator[str], kind: Kind) -> Iterator[list[str]]:
    # The limit is the csv module's own and holds for the process; there is no other way to raise
    # it, and a field of 1 MB has to get through to be refused by name.
    csv.field_size_limit(MAX_FIELD)
    return csv.reader(lines, delimiter=_DELIMITERS[kind])


def _csv_header(path: Path, reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(row for row in reader if row)]
    except StopIteration:
        raise ReplayError(f"{path.name}: empty; a CSV starts with its column names") from None
    except csv.Error as error:
        raise ReplayError(f"{path.name}: no CSV ({error})") from None


def _csv_rows(path: Path, file: TextIO, kind: Kind) -> Iterator[Row]:
    tape = _Tape(file)
    reader = _csv_reader(tape, kind)
    header = _csv_header(path, reader)
    tape.take()
    position = -1
    while True:
        fault = None
        values: list[str] = []
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = Fault("row_too_long", f"{error}: a quote that was never closed?")
        line = tape.take()
        if not values and not fault:
            continue
        position += 1
        payload, is_utf8 = _bytes(line)
        if len(values) > len(header):
            fault = Fault("wrong_columns", f"{len(values)} fields, {len(header)} column names")
        if fault:
            yield Row(position, {}, fault, payload)
            continue
        if not is_utf8:
            values = [_mend(value) for value in values]
        # A row that ends early lacks its last columns; whether that matters is theirs to say.
        yield Row(position, dict(zip(header, values, strict=False)), None, payload)


def _jsonl_rows(file: TextIO) -> Iterator[Row]:
    position = -1
    for line in file:
        if not line.strip():
            continue
        position += 1
        payload, is_utf8 = _bytes(line)
        try:
            fields = msgspec.json.decode(payload if is_utf8 else _mend(line))
        except (msgspec.DecodeError, RecursionError) as error:
            yield Row(position, {}, Fault("not_json", str(error)), payload)
            continue
        if isinstance(fields, dict) and fields:
            yield Row(position, fields, None, payload)
        else:
            detail = f"expected an object with fields, got {type(fields).__name__}"
            yield Row(position, {}, Fault("wrong_type", detail), payload)


def _bytes(line: str) -> tuple[bytes, bool]:
    try:
        return line.encode(), True
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogateescape"), False


def _mend(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
