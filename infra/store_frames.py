"""What goes over the store's socket.

A frame is four bytes of length and as much msgpack. A request is [what, sql or table, columns,
rows, params]; an answer is [error class or "", message, rows].
"""

import socket
import struct
from typing import Any, Literal

import msgspec

from infra.store import FolderInUse, StoreDamaged, StoreError, StoreRejected, StoreUnavailable
from infra.well_formed import well_formed

MAX_FRAME = 64 << 20
LENGTH = struct.Struct(">I")
KINDS = {
    kind.__name__: kind
    for kind in (StoreError, StoreUnavailable, StoreRejected, FolderInUse, StoreDamaged)
}


class Request(msgspec.Struct, array_like=True, frozen=True):
    """A call of the seam."""

    what: Literal["insert", "query", "command"]
    sql: str  # or the table of an insert
    columns: list[str] = []
    rows: list[list[Any]] = []
    params: dict[str, str | int | float] = {}


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """Rows, or the name of an error's class and its message."""

    error: str = ""
    message: str = ""
    rows: list[tuple[Any, ...]] = []


def error_of(answer: Answer) -> StoreError | None:
    """The error that the other side met, of its own class."""
    return KINDS.get(answer.error, StoreError)(answer.message) if answer.error else None


def encode_request(request: Request) -> bytes:
    """Raises StoreRejected for values that can't travel and for more than MAX_FRAME."""
    try:
        try:
            frame = msgspec.msgpack.encode(request)
        except UnicodeEncodeError:
            frame = msgspec.msgpack.encode(well_formed(msgspec.structs.astuple(request)))
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreRejected(f"{request.sql}: {error}") from error
    if len(frame) > MAX_FRAME:
        raise StoreRejected(
            f"{len(frame)} bytes in one call, {MAX_FRAME} is the most: send fewer rows"
        )
    return frame


def encode_answer(answer: Answer) -> bytes:
    """More than MAX_FRAME becomes an error."""
    frame = msgspec.msgpack.encode(answer)
    if len(frame) > MAX_FRAME:
        message = f"{len(frame)} bytes of rows, {MAX_FRAME} is the most: ask for fewer"
        return msgspec.msgpack.encode(Answer(error="StoreRejected", message=message))
    return frame


def send(connection: socket.socket, frame: bytes) -> None:
    """Write one frame. Raises OSError."""
    connection.sendall(LENGTH.pack(len(frame)))
    connection.sendall(frame)


def receive(connection: socket.socket) -> bytes:
    """One frame, or nothing when the other side is done. Raises OSError."""
    head = _exactly(connection, LENGTH.size)
    if not head:
        return b""
    (length,) = LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise ConnectionError(f"a frame of {length} bytes")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray(length)
    view = memoryview(parts)
    have = 0
    while have < length:
        got = connection.recv_into(view[have:])
        if got == 0:
            if have == 0:
                return b""
            raise ConnectionError("it ended in the middle of a frame")
        have += got
    return bytes(parts)
