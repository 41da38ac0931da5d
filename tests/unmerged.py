"""The embedded database with merges held until a test asks for a change of files."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.store import Param, Row, Store

CHANGES: Final = re.compile(
    r"\s*(--.*\n)*\s*(ALTER TABLE \w+\s+(UPDATE|DELETE|DROP COLUMN)|OPTIMIZE)"
)


class Unmerged:
    """Replaced rows stay where they are until a mutation or `OPTIMIZE` is asked for.

    When the database merges by itself is a matter of time, and no test is about time. Held merges
    hold mutations too, so the first of these lets both go on, until the next test.
    """

    def __init__(self, store: Store) -> None:
        """`store` is the embedded database; it keeps its files to itself."""
        self._store = store
        self._held = True
        store.command("SYSTEM STOP MERGES")

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """As the store does."""
        self._store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        """As the store does."""
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        """As the store does, with merges let go first if it changes files."""
        if self._held and CHANGES.match(sql):
            self._held = False
            self._store.command("SYSTEM START MERGES")
        self._store.command(sql, params)

    def close(self) -> None:
        """As the store does."""
        self._store.close()
