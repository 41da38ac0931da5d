"""Records to messages and back: a message is a JSON array of records of one type."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar
from zlib import crc32

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()
MAX_BYTES = 900_000
"""Bytes of one message: a broker's usual limit is 1 MB."""
MAX_ITEMS = 200
"""Records in one message: past about a hundred a longer array gains nothing (measured)."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message as read from the broker."""

    topic: str
    partition: int
    offset: int
    arrived_at: datetime  # broker's time, UTC
    value: bytes
    first: int = 0  # of a part of a message: the number of its first post there
    single: bool = False  # a part of one post, handled alone


def encode(records: Iterable[object]) -> Iterator[bytes]:
    """Messages of at most MAX_ITEMS records each, in order.

    None is longer than MAX_BYTES, but for a record that is so by itself.
    """
    items: list[bytes] = []
    size = 0
    for record in records:
        item = _ENCODER.encode(record)
        if items and (len(items) == MAX_ITEMS or size + len(item) > MAX_BYTES):
            yield _array(items)
            items, size = [], 0
        items.append(item)
        size += len(item) + 1
    if items:
        yield _array(items)


def _array(items: list[bytes]) -> bytes:
    return b"[%b]" % b",".join(items)


def decoder(record: type[T]) -> "msgspec.json.Decoder[list[T]]":
    """Decodes one message of our own stages; a failure is a bug, not bad input."""
    return msgspec.json.Decoder(list[record])  # type: ignore[valid-type]


def partition_of(post_id: str, partitions: int) -> int:
    """The partition of a post, the same for ever: order is kept for each post_id."""
    return crc32(post_id.encode("utf-8", "surrogatepass")) % partitions
