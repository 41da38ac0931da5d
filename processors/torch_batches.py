"""Texts of like length together: blocks to tokenise, batches to read, padding.

Only numpy and the standard library are needed here, and by all of `torch_*` but the options.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

CHARACTERS: Final = 3
"""Of a token, at the least that is usual: blocks are cut before anybody has counted tokens."""
LEAST_TEXTS: Final = 256
"""In a block: enough to sort, and no round trip to another thread for each few texts."""

Integers = NDArray[np.int64]


class Item(NamedTuple):
    """A text to read: where its answer goes, and its tokens, at least one."""

    row: int
    ids: Sequence[int]


class Padding(NamedTuple):
    """How texts are filled up to a width: with `token`, to a multiple of `step`, which the matrix
    units of a GPU want to be 8, and not beyond `longest`, which is what the model takes."""

    token: int
    step: int
    longest: int

    def width(self, length: int) -> int:
        """Return the width for texts of at most `length` tokens.

        >>> [Padding(token=0, step=8, longest=60).width(length) for length in (1, 8, 9, 58)]
        [8, 8, 16, 60]
        """
        return max(length, min(self.longest, -(-length // self.step) * self.step))


def blocks(lengths: Sequence[int], *, tokens: int) -> list[list[int]]:
    """Cut rows, from the longest to the shortest, into blocks of about `tokens` tokens.

    `lengths` are of the texts, in characters. While one block is read the next is tokenised. The
    longest come first: memory that was enough for them is enough for all.

    >>> blocks([10, 3000, 20], tokens=1000)
    [[1, 2, 0]]
    """
    cut: list[list[int]] = []
    held = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if not cut or (held >= tokens and len(cut[-1]) >= LEAST_TEXTS):
            cut.append([])
            held = 0
        cut[-1].append(row)
        held += lengths[row] // CHARACTERS + 2
    return cut


def take(waiting: list[Item], *, tokens: int, padding: Padding) -> tuple[list[Item], int]:
    """Take items off the end, as many as `tokens` hold with their padding, but at least one.

    Return them and their width.
    """
    width = padding.width(len(waiting[-1].ids))
    count = 1
    while count < len(waiting):
        wider = max(width, padding.width(len(waiting[-count - 1].ids)))
        if (count + 1) * wider > tokens:
            break
        count, width = count + 1, wider
    taken = waiting[-count:]
    del waiting[-count:]
    return taken, width


def pad(items: Sequence[Item], *, width: int, padding: int) -> tuple[Integers, Integers]:
    """Return the tokens (items, width), filled up with `padding`, and how many are of each text."""
    lengths = np.fromiter((len(item.ids) for item in items), np.int64, len(items))
    flat = chain.from_iterable(item.ids for item in items)
    filled = np.full((len(items), width), padding, np.int64)
    filled[np.arange(width) < lengths[:, None]] = np.fromiter(flat, np.int64, int(lengths.sum()))
    return filled, lengths
