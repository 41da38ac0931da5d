"""Small files like those of the packaged encoders."""

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

Tensors = Mapping[str, tuple[int, bytes]]


@pytest.fixture(scope="session")
def packed_file() -> Callable[..., Path]:
    """Write an E5S1 file of two characters' map, pieces and tensors (count, bytes)."""
    return _write_packed


def _write_packed(path: Path, pieces: Sequence[str], tensors: Tensors) -> Path:
    text = [piece.encode() for piece in pieces]
    starts = np.cumsum([0, *map(len, text)]).astype("<u4")
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", 32, 1, 2, 64, len(pieces), 8, 1) + struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5i", len(pieces), 0, 2, 1, 3) + struct.pack("<Q", sum(map(len, text)))
    head += starts.tobytes() + np.arange(0, -len(pieces), -1).astype("<f4").tobytes()
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


@pytest.fixture(scope="session")
def packed_encoder(packed_file: Callable[..., Path]) -> Callable[[Path, Sequence[str]], Path]:
    """Write such a file with an encoder of one narrow layer, which nobody trained."""

    def write(path: Path, words: Sequence[str]) -> Path:
        draw = np.random.default_rng(0)
        pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *(f"▁{word}" for word in words)]
        sizes = {"emb.word": len(pieces) * 32, "emb.pos": 512 * 32, "emb.type": 32}
        for name, wide in (("q", 32), ("k", 32), ("v", 32), ("ao", 32), ("fi", 64), ("fo", 64)):
            sizes |= {f"l0.{name}.w": 32 * wide, f"l0.{name}.b": 64 if name == "fi" else 32}
        found = {name: draw.normal(0, 0.3, size) for name, size in sizes.items()}
        for name in ("emb.ln", "l0.aln", "l0.oln"):
            found |= {f"{name}.w": np.ones(32), f"{name}.b": np.zeros(32)}
        tensors = {name: (len(one), one.astype("<f4").tobytes()) for name, one in found.items()}
        return packed_file(path, pieces, tensors)

    return write
