"""Records to messages and back: a message is a JSON array of records of one type."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from zlib import crc32

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()
MAX_ITEMS = 200
"""Records in one message: past about a hundred a longer array gains nothing (measured)."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message as read from the broker."""

    topic: str
    partition: int
    offset: int
    arrived_at: datetime  # broker's time, UTC
    value: bytes


def encode(records: Sequence[object]) -> Iterable[bytes]:
    """Messages of at most MAX_ITEMS records each, in order."""
    for start in range(0, len(records), MAX_ITEMS):
        yield _ENCODER.encode(records[start : start + MAX_ITEMS])


def decoder(record: type[T]) -> "msgspec.json.Decoder[list[T]]":
    """Decodes one message of our own stages; a failure is a bug, not bad input."""
    return msgspec.json.Decoder(list[record])  # type: ignore[valid-type]


def partition_of(post_id: str, partitions: int) -> int:
    """The partition of a post, the same for ever: order is kept for each post_id."""
    return crc32(post_id.encode("utf-8", "surrogatepass")) % partitions
