"""Reading the packed encoder, on a file small enough to write by hand."""

import struct
from pathlib import Path

import numpy as np
import pytest

from processors.train.unpack_e5 import unpack

PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁so", "gut")


def q4(scale: float, numbers: list[int]) -> bytes:
    """One block of 32 numbers from -8 to 7, times `scale`."""
    up = [number + 8 for number in numbers]
    pairs = bytes(low | high << 4 for low, high in zip(up[:16], up[16:], strict=True))
    return np.float16(scale).tobytes() + pairs


def packed_file(path: Path, tensors: dict[str, tuple[int, bytes]]) -> Path:
    """Write an E5S1 file of two characters' map, `PIECES` and `tensors` (count, bytes)."""
    text = [piece.encode() for piece in PIECES]
    starts = np.cumsum([0, *map(len, text)]).astype("<u4")
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", 32, 1, 2, 64, len(PIECES), 8, 1) + struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5i", len(PIECES), 0, 2, 1, 3) + struct.pack("<Q", sum(map(len, text)))
    head += starts.tobytes() + np.arange(0, -len(PIECES), -1).astype("<f4").tobytes()
    head += b"".join(text)
    mapped = struct.pack("<IBI", 0xC4, 1, 0xE4) + struct.pack("<IBII", 0xFB00, 2, 0x66, 0x66)
    head += struct.pack("<iI", 2, len(mapped)) + mapped + struct.pack("<i", len(tensors))
    at = len(head) + sum(23 + len(name) for name in tensors)
    entries, data = b"", b""
    for name, (count, part) in tensors.items():
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BIQQ", 0, count, at + len(data), len(part))
        data += part
    path.write_bytes(head + entries + data)
    return path


def test_sizes_pieces_and_both_kinds_of_tensor(tmp_path: Path) -> None:
    numbers = [*range(-8, 8), *range(7, -9, -1)]
    plain = np.array([1.5, -2.0], "<f4")
    tensors = {"emb.word": (64, q4(0.5, numbers) + q4(-1, numbers)), "bias": (2, plain.tobytes())}
    packed = unpack(packed_file(tmp_path / "e5.bin", tensors))
    assert (packed.hidden, packed.layers, packed.inner) == (32, 1, 64)
    assert packed.pieces == list(PIECES)
    assert packed.scores.tolist() == [0, -1, -2, -3, -4, -5]
    assert packed.tensors["bias"].tolist() == [1.5, -2.0]
    whole = [0.5 * number for number in numbers] + [-1.0 * number for number in numbers]
    assert packed.tensors["emb.word"].tolist() == whole


def test_a_tensor_of_the_wrong_size_is_named(tmp_path: Path) -> None:
    path = packed_file(tmp_path / "e5.bin", {"l0.q.w": (64, q4(1, [0] * 32))})
    with pytest.raises(ValueError, match=r"l0\.q\.w"):
        unpack(path)


@pytest.mark.parametrize("keep", [0, 3, 40, 90, 150])
def test_another_or_a_cut_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = packed_file(tmp_path / "e5.bin", {"bias": (2, bytes(8))})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"e5\.bin"):
        unpack(path)
