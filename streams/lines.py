"""Lines of a file descriptor as they come: what is there is taken together.

Not `sys.stdin`: its buffer cannot say whether there is more, so that one either waits for a full
batch while somebody at the other end of the pipe waits for an answer, or takes one line at a time.
"""

import os
import select
import time
from collections.abc import Iterator
from typing import Final

MAX_LINE: Final = 1 << 20
"""Bytes. A longer line is cut to one byte more, so that memory stays bounded."""
_CHUNK: Final = 1 << 16


def line_batches(fd: int, *, most: int, within: float) -> Iterator[list[bytes]]:
    """Yield lists of 1 to `most` lines, without their \\n, until `fd` is at its end.

    A list has what came within `within` seconds of its first line.
    """
    reader = _Reader(fd)
    while reader.wait(None):
        deadline = time.monotonic() + within
        while len(reader.lines) < most and reader.wait(deadline):
            pass
        batch, reader.lines = reader.lines[:most], reader.lines[most:]
        yield batch


class _Reader:
    """Cuts what it reads into `lines`, which its user takes away."""

    def __init__(self, fd: int) -> None:
        self.lines: list[bytes] = []
        self._fd = fd
        self._rest = b""  # of a line whose end has not come
        self._ended = False

    def wait(self, deadline: float | None) -> bool:
        """Read once, or with no deadline until there is a line; False when there is no more.

        With a deadline, False also when it has passed.
        """
        while not self._ended:
            if deadline is None and self.lines:
                return True
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._fd], [], [], left)[0]:
                return False
            self._read()
            if deadline is not None:
                return True
        return deadline is None and bool(self.lines)

    def _read(self) -> None:
        chunk = os.read(self._fd, _CHUNK)
        if not chunk:
            self._ended = True
            if self._rest:
                self.lines.append(self._rest)
            return
        first, *others = chunk.split(b"\n")
        # One byte above what is allowed marks a line that was cut.
        self._rest = (self._rest + first)[: MAX_LINE + 1]
        for other in others:
            self.lines.append(self._rest)
            self._rest = other
