"""An answer of the database that is kept for as long as nobody wrote to what it is of."""

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from infra.store import Store
from infra.store_owned import OwnedStore

T = TypeVar("T")


class Answer(Generic[T]):
    """What `ask` gives, which depends on these tables alone and not on the time.

    Where the store does not know of every write, it is asked each time.
    """

    def __init__(self, store: Store, tables: Collection[str], ask: Callable[[], T]) -> None:
        self._store = store
        self._tables = tables
        self._ask = ask
        self._kept: tuple[int, T] | None = None

    def now(self) -> T:
        """The answer as it is now. Raises what `ask` raises."""
        if not isinstance(self._store, OwnedStore):
            return self._ask()
        writes = self._store.writes(self._tables)  # before it is asked: a later one counts anew
        if self._kept is None or self._kept[0] != writes:
            self._kept = writes, self._ask()
        return self._kept[1]
