"""What is written down beside a backup: how many rows there were when it was made."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from infra.clickhouse.counts import Counts
from infra.store import StoreRejected

Rows = Sequence[tuple[str, str, str, int]]


class CopyNote(Struct, frozen=True, kw_only=True):
    """Of a backup: when and where it was made, and rows by table, brand and day around then."""

    made_at: datetime
    place: str
    database: str
    bytes: int
    before: tuple[tuple[str, str, str, int], ...]
    after: tuple[tuple[str, str, str, int], ...]


def listed(counts: Counts) -> tuple[tuple[str, str, str, int], ...]:
    """For a note."""
    return tuple(sorted((*group, rows) for group, rows in counts.items()))


def counted(rows: Rows) -> Counts:
    """From a note."""
    return {(table, brand, day): count for table, brand, day, count in rows}


def write_note(path: Path, note: CopyNote) -> None:
    """Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(note), indent=1))


def read_note(path: Path) -> CopyNote:
    """Raises OSError, and StoreRejected for a file that is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=CopyNote)
    except msgspec.DecodeError as error:
        raise StoreRejected(f"{path} is no note of a backup: {error}") from error
