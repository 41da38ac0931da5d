"""Types of the columns that queries give, asked for once: asking costs as much as a small query."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

MOST: Final = 500
"""Statements remembered: a program has few, a person at a prompt any number."""


class AnswerTypes:
    """ClickHouse types of the columns that a statement gives, for as long as no table changes."""

    def __init__(self) -> None:
        self._known: dict[str, Sequence[str]] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def of(self, sql: str, ask: Callable[[str], Sequence[Sequence[Any]]]) -> Sequence[str]:
        """The types; `ask` is given a statement that lists columns: name, type and more, a row
        each. Parameters have a type of their own, so what is put in makes no difference."""
        known = self._known.get(sql)
        if known is not None:
            return known
        changes = self._changes
        types = [row[1] for row in ask(f"DESCRIBE TABLE (\n{sql.rstrip().removesuffix(';')}\n)")]
        with self._lock:
            if changes == self._changes:  # else it may tell of what was before
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[sql] = types
        return types

    def forget(self) -> None:
        """A statement was run that may have changed a table."""
        with self._lock:
            self._changes += 1
            self._known.clear()
