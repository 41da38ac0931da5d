"""Word embeddings that come from a 4-bit file, back into the same blocks: exact, half of 8 bits."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 32  # numbers that share a scale
_LOWEST: Final = -8

Array = NDArray[np.float32]


def pack(words: Array) -> tuple[NDArray[np.uint8], NDArray[np.float16]] | None:
    """Return pairs of numbers (words, width / 2) and scales (words, width / 32), or None.

    None unless `words` (words, width) come back exactly: only those of a 4-bit file do. In each
    block of 32 the first 16 numbers are the low halves of its bytes, the others the high ones.
    """
    count, width = words.shape
    if width % BLOCK:
        return None
    blocks = words.reshape(count, -1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(2)[..., None], 2)
    # What is too large for a scale of half precision, or no number, is unequal in the end.
    with np.errstate(over="ignore", invalid="ignore"):
        scales = (largest / _LOWEST).astype(np.float16)
        divisor = np.where(scales == 0, np.float16(1), scales).astype(np.float32)
        numbers = np.clip(np.round(blocks / divisor) - _LOWEST, 0, 15)
        exact = np.array_equal((numbers + _LOWEST) * scales.astype(np.float32), blocks)
    if not exact:
        return None
    whole = numbers.astype(np.uint8)
    half = BLOCK // 2
    pairs = whole[..., :half] | (whole[..., half:] << 4)
    return pairs.reshape(count, -1), scales.reshape(count, -1)
