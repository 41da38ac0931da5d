"""The seam to ClickHouse: three methods that the embedded engine and a server both have.

StoreError              anything a store raises
 ├─ StoreUnavailable    cannot be reached, is busy or refuses for now: retry
 ├─ StoreRejected       the statement or a row is wrong: a bug, never retried
 ├─ FolderInUse         another process owns the embedded database: a person must choose
 └─ StoreDamaged        a power cut took rows from the embedded database: a person must decide
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Param = str | int | float
Row = tuple[Any, ...]


class StoreError(Exception):
    """Any failure of a store."""


class StoreUnavailable(StoreError):
    """Not now: the caller waits and tries again; nothing was written for certain."""


class StoreRejected(StoreError):
    """The statement, a parameter or a row is wrong."""


class FolderInUse(StoreError):
    """Another process has the folder of the embedded database open; the message names it."""


class StoreDamaged(StoreError):
    """The embedded database set broken parts aside when it started: stored rows are missing."""


class Store(Protocol):
    """ClickHouse, wherever it runs. Thread-safe; every call blocks.

    SQL is shared by all implementations: parameters are `{name:Type}` of scalar types only, times
    travel as Int64 epoch milliseconds (`fromUnixTimestamp64Milli({t:Int64}, 'UTC')`).
    Times in rows are timezone-aware UTC datetimes, both ways.
    """

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write rows, all or none, durable on return. Writing them again changes no count."""
        ...

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        """Rows of a SELECT. Never changes anything."""
        ...

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        """Run a statement that returns no rows."""
        ...

    def close(self) -> None:
        """Let go of handles. Idempotent."""
        ...
