"""Bytes of one message of `posts.raw` to posts and erasures, or to dead letters with a reason.

Total: any bytes give records, never an exception. One bad item of an array costs that item only.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, TypeVar

import msgspec

from processors.faults import DeadReason, fault_of_erasure, fault_of_post
from processors.records import DeadLetter, RawErasure, RawPost

MAX_ITEMS: Final = 4096
"""Most posts in one message: the receipt of an item is `offset * MAX_ITEMS + index`."""

MAX_PAYLOAD: Final = 512 * 1024
"""Bytes of bad input that are kept: in base64 they still fit a Kafka message of 1 MB."""
MAX_DETAIL: Final = 500
"""Characters of what is wrong: it may quote the input."""

T = TypeVar("T", bound=RawPost | RawErasure)
R = TypeVar("R")


class _Receipt(msgspec.Struct):
    """What can be read of an item that is wrong elsewhere."""

    feed: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    position: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class _Kind(msgspec.Struct):
    """Which of the two records an item wants to be."""

    kind: str = ""


_POST = msgspec.json.Decoder(RawPost)
_POSTS = msgspec.json.Decoder(list[RawPost])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_RECEIPT = msgspec.json.Decoder(_Receipt)
_KIND = msgspec.json.Decoder(_Kind)
_ERASURE = msgspec.json.Decoder(RawErasure)

# Half an emoji, as platforms that cut at a number of UTF-16 units write it. Every other escape is
# consumed whole, so that the text "\\ud800" (a backslash and five letters) is left alone.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def decode(
    payload: bytes, *, arrived_at: datetime, feed: str, position: int
) -> list[RawPost | RawErasure | DeadLetter]:
    """Read a message: one item or an array of at most `MAX_ITEMS`, in its order.

    `arrived_at` is the broker's time. `feed` and `position` are the receipt of the first item where
    it brings none of its own; item i gets `position + i`. Dead letters carry the item's own receipt
    if it can be read, and the item's bytes (the message's where the array itself is broken), of
    which the first MAX_PAYLOAD are kept.
    """

    def dead(reason: DeadReason, detail: str, item: bytes, index: int = 0) -> DeadLetter:
        own_feed, own_position = _receipt(item, feed, position + index)
        payload, note = kept(item)
        return DeadLetter(
            feed=own_feed,
            position=own_position,
            reason=reason,
            detail=detail[:MAX_DETAIL] + note,
            payload=payload,
            arrived_at=arrived_at,
        )

    try:
        posts = [_POST.decode(payload)] if _is_object(payload) else _POSTS.decode(payload)
        if len(posts) <= MAX_ITEMS and not any(map(fault_of_post, posts)):
            return [_with_receipt(post, feed, position + i) for i, post in enumerate(posts)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # an erasure, or a fault: read item by item below, where each gets its reason

    try:
        items = [payload] if _is_object(payload) else list(_split(payload))
    except msgspec.ValidationError as error:
        return [dead("wrong_type", str(error), payload)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [dead("not_json", str(error), payload)]
    if len(items) > MAX_ITEMS:
        detail = f"{len(items)} items in one message, at most {MAX_ITEMS}"
        return [dead("message_too_large", detail, payload)]

    records: list[RawPost | RawErasure | DeadLetter] = []
    for index, item in enumerate(items):
        try:
            record = _read(item)
        except msgspec.ValidationError as error:
            records.append(dead(_reason(str(error)), str(error), item, index))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if mend(item) != item:
                records.append(dead("invalid_field", "half a surrogate pair", item, index))
            else:
                records.append(dead("not_json", str(error), item, index))
        else:
            fault = (
                fault_of_post(record) if isinstance(record, RawPost) else fault_of_erasure(record)
            )
            if fault:
                records.append(dead(*fault, item, index))
            else:
                records.append(_with_receipt(record, feed, position + index))
    return records


def kept(payload: bytes) -> tuple[bytes, str]:
    """What a dead letter keeps of bad input, and a note for its detail, empty if that is all.

    >>> kept(b"?")
    (b'?', '')
    """
    if len(payload) <= MAX_PAYLOAD:
        return payload, ""
    note = f" (the first {MAX_PAYLOAD} of {len(payload)} bytes are kept)"
    return payload[:MAX_PAYLOAD], note


def items_of(payload: bytes) -> list[bytes] | None:
    """The items of an array of at most `MAX_ITEMS`, as they were sent; None of anything else."""
    if _is_object(payload):
        return None
    try:
        items = list(_split(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return items if 0 < len(items) <= MAX_ITEMS else None


def as_one(payload: bytes) -> bytes:
    """A message in which `payload` is one item, whatever it is: an array becomes a dead letter.

    >>> as_one(b'{"text": ""}'), as_one(b"[{}, {}]"), as_one(b"[{}")
    (b'{"text": ""}', b'[[{}, {}]]', b'[{}')
    """
    if _is_object(payload):
        return payload
    try:
        list(_split(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload  # it is a dead letter by itself
    return b"[%b]" % payload


def _is_object(payload: bytes) -> bool:
    return payload.lstrip(b" \t\r\n")[:1] == b"{"


def _is_erasure(item: bytes) -> bool:
    try:
        return _KIND.decode(item).kind in ("delete", "account_delete")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # a post's decoder says what is wrong


def _read(item: bytes) -> RawPost | RawErasure:
    """One item. Raises what msgspec does."""
    return _decoded(item, _ERASURE) if _is_erasure(item) else _decoded(item, _POST)


def _decoded(item: bytes, decoder: msgspec.json.Decoder[R]) -> R:
    """By that decoder; 17864.0 is an integer of JSON Schema, and how some languages write one."""
    try:
        return decoder.decode(item)
    except msgspec.ValidationError as error:
        if not str(error).startswith("Expected `int`, got `float`"):
            raise
        fields = msgspec.json.decode(item)
        whole = {
            name: int(value) if isinstance(value, float) and value.is_integer() else value
            for name, value in fields.items()
        }
        return msgspec.convert(whole, decoder.type)


def _with_receipt(record: T, feed: str, position: int) -> T:
    if record.feed and record.position >= 0:
        return record
    return msgspec.structs.replace(record, feed=feed, position=position)


def _receipt(item: bytes, feed: str, position: int) -> tuple[str, int]:
    try:
        own = _decoded(mend(item), _RECEIPT)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return feed, position
    return own.feed, own.position


def _reason(error: str) -> DeadReason:
    """Sort msgspec's words; a test holds each of them, so that a new release cannot move them."""
    if error.startswith("Object missing required field"):
        return "missing_field"
    if error.endswith("`$.text`") and "of length" in error:
        return "text_too_long"
    if error.startswith("Expected") and ", got " in error:
        return "wrong_type"
    return "invalid_field"


def mend(payload: bytes) -> bytes:
    """Lone surrogate escapes replaced, the length unchanged: such bytes are no JSON otherwise."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], payload)


def _split(payload: bytes) -> Iterator[bytes]:
    """The items of an array as they were sent. Raises what msgspec does."""
    try:
        yield from map(bytes, _ITEMS.decode(payload))
        return
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = mend(payload)
        if mended == payload:
            raise
    start = 0
    # Only commas and white space lie between items, so the first match is the item itself.
    for item in map(bytes, _ITEMS.decode(mended)):
        start = mended.index(item, start)
        yield payload[start : start + len(item)]
        start += len(item)
