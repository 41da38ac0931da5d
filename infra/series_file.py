"""A file of counts by time: `timestamp,volume[,negative]`, or `timestamp,value`.

Rows that cannot be used are left out and named; what is left keeps the number its row has in the
file, so that an answer can be given row by row.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from infra.rows import ReplayError, Row, header_of, kind_of, read_rows
from infra.timestamps import read_written_time

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "timestamp": ("timestamp", "time", "date", "datetime"),
    "volume": ("volume", "value", "count"),
    "negative": ("negative",),
}
"""What a column may be called, the first that is there."""
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9000
"""Of a row. Nearer to the ends of the calendar there is no week before it, or no day ahead."""


class SeriesRow(Struct, frozen=True, kw_only=True):
    """A usable row. `number` counts data rows from 1 as they stand in the file."""

    number: int
    at: datetime  # UTC
    volume: float  # >= 0, finite
    negative: float | None  # 0 <= negative <= volume; None where the file has no such column


class SeriesFile(Struct, frozen=True, kw_only=True):
    """The usable rows by time, each time once; and what is to be said of the file, a line each."""

    rows: tuple[SeriesRow, ...]
    problems: tuple[str, ...]
    total: int  # data rows in the file, usable or not: row numbers go from 1 to this

    @property
    def step(self) -> timedelta:
        """The commonest time from one row to the next; an hour where there are none to tell by."""
        steps = Counter(after.at - before.at for before, after in pairwise(self.rows))
        return steps.most_common(1)[0][0] if steps else timedelta(hours=1)


def read_series(path: Path, timezone: str = "UTC") -> SeriesFile:
    """Read a CSV, TSV or JSONL, gzipped or not. Times without a zone are taken in `timezone`.

    Of rows with one time the first counts. A local time that a clock change makes ambiguous is the
    earlier one when it is met first and the later one when it is met again; one that the change
    skips is left out. Raises ReplayError (one line) for a file without the columns or usable rows,
    OSError, and ZoneInfoNotFoundError.
    """
    reader = _Reader(ZoneInfo(timezone))
    kind = kind_of(path)
    columns = _columns(header_of(path, kind), path.name)
    total = 0
    found: list[SeriesRow] = []
    for row in read_rows(path, kind):
        total += 1
        usable = reader.read(row, columns)
        if usable is not None:
            found.append(usable)
    if not found:
        told = "; ".join(reader.problems()) or "no rows"
        raise ReplayError(f"{path.name}: no usable row ({told})")
    late = [after.number for before, after in pairwise(found) if after.at < before.at]
    if late:
        reader.note("earlier than the row before it: sorted", *late)
    rows = _once(sorted(found, key=lambda row: row.at), reader)
    file = SeriesFile(rows=tuple(rows), problems=(), total=total)
    step = file.step
    gaps = [after.number for before, after in pairwise(rows) if after.at - before.at > step]
    if gaps:
        reader.note("a gap before it: taken as not observed, not as zero", *gaps)
    return SeriesFile(rows=file.rows, problems=reader.problems(), total=total)


class _Reader:
    """Reads rows, remembering what was wrong and which local times were met."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._seen: set[datetime] = set()
        self._noted: dict[str, list[int]] = {}

    def note(self, problem: str, *numbers: int) -> None:
        self._noted.setdefault(problem, []).extend(numbers)

    def problems(self) -> tuple[str, ...]:
        """One line a kind of problem: which rows, how many."""
        return tuple(
            f"row {numbers[0]}: {problem}"
            if len(numbers) == 1
            else f"{len(numbers)} rows (first {min(numbers)}): {problem}"
            for problem, numbers in self._noted.items()
        )

    def read(self, row: Row, columns: Mapping[str, str]) -> SeriesRow | None:
        """The row, or None with its problem noted."""
        number = row.position + 1
        if row.fault:
            self.note(row.fault.reason.replace("_", " ") + ": left out", number)
            return None
        try:
            at = self._moment(row.fields.get(columns["timestamp"]), number)
            volume = _count("volume", row.fields.get(columns["volume"]))
            negative = None
            if "negative" in columns:
                negative = _count("negative", row.fields.get(columns["negative"]))
                if negative > volume:
                    raise ValueError("more negative posts than posts")
        except ValueError as error:
            self.note(f"{error}: left out", number)
            return None
        return SeriesRow(number=number, at=at, volume=volume, negative=negative)

    def _moment(self, value: object, number: int) -> datetime:
        try:
            written = read_written_time(value)
        except ValueError as error:
            raise ValueError("unreadable time") from error
        if not FIRST_YEAR <= written.year <= LAST_YEAR:
            raise ValueError("a time that is none of ours")
        if written.tzinfo is not None:
            return written
        again = written in self._seen
        self._seen.add(written)
        first, second = (written.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            return first.astimezone(UTC)
        if first.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != written:
            raise ValueError(f"a time that {self._zone.key} skips (clock change)")
        which = "met again, the later one" if again else "the earlier one"
        self.note(f"a time that {self._zone.key} has twice (clock change): {which}", number)
        return (second if again else first).astimezone(UTC)


def _columns(header: Sequence[str], name: str) -> dict[str, str]:
    if not all(column.isprintable() for column in header):
        raise ReplayError(f"{name}: no table of text")
    lower = {column.lower(): column for column in reversed(header)}
    chosen: dict[str, str] = {}
    for target, names in COLUMNS.items():
        found = next((lower[each] for each in names if each in lower), None)
        if found is not None:
            chosen[target] = found
        elif target != "negative":
            raise ReplayError(
                f"{name}: no column {' or '.join(map(repr, names[:2]))}; it has "
                f"{', '.join(header[:20]) or 'none'}. Wanted: timestamp,volume,negative or "
                "timestamp,value"
            )
    return chosen


def _count(name: str, value: object) -> float:
    """A finite number >= 0. Raises ValueError, which says what it is instead."""
    if value is None or value == "":
        raise ValueError(f"no {name}")
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is no number") from error
    if not math.isfinite(number) or isinstance(value, bool):
        raise ValueError(f"{name} is no number")
    if number < 0:
        raise ValueError(f"{name} below zero")
    return number


def _once(rows: Sequence[SeriesRow], reader: _Reader) -> list[SeriesRow]:
    """Of rows with one time the first."""
    kept: list[SeriesRow] = []
    for row in rows:
        if not kept or kept[-1].at != row.at:
            kept.append(row)
        elif (kept[-1].volume, kept[-1].negative) == (row.volume, row.negative):
            reader.note("the same time and counts again: left out", row.number)
        else:
            reader.note("another count for a time that had one: the first counts", row.number)
    return kept
