"""What feeds that look again and again remember between two looks, as JSON in the cursor."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def remembered(cursor: str, kind: type[T]) -> T | None:
    """What the cursor holds; None the first time, or where another version wrote it."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(cursor, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def as_cursor(memory: object) -> str:
    """The cursor that holds it."""
    return msgspec.json.encode(memory).decode()
