"""Lines of a file descriptor, as they come."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.lines import MAX_LINE, line_batches

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Where to read and where to write; who writes closes that end."""
    read, write = os.pipe()
    yield read, write
    os.close(read)


def _batches(content: bytes, path: Path, *, most: int) -> list[list[bytes]]:
    path.write_bytes(content)
    with path.open("rb") as file:
        return list(line_batches(file.fileno(), most=most, within=10))


def test_a_line_is_there_before_the_next_one_is_written(pipe: Pipe) -> None:
    read, write = pipe
    batches = line_batches(read, most=100, within=0.01)
    for line in (b"one", b"two", b""):
        os.write(write, line + b"\n")
        assert next(batches) == [line]
    os.write(write, b"no end")
    os.close(write)
    assert next(batches) == [b"no end"]
    assert list(batches) == []


def test_what_comes_in_time_comes_together(pipe: Pipe) -> None:
    read, write = pipe
    batches = line_batches(read, most=4, within=30)
    os.write(write, b"1\n")
    rest = threading.Thread(target=os.write, args=(write, b"2\n3\n4\n5\n6"))
    rest.start()
    assert next(batches) == [b"1", b"2", b"3", b"4"]  # full: nothing more is waited for
    rest.join()
    os.close(write)
    assert list(batches) == [[b"5", b"6"]]


def test_a_line_in_pieces(pipe: Pipe) -> None:
    read, write = pipe
    batches = line_batches(read, most=4, within=0.01)
    os.write(write, b"a\nhalf")
    assert next(batches) == [b"a"]
    os.write(write, b" a line\n")
    assert next(batches) == [b"half a line"]
    os.close(write)
    assert list(batches) == []


@given(
    lines=st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))),
    most=st.integers(1, 7),
)
def test_every_line_comes_once_and_in_order(
    lines: list[bytes], most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "file"
    batches = _batches(b"".join(line + b"\n" for line in lines), path, most=most)
    assert [line for batch in batches for line in batch] == lines
    assert all(len(batch) == most for batch in batches[:-1])


def test_a_line_without_end_takes_no_more_memory_than_is_allowed(tmp_path: Path) -> None:
    content = b"x" * (3 * MAX_LINE) + b"\nshort\n" + b"y" * (MAX_LINE + 1)
    [[cut, short], *_, last] = _batches(content, tmp_path / "file", most=2)
    assert (len(cut), short) == (MAX_LINE + 1, b"short")
    assert last == [b"y" * (MAX_LINE + 1)]
