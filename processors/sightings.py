"""Which names were seen, of any number, in a fixed amount of memory."""

import threading
from collections.abc import Sequence
from hashlib import md5
from typing import Any, Final

import numpy as np

BITS: Final = 1 << 28
"""32 MB: of 10 million names seen, one new one in 7,000 is taken for seen; of a million, none."""
_PROBES: Final = 5
_BIT: Final = np.array([1, 2, 4, 8, 16, 32, 64, 128], np.uint8)


class Sightings:
    """Names that were seen. Whoever was is found; a new one is hardly ever taken for seen.

    A Bloom filter (Bloom 1970; two hashes for all probes: Kirsch and Mitzenmacher 2006) over MD5,
    which databases have too, and which guards nothing here. Thread-safe.

    >>> seen = Sightings(bits=1 << 10)
    >>> seen.add(["x:1", "x:2"])
    >>> seen.among(["x:0", "x:2", "x:1"])
    ['x:2', 'x:1']
    """

    def __init__(self, bits: int = BITS) -> None:
        """`bits`: a power of two, at least 8."""
        if bits < 8 or bits & (bits - 1):
            raise ValueError(f"{bits} bits: a power of two is needed, 8 or more")
        self._mask = np.uint64(bits - 1)
        self._table = np.zeros(bits // 8, np.uint8)
        self._lock = threading.Lock()
        self._is_empty = True

    def add(self, names: Sequence[str]) -> None:
        """These were seen."""
        self.add_digests(digests(names))

    def add_digests(self, found: bytes) -> None:
        """Names of these MD5 digests, one behind the other, were seen.

        Raises ValueError for what is no whole number of digests.
        """
        if not found:
            return
        places, bits = self._places(found)
        with self._lock:
            np.bitwise_or.at(self._table, places.ravel(), bits.ravel())
            self._is_empty = False

    def among(self, names: Sequence[str]) -> list[str]:
        """Those of the names that were seen, in their order."""
        if self._is_empty or not names:
            return []
        places, bits = self._places(digests(names))
        with self._lock:
            hits = (self._table[places] & bits).all(axis=1)
        return [names[number] for number in np.flatnonzero(hits).tolist()]

    def _places(self, found: bytes) -> tuple[Any, Any]:
        """Byte and bit of each probe of each digest: arrays of (names, probes)."""
        halves = np.frombuffer(found, "<u8").reshape(-1, 2)
        steps = np.arange(_PROBES, dtype=np.uint64)
        probes = (halves[:, :1] + halves[:, 1:] * steps) & self._mask
        places = (probes >> np.uint64(3)).astype(np.intp)
        return places, _BIT[(probes & np.uint64(7)).astype(np.intp)]


def digests(names: Sequence[str]) -> bytes:
    """MD5 of each name, 16 bytes each, as `MD5` of ClickHouse. Half an emoji counts as `?`."""
    return b"".join(
        [md5(name.encode("utf-8", "replace"), usedforsecurity=False).digest() for name in names]
    )
