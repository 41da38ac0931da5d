"""What a platform says, made the records of the line or a bad row: total, whatever it says."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from infra.feeds.feed import Item
from processors.arrivals import BadRow
from processors.decode import kept
from processors.faults import fault_of_erasure, fault_of_post
from processors.records import MAX_TEXT_BYTES, RawErasure, RawPost

MOST_ID = 480
"""Characters; a longer id is a hash of itself."""


class Unusable(Exception):
    """A message that can't become a post; `reason` is one word, counted."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def made(payload: bytes, make: Callable[[], Item | None]) -> Item | None:
    """What `make` makes of `payload`, a BadRow with those bytes where it can't.

    Missing and mistyped fields of JSON are what AttributeError, KeyError, TypeError and so on are
    there: what a platform sends must not stop its feed.
    """
    try:
        item = make()
    except Unusable as error:
        return bad(payload, error.reason, str(error))
    except KeyError as error:
        return bad(payload, "missing_field", f"no {error}")
    except (AttributeError, IndexError, TypeError, ValueError, OverflowError) as error:
        return bad(payload, "wrong_type", str(error))
    if isinstance(item, RawPost | RawErasure):
        fault = fault_of_post(item) if isinstance(item, RawPost) else fault_of_erasure(item)
        if fault:
            return bad(payload, *fault)
    return item


def bad(payload: bytes, reason: str, detail: str) -> BadRow:
    """A row that is no post, of which the first half MiB is kept."""
    payload, note = kept(payload)
    return BadRow(reason=reason, detail=detail[:500] + note, payload=payload)


def text(value: object) -> str:
    """A text. Raises Unusable where it is none or has more than 64 KiB."""
    if not isinstance(value, str):
        raise Unusable("wrong_type", f"a text was expected, got {type(value).__name__}")
    whole = value.encode("utf-8", "replace")  # half a surrogate pair is no UTF-8
    if len(whole) > MAX_TEXT_BYTES:
        raise Unusable("text_too_long", f"{len(whole)} bytes, at most {MAX_TEXT_BYTES}")
    return whole.decode()


def short(value: object, most: int = 512) -> str:
    """A name or link, empty where there is none or it is too long to be one."""
    found = value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return found if len(found) <= most else ""


def native_id(*parts: str) -> str:
    """`a/b/c`, or where that is too long a hash of it."""
    whole = "/".join(parts).encode("utf-8", "replace").decode()
    return whole if len(whole) <= MOST_ID else sha256(whole.encode()).hexdigest()


def moment(value: object) -> datetime:
    """A time with zone from RFC 3339. Raises Unusable."""
    try:
        return msgspec.convert(value, datetime).astimezone(UTC)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise Unusable("bad_time", str(error)) from None


def seconds(value: object) -> datetime:
    """A time from Unix seconds. Raises Unusable."""
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Unusable("bad_time", str(error)) from None


def digest(*parts: str) -> str:
    """Twelve letters that change when one of the parts does."""
    joined = "\0".join(parts).encode("utf-8", "replace")
    return sha256(joined).hexdigest()[:12]
