"""MinHash sketches of many texts at once: how alike two are, without the texts.

Fast similarity sketching (Dahlgaard, Knudsen, Thorup: arxiv.org/abs/1704.04370): each shingle falls
into one of the places of a sketch in each of a few rounds, and a place keeps the smallest hash of
its first round that has any. A place that none has found asks them all.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACES: Final = 64
SHINGLE: Final = 5
"""Characters of what is compared."""
_CHARS: Final = 65_536
"""Characters whose sketches are made together."""
_EMPTY: Final = np.uint32(2**32 - 1)
_WEIGHTS: Final = tuple(
    np.uint64(weight)
    for weight in (
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xFF51AFD7ED558CCD,
    )
)
_MIXERS: Final = (np.uint64(0xC4CEB9FE1A85EC53), np.uint64(0xBF58476D1CE4E5B9))
_LAST_MIXER: Final = np.uint64(0x94D049BB133111EB)

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]


def sketches(texts: Sequence[str]) -> Bytes:
    """A row of PLACES bytes of each text, none shorter than SHINGLE.

    The share of equal places estimates the Jaccard similarity of two texts' sets of shingles:
    without bias but for 1 in 256 of the rest, with a standard error of at most 0.06. A row depends
    on its text alone.
    """
    if not texts:
        return np.empty((0, PLACES), np.uint8)
    return np.concatenate([_sketches(some) for some in _parts(texts)])


def likeness(some: Bytes, others: Bytes) -> Numbers:
    """Number of equal places of each pair of rows."""
    equal = (some == others).view(np.uint64)
    # Eight sums of eight bytes each, which the product then sums up in its highest byte
    sums: Hashes = np.add.reduce(equal, axis=1, dtype=np.uint64)
    sums = sums * np.uint64(0x0101010101010101)
    return (sums >> np.uint64(56)).astype(np.int64)


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for number, text in enumerate(texts):
        if size and size + len(text) > _CHARS:
            yield texts[start:number]
            start, size = number, 0
        size += len(text)
    yield texts[start:]


def _sketches(texts: Sequence[str]) -> Bytes:
    hashes, counts = _hashes(texts)
    row_of = np.repeat(np.arange(len(texts)) * PLACES, counts)
    cells = np.full(len(texts) * PLACES, _EMPTY)
    for turn, mixer in enumerate(_MIXERS):
        mixed = hashes * mixer
        mixed ^= mixed >> np.uint64(32)
        _drop(cells, row_of, mixed >> np.uint64(58), mixed >> np.uint64(28), 2 * turn)
        _drop(cells, row_of, mixed & np.uint64(63), mixed >> np.uint64(6), 2 * turn + 1)
    empty = np.flatnonzero(cells == _EMPTY)
    if len(empty):
        cells[empty] = _asked(empty, hashes, counts)
    return cells.astype(np.uint8).reshape(len(texts), PLACES)


def _hashes(texts: Sequence[str]) -> tuple[Hashes, Numbers]:
    """The hash of every shingle, text by text, and how many each text has."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    wide = codes.astype(np.uint64)
    count = len(wide) - SHINGLE + 1
    hashes = wide[:count] * _WEIGHTS[0]
    for offset in range(1, SHINGLE):
        hashes += wide[offset : offset + count] * _WEIGHTS[offset]
    is_whole = np.ones(len(wide), np.bool_)
    ends = np.cumsum(sizes)
    for offset in range(1, SHINGLE):
        is_whole[ends - offset] = False
    hashes = hashes[is_whole[:count]]
    hashes ^= hashes >> np.uint64(31)
    hashes *= _LAST_MIXER
    hashes ^= hashes >> np.uint64(30)
    return hashes, sizes - SHINGLE + 1


def _drop(
    cells: NDArray[np.uint32], row_of: Numbers, places: Hashes, values: Hashes, turn: int
) -> None:
    """Let each shingle fall into its place of its row; what fell there in an earlier turn stays."""
    marked = (values & np.uint64(2**28 - 1)).astype(np.uint32) | np.uint32(turn << 28)
    np.minimum.at(cells, row_of + places.astype(np.int64), marked)


def _asked(empty: Numbers, hashes: Hashes, counts: Numbers) -> NDArray[np.uint32]:
    """The smallest hash of all shingles of the row, by a function of each place's own."""
    asked = counts[empty // PLACES]
    first = np.cumsum(asked) - asked
    begins = (np.cumsum(counts) - counts)[empty // PLACES]
    turn = np.repeat(np.arange(len(empty)), asked)
    mixed = hashes[np.arange(len(turn)) + (begins - first)[turn]]
    mixed ^= (empty % PLACES + 1).astype(np.uint64)[turn] * _WEIGHTS[3]
    mixed *= _MIXERS[1]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIXERS[0]
    return np.minimum.reduceat(mixed >> np.uint64(36), first).astype(np.uint32)
