"""The n-grams of characters that fastText knows a word by: all words of a batch at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_OFFSET, _PRIME = np.uint32(2_166_136_261), np.uint32(16_777_619)  # FNV-1a
Numbers = NDArray[np.int64]


class Ngrams:
    """Rows of n-grams: `kept` has the row, counted from `first`, of each hash; -1 for none."""

    def __init__(
        self, kept: NDArray[np.integer], *, shortest: int, longest: int, first: int
    ) -> None:
        self._kept = kept
        self._lengths = range(max(2, shortest), longest + 1)
        self._first = first

    def find(self, words: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Pairs of the number of a word and a row of one of its n-grams."""
        if not words:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        line = "".join([f"<{word}>" for word in words])
        sizes = np.fromiter(map(len, words), np.int64, len(words)) + 2
        word_of = np.repeat(np.arange(len(words)), sizes)
        last = np.repeat(np.cumsum(sizes), sizes)  # character behind the word that each is in
        held = line.encode("utf-8", "surrogatepass")
        units = np.frombuffer(held, np.uint8)
        starts = np.flatnonzero((units & 0xC0) != 0x80)
        behind = np.append(starts, len(units))
        # Bytes above 127 are negative numbers in fastText, and hashed as such.
        signed = units.view(np.int8).astype(np.uint32)
        of, rows = [], []
        hashes = np.full(len(starts), _OFFSET)
        at = starts.copy()
        going = np.arange(len(starts))
        for length in range(1, self._lengths[-1] + 1):
            going = going[going + length <= last[going]]
            hashes[going] = _hashed(hashes[going], at[going], behind[going + length], signed)
            at[going] = behind[going + length]
            if length in self._lengths:
                row = self._kept[hashes[going] % np.uint32(len(self._kept))]
                is_kept = row >= 0
                of.append(word_of[going[is_kept]])
                rows.append(row[is_kept].astype(np.int64) + self._first)
        return np.concatenate(of), np.concatenate(rows)


def _hashed(
    hashes: NDArray[np.uint32], at: Numbers, until: Numbers, signed: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Hashes taken on by one character each, of 1 to 4 bytes."""
    hashes = (hashes ^ signed[at]) * _PRIME
    longer = np.flatnonzero(until - at > 1)
    offset = 1
    while len(longer):
        hashes[longer] = (hashes[longer] ^ signed[at[longer] + offset]) * _PRIME
        offset += 1
        longer = longer[until[longer] - at[longer] > offset]
    return hashes
