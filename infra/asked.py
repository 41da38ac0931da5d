"""Names and receipts as parameters of queries: they may hold anything, so they go as hex digits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def hexed(names: Iterable[str]) -> str:
    """Names with commas between. Half an emoji is asked for as what is stored of one: `?`.

    >>> hexed(["f", "g,"])
    '66,672C'
    """
    return ",".join(hex_of(name) for name in names)


def hex_of(name: str) -> str:
    """One name, as hex() of ClickHouse writes it.

    >>> hex_of("k:")
    '6B3A'
    """
    return name.encode("utf-8", "replace").hex().upper()


def receipts_asked(receipts: Iterable[tuple[str, int]]) -> str:
    """Receipts, each HEX:POSITION, with commas between.

    >>> receipts_asked([("f", 1), ("g", 2)])
    '66:1,67:2'
    """
    return ",".join(f"{hex_of(feed)}:{position}" for feed, position in receipts)


def portions(
    rows: Sequence[T], *, most: int, most_bytes: int, size: Callable[[T], int]
) -> Iterator[list[T]]:
    """Rows in their order, at most so many and so many bytes at once, unless one row has more.

    >>> list(portions([b"a", b"bb", b"cccc", b"d"], most=2, most_bytes=3, size=len))
    [[b'a', b'bb'], [b'cccc'], [b'd']]
    """
    some: list[T] = []
    total = 0
    for row in rows:
        if some and (len(some) == most or total + size(row) > most_bytes):
            yield some
            some, total = [], 0
        some.append(row)
        total += size(row)
    if some:
        yield some
