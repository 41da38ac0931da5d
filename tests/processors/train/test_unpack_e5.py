"""Reading the packed encoder, on a file small enough to write by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from processors.train.unpack_e5 import unpack

PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁so", "gut")
Write = Callable[..., Path]


def q4(scale: float, numbers: list[int]) -> bytes:
    """One block of 32 numbers from -8 to 7, times `scale`."""
    up = [number + 8 for number in numbers]
    pairs = bytes(low | high << 4 for low, high in zip(up[:16], up[16:], strict=True))
    return np.float16(scale).tobytes() + pairs


def test_sizes_pieces_and_both_kinds_of_tensor(tmp_path: Path, packed_file: Write) -> None:
    numbers = [*range(-8, 8), *range(7, -9, -1)]
    plain = np.array([1.5, -2.0], "<f4")
    tensors = {"emb.word": (64, q4(0.5, numbers) + q4(-1, numbers)), "bias": (2, plain.tobytes())}
    packed = unpack(packed_file(tmp_path / "e5.bin", PIECES, tensors))
    assert (packed.hidden, packed.layers, packed.inner) == (32, 1, 64)
    assert packed.pieces == list(PIECES)
    assert packed.scores.tolist() == [0, -1, -2, -3, -4, -5]
    assert packed.tensors["bias"].tolist() == [1.5, -2.0]
    whole = [0.5 * number for number in numbers] + [-1.0 * number for number in numbers]
    assert packed.tensors["emb.word"].tolist() == whole


def test_a_tensor_of_the_wrong_size_is_named(tmp_path: Path, packed_file: Write) -> None:
    path = packed_file(tmp_path / "e5.bin", PIECES, {"l0.q.w": (64, q4(1, [0] * 32))})
    with pytest.raises(ValueError, match=r"l0\.q\.w"):
        unpack(path)


@pytest.mark.parametrize("keep", [0, 3, 40, 90, 150])
def test_another_or_a_cut_file_is_refused(tmp_path: Path, packed_file: Write, keep: int) -> None:
    path = packed_file(tmp_path / "e5.bin", PIECES, {"bias": (2, bytes(8))})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"e5\.bin"):
        unpack(path)
