"""Which sketches may be alike: an index by bands, in arrays, for many at once.

Two sketches are candidates of each other if they are equal in one of 16 bands of four places. That
finds 99 % of pairs at a similarity of 0.7.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from processors.sketch import PLACES, Bytes, likeness

_BAND: Final = 4
BANDS: Final = PLACES // _BAND
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_MOST_BORN: Final = 2**31 - 2**28
_AT_ONCE: Final = 4_096  # pairs compared at once: their sketches stay in a core's cache

Numbers = NDArray[np.int64]


class NearIndex:
    """Up to `size` sketches, each with a 64-bit name; takes 250 to 300 bytes a sketch of `size`.

    A row holds a sketch. Rows are filled in a circle; those with the same hash of a band are a
    chain, the newest first, which ends where a row has been filled anew, as in the window of zlib.
    What still counts when its row's turn comes moves to the front of the circle.
    """

    def __init__(self, size: int) -> None:
        self._rows = size + size // 4 + 16
        self._bits = max(4, (size - 1).bit_length())
        self._heads = BANDS << self._bits
        self._sketches = np.zeros((self._rows, PLACES), np.uint8)
        self._keys = self._sketches.view(np.uint32).ravel()
        self._names = np.zeros(self._rows, np.uint64)
        self._counts = np.zeros(self._rows, np.bool_)
        self._bands = np.arange(BANDS)
        self._clear()

    def put(self, sketches: Bytes, names: NDArray[np.uint64]) -> dict[int, int]:
        """Rows of these by their names, and the new rows of those that had to move."""
        if self._next > _MOST_BORN:
            return self._renumber(sketches, names)
        born, moved = self._make_room(len(sketches))
        sketches = np.concatenate([self._sketches[moved], sketches])
        names = np.concatenate([self._names[moved], names])
        rows = born % self._rows
        self._sketches[rows] = sketches
        self._names[rows] = names
        self._counts[rows] = True
        self._chain(born, _places(sketches, self._bits))
        return dict(zip(names.tolist(), rows.tolist(), strict=True))

    def drop(self, rows: list[int]) -> None:
        """These are no candidates any more."""
        self._counts[rows] = False

    def alike(self, sketches: Bytes, least: int) -> tuple[Numbers, NDArray[np.uint64], Numbers]:
        """Pairs of one of `sketches` and a candidate equal to it in at least so many places: its
        number, the candidate's name, and how many these are."""
        asked, rows = self._candidates(sketches)
        alike = _compare(sketches, asked, self._sketches, rows)
        enough = alike >= least
        return asked[enough], self._names[rows[enough]], alike[enough]

    def _clear(self) -> None:
        # First the heads of the chains, then what comes behind each row in each band: what number
        # in the order of all births. Its row is that modulo the number of rows.
        self._links = np.full(self._heads + self._rows * BANDS, -1, np.int32)
        self._counts[:] = False
        self._next = 0

    def _renumber(self, sketches: Bytes, names: NDArray[np.uint64]) -> dict[int, int]:
        oldest_first = np.arange(self._next, self._next + self._rows) % self._rows
        stay = oldest_first[self._counts[oldest_first]]
        sketches = np.concatenate([self._sketches[stay], sketches])
        names = np.concatenate([self._names[stay], names])
        self._clear()
        return self.put(sketches, names)

    def _make_room(self, count: int) -> tuple[Numbers, Numbers]:
        """Births of so many rows and of those that must move, and the rows that these leave."""
        first = self._next
        moved = [np.empty(0, np.int64)]
        while count:
            turn = np.arange(self._next, self._next + count) % self._rows
            self._next += count
            moved.append(turn[self._counts[turn]])
            self._counts[turn] = False
            count = len(moved[-1])
        return np.arange(first, self._next), np.concatenate(moved)

    def _chain(self, born: Numbers, places: Numbers) -> None:
        """Put rows, the oldest first, at the heads of their chains."""
        heads = places.ravel()
        own = (self._heads + (born % self._rows)[:, None] * BANDS + self._bands).ravel()
        order = np.argsort(heads, kind="stable")
        heads, own, births = heads[order], own[order], np.repeat(born, BANDS)[order]
        is_first = np.diff(heads, prepend=-1) != 0
        behind = np.roll(births, 1)
        behind[is_first] = self._links[heads[is_first]]
        self._links[own] = behind
        is_last = np.roll(is_first, -1)
        self._links[heads[is_last]] = births[is_last]

    def _candidates(self, sketches: Bytes) -> tuple[Numbers, Numbers]:
        """Distinct pairs of the number of a sketch and a row that counts."""
        oldest = self._next - self._rows
        keys = sketches.view(np.uint32).ravel()
        asked = np.arange(len(keys))  # sketch * BANDS + band
        at = _places(sketches, self._bits).ravel()
        found = []
        while True:
            births = self._links[at]
            going = np.flatnonzero(births >= max(0, oldest))
            if not len(going):
                break
            if len(going) < len(at):
                asked, at, births = asked[going], at[going], births[going]
            rows = births % self._rows
            cells = rows * BANDS + asked % BANDS
            counts = self._counts[rows]
            hit = np.flatnonzero(counts & (self._keys[cells] == keys[asked]))
            if len(hit):
                found.append(asked[hit] // BANDS * self._rows + rows[hit])
            cells += self._heads
            gone = np.flatnonzero(~counts)
            if len(gone):
                # What counts no more leaves the chain, so that nobody meets it again.
                self._links[at[gone]] = self._links[cells[gone]]
                cells[gone] = at[gone]
            at = cells
        pairs = _distinct(found)
        return pairs // self._rows, pairs % self._rows


def alike_among(sketches: Bytes, least: int) -> tuple[Numbers, Numbers, Numbers]:
    """The pairs that `NearIndex.alike` finds, among the sketches themselves, each pair once."""
    size = len(sketches)
    found = [np.empty(0, np.int64)]
    keys = sketches.view(np.uint32)
    order = np.argsort(keys, axis=0, kind="stable")
    keys = np.take_along_axis(keys, order, axis=0)
    seen = np.empty(0, np.int32)
    for distance in range(1, size):
        equal = keys[distance:] == keys[:-distance]
        if not equal.any():
            break
        if not len(seen):
            seen = np.full(size * size, -1, np.int32)
        # Stable: of two equal keys the one that was given first comes first.
        pairs = order[distance:][equal] * size + order[:-distance][equal]
        pairs = pairs[seen[pairs] < 0]
        # Of a pair that is equal in several bands, the last to write its number is the one.
        numbers = np.arange(len(pairs), dtype=np.int32)
        seen[pairs] = numbers
        found.append(pairs[seen[pairs] == numbers])
    pairs = np.concatenate(found)
    some, others = pairs // max(1, size), pairs % max(1, size)
    alike = _compare(sketches, some, sketches, others)
    enough = alike >= least
    return some[enough], others[enough], alike[enough]


def _compare(sketches: Bytes, some: Numbers, held: Bytes, others: Numbers) -> Numbers:
    parts = [
        likeness(sketches[some[i : i + _AT_ONCE]], held[others[i : i + _AT_ONCE]])
        for i in range(0, len(some), _AT_ONCE)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _places(sketches: Bytes, bits: int) -> Numbers:
    """The head of the chain of each band of each sketch."""
    bands = np.arange(BANDS)
    keys = sketches.view(np.uint32) | (bands.astype(np.uint64) << np.uint64(32))
    chains: Numbers = ((keys * _SPREAD) >> np.uint64(64 - bits)).astype(np.int64)
    return chains + (bands << bits)


def _distinct(found: list[Numbers]) -> Numbers:
    if not found:
        return np.empty(0, np.int64)
    pairs: Numbers = np.sort(np.concatenate(found))
    distinct: Numbers = pairs[np.diff(pairs, prepend=-1) != 0]
    return distinct
