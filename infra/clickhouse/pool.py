"""Connections of a process to its database: a few, lent to one call at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from infra.store import StoreUnavailable

Connection = TypeVar("Connection")


class Pool(Generic[Connection]):
    """Lends connections, made when they are first needed. Thread-safe.

    `size` at most are lent at once, and all but one of them to readers: a crowd that reads does not
    hold up whoever writes. One that was lent when something went wrong is thrown away, as half an
    answer may still be on its way. `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        close: Callable[[Connection], None],
        *,
        size: int = 8,
        patience: float = 30.0,
        max_age: float = 900.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`patience`: seconds that a call waits for one that is lent to another. `max_age`: after
        so many seconds a connection is made anew, so that the first host is found again."""
        if size < 2:
            raise ValueError("a pool has two connections or more: one of them is for writing")
        self._connect = connect
        self._close = close
        self._size = size
        self._patience = patience
        self._max_age = max_age
        self._clock = clock
        self._changed = threading.Condition()
        self._idle: list[tuple[float, Connection]] = []  # since when it is there
        self._lent = 0
        self._read = 0  # of those lent, to readers
        self._closed = False

    @contextmanager
    def lend(self, *, to_write: bool) -> Iterator[Connection]:
        """A connection of the block's own. Raises StoreUnavailable if none becomes free in time,
        and as `connect` does."""
        kept, stale = self._take(to_write=to_write)
        good = False
        try:
            for old in stale:
                self._close(old)
            born, connection = kept or (self._clock(), self._connect())
            try:
                yield connection
                good = True
            finally:
                if not good:
                    self._close(connection)
        finally:
            self._give_back((born, connection) if good else None, to_write=to_write)

    def close(self) -> None:
        """Close what is idle now and the rest when it comes back. Idempotent."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for _, connection in idle:
            self._close(connection)

    def _take(self, *, to_write: bool) -> tuple[tuple[float, Connection] | None, list[Connection]]:
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(to_write), self._patience):
                raise StoreUnavailable(
                    f"all {self._size} connections to ClickHouse were busy for {self._patience:g} s"
                )
            if self._closed:
                raise StoreUnavailable("the connections to ClickHouse were closed")
            self._lent += 1
            self._read += not to_write
            oldest = self._clock() - self._max_age
            stale = [connection for born, connection in self._idle if born < oldest]
            self._idle = [kept for kept in self._idle if kept[0] >= oldest]
            return (self._idle.pop() if self._idle else None), stale

    def _has_room(self, to_write: bool) -> bool:
        if self._closed:
            return True
        return self._lent < self._size and (to_write or self._read < self._size - 1)

    def _give_back(self, kept: tuple[float, Connection] | None, *, to_write: bool) -> None:
        with self._changed:
            self._lent -= 1
            self._read -= not to_write
            late = kept if self._closed else None
            if kept is not None and not self._closed:
                self._idle.append(kept)
            self._changed.notify_all()
        if late is not None:
            self._close(late[1])
