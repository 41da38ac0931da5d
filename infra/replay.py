"""A file of posts as a feed: its rows in order of time, the file's clock as the line's."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from infra.columns import choose_columns, time_of, to_post
from infra.rows import Fault, Kind, ReplayError, Row, header_of, kind_of, read_rows
from processors.arrivals import Arrival, BadRow
from processors.decode import kept
from processors.records import RawPost

Moment = Annotated[datetime, Meta(tz=True)]


class ReplayFile(Struct, frozen=True, kw_only=True):
    """What to read, and how. `mapping`: target -> column, as of `columns.parse_map`."""

    path: Path
    now: Moment  # wall clock at the start: no row's time beyond it moves the clock
    mapping: Mapping[str, str] = {}
    source: str = "file"  # of posts whose row names none
    feed: str = "file"


class Scan(Struct, frozen=True, kw_only=True):
    """What a first reading found. `first` and `last` are `now` if no row has a usable time."""

    kind: Kind
    columns: Mapping[str, str]  # target -> column
    rows: int
    first: Moment
    last: Moment
    is_ordered: bool  # by time: can be streamed


def scan(file: ReplayFile) -> Scan:
    """Read the file once, in constant memory, for its columns, length and span.

    Raises ReplayError, one line, if it cannot be replayed (a missing column, no rows, damage), and
    OSError if it cannot be opened.
    """
    name = file.path.name
    kind = kind_of(file.path)
    # Lines of JSON need not all have all names, so a name may turn up later than the first row.
    names = dict.fromkeys(header_of(file.path, kind))
    if kind == "jsonl":
        for row in read_rows(file.path, kind):
            names.update(dict.fromkeys(row.fields))
    columns = choose_columns(file.mapping, tuple(names), name=name)
    first = last = None
    latest: datetime | None = None
    rows, is_ordered = 0, True
    for row in read_rows(file.path, kind):
        rows += 1
        at = _clock_of(row.fault or time_of(row.fields, columns), file.now)
        if at is None:
            continue
        is_ordered = is_ordered and (latest is None or at >= latest)
        latest = at
        first = at if first is None else min(first, at)
        last = at if last is None else max(last, at)
    if not rows:
        raise ReplayError(f"{name}: has no rows")
    return Scan(
        kind=kind,
        columns=columns,
        rows=rows,
        first=first or file.now,
        last=last or file.now,
        is_ordered=is_ordered,
    )


def read(file: ReplayFile, scanned: Scan) -> Iterator[Arrival]:
    """Return the file's rows as arrivals in order of time; rows of one time keep their order.

    Every row gives one arrival; `position` is the row's number in the file, from 0. A row whose
    time is unreadable, before 2000 or beyond `now` arrives with the row before it in the file (the
    first ones with the next that has a time).

    An ordered file is streamed. Any other is read whole before this returns, about 0.7 kB of memory
    a row of tweet length, which takes a while: not for an event loop.
    """
    arrivals = _in_file_order(file, scanned)
    if scanned.is_ordered:
        return arrivals
    return iter(sorted(arrivals, key=_at))


def _at(arrival: Arrival) -> datetime:
    return arrival.at


def _in_file_order(file: ReplayFile, scanned: Scan) -> Iterator[Arrival]:
    at: datetime | None = None
    early: list[tuple[Row, datetime | Fault]] = []
    for row in read_rows(file.path, scanned.kind):
        moment = row.fault or time_of(row.fields, scanned.columns)
        own = _clock_of(moment, file.now)
        if own is None and at is None:
            early.append((row, moment))
            continue
        at = own or at or file.now
        for waiting in early:
            yield _arrival(*waiting, file, scanned, at)
        early.clear()
        yield _arrival(row, moment, file, scanned, at)
    for waiting in early:
        yield _arrival(*waiting, file, scanned, file.now)


def _clock_of(moment: datetime | Fault, now: datetime) -> datetime | None:
    return None if isinstance(moment, Fault) or moment > now else moment


def _arrival(
    row: Row, moment: datetime | Fault, file: ReplayFile, scanned: Scan, at: datetime
) -> Arrival:
    made = row.fault or to_post(row.fields, scanned.columns, source=file.source, moment=moment)
    item: RawPost | BadRow
    if isinstance(made, Fault):
        payload, note = kept(row.payload)
        item = BadRow(reason=made.reason, detail=made.detail + note, payload=payload)
    else:
        item = msgspec.structs.replace(made, observed_at=at, feed=file.feed, position=row.position)
    return Arrival(at=at, position=row.position, item=item)
