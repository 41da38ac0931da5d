"""Pictures as PNG (RFC 2083), for mail, which shows no SVG: rectangles, nothing else."""

import struct
import zlib
from collections.abc import Sequence

from msgspec import Struct

Colour = tuple[int, int, int, int]
"""Red, green, blue and how opaque, 0 to 255 each."""

CLEAR: Colour = (0, 0, 0, 0)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BITS_RGBA = bytes((8, 6, 0, 0, 0))


class Rectangle(Struct, frozen=True, kw_only=True):
    """Pixels from left and top on up to right and bottom, these not included."""

    left: int
    top: int
    right: int
    bottom: int
    colour: Colour


def png(width: int, height: int, rectangles: Sequence[Rectangle]) -> bytes:
    """A picture of rectangles, later ones over earlier ones, on a clear ground."""
    rows = [bytearray(bytes(CLEAR) * width) for _ in range(height)]
    for one in rectangles:
        left, right = max(one.left, 0), min(one.right, width)
        for row in rows[max(one.top, 0) : max(one.bottom, 0)]:
            row[4 * left : 4 * right] = bytes(one.colour) * max(right - left, 0)
    pixels = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">II", width, height) + EIGHT_BITS_RGBA
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
