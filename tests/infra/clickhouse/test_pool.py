"""Few connections, many calls."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.clickhouse.pool import Pool
from infra.store import StoreUnavailable


class Line:
    """A connection that knows whether it is open."""

    def __init__(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


class Lines:
    """Makes them and remembers."""

    def __init__(self) -> None:
        self.made: list[Line] = []

    def __call__(self) -> Line:
        self.made.append(Line())
        return self.made[-1]

    @property
    def open(self) -> int:
        return sum(line.is_open for line in self.made)


def pool(lines: Lines, clock: Callable[[], float] = lambda: 0.0, **more: float) -> Pool[Line]:
    size = int(more.pop("size", 3))
    return Pool(lines, Line.close, size=size, clock=clock, **more)


def test_one_is_used_again_and_made_anew_after_an_error() -> None:
    lines = Lines()
    some = pool(lines)
    for _ in range(3):
        with some.lend(to_write=False) as line:
            assert line.is_open
    assert len(lines.made) == 1
    with pytest.raises(ValueError, match="broken"), some.lend(to_write=True):
        raise ValueError("broken")
    assert lines.open == 0
    with some.lend(to_write=True):
        assert len(lines.made) == 2


def test_one_that_cannot_be_made_leaves_its_place_free() -> None:
    def fail() -> Line:
        raise ConnectionRefusedError

    some: Pool[Line] = Pool(fail, Line.close, size=2, patience=0.0)
    for _ in range(5):
        with pytest.raises(ConnectionRefusedError), some.lend(to_write=True):
            pass


def test_readers_leave_one_for_whoever_writes() -> None:
    some = pool(Lines(), size=2, patience=0.0)
    with some.lend(to_write=False):
        with pytest.raises(StoreUnavailable, match="all 2 connections"), some.lend(to_write=False):
            pass
        with some.lend(to_write=True):
            pass
    with pytest.raises(ValueError, match="two connections"):
        pool(Lines(), size=1)


def test_old_ones_are_replaced() -> None:
    now, lines = [0.0], Lines()
    some = pool(lines, lambda: now[0], max_age=10.0)
    for moment, made in ((0.0, 1), (10.0, 1), (10.5, 2)):
        now[0] = moment
        with some.lend(to_write=False):
            pass
        assert (len(lines.made), lines.open) == (made, 1)


def test_after_the_end_none_is_lent_and_none_stays_open() -> None:
    lines = Lines()
    some = pool(lines)
    with some.lend(to_write=False), some.lend(to_write=True):
        pass
    with some.lend(to_write=False):
        some.close()
        assert lines.open == 1
    assert lines.open == 0
    with pytest.raises(StoreUnavailable, match="were closed"), some.lend(to_write=False):
        pass
    some.close()


@given(
    writes=st.lists(st.booleans(), min_size=1, max_size=12),
    size=st.integers(min_value=2, max_value=4),
)
def test_never_more_than_allowed_at_once(writes: list[bool], size: int) -> None:
    lines = Lines()
    some = pool(lines, size=size)
    lock = threading.Lock()
    inside: list[bool] = []
    most: list[tuple[int, int]] = []

    def call(to_write: bool) -> None:
        with some.lend(to_write=to_write):
            with lock:
                inside.append(to_write)
                most.append((len(inside), inside.count(False)))
            with lock:
                inside.remove(to_write)

    threads = [threading.Thread(target=call, args=(one,)) for one in writes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == len(writes)
    assert all(lent <= size and reads <= size - 1 for lent, reads in most)
    assert lines.open == len(lines.made) <= size
    some.close()
    assert lines.open == 0
