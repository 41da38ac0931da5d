"""Bytes of one message of `posts.raw` to posts, or to dead letters with a reason.

Total: any bytes give records, never an exception. One bad item of an array costs that item only.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from processors.records import MAX_TEXT_BYTES, DeadLetter, RawPost

DeadReason = Literal[
    "not_json",
    "wrong_type",
    "missing_field",
    "text_too_long",
    "time_out_of_range",
    "invalid_field",
    "message_too_large",
]

MAX_ITEMS: Final = 4096
"""Most posts in one message: the receipt of an item is `offset * MAX_ITEMS + index`."""

MAX_PAYLOAD: Final = 512 * 1024
"""Bytes of bad input that are kept: in base64 they still fit a Kafka message of 1 MB."""
MAX_DETAIL: Final = 500
"""Characters of what is wrong: it may quote the input."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""For the feed's own clocks. An author's clock may say year 3000, since `observed_at` caps it, but
nothing caps the feed's, and the database ends in 2299."""


class _Receipt(msgspec.Struct):
    """What can be read of an item that is wrong elsewhere."""

    feed: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    position: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


_POST = msgspec.json.Decoder(RawPost)
_POSTS = msgspec.json.Decoder(list[RawPost])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_RECEIPT = msgspec.json.Decoder(_Receipt)

# Half an emoji, as platforms that cut at a number of UTF-16 units write it. Every other escape is
# consumed whole, so that the text "\\ud800" (a backslash and five letters) is left alone.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def decode(
    payload: bytes, *, arrived_at: datetime, feed: str, position: int
) -> list[RawPost | DeadLetter]:
    """Read a message: one post or an array of at most `MAX_ITEMS`, in its order.

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
        if len(posts) <= MAX_ITEMS and not any(map(_fault, posts)):
            return [_with_receipt(post, feed, position + i) for i, post in enumerate(posts)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # read item by item below, where each fault gets its reason

    try:
        items = [payload] if _is_object(payload) else list(_split(payload))
    except msgspec.ValidationError as error:
        return [dead("wrong_type", str(error), payload)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [dead("not_json", str(error), payload)]
    if len(items) > MAX_ITEMS:
        detail = f"{len(items)} posts in one message, at most {MAX_ITEMS}"
        return [dead("message_too_large", detail, payload)]

    records: list[RawPost | DeadLetter] = []
    for index, item in enumerate(items):
        try:
            post = _POST.decode(item)
        except msgspec.ValidationError as error:
            records.append(dead(_reason(str(error)), str(error), item, index))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if _mend(item) != item:
                records.append(dead("invalid_field", "half a surrogate pair", item, index))
            else:
                records.append(dead("not_json", str(error), item, index))
        else:
            fault = _fault(post)
            records.append(
                dead(*fault, item, index) if fault else _with_receipt(post, feed, position + index)
            )
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


def _is_object(payload: bytes) -> bool:
    return payload.lstrip(b" \t\r\n")[:1] == b"{"


def _with_receipt(post: RawPost, feed: str, position: int) -> RawPost:
    if post.feed and post.position >= 0:
        return post
    return msgspec.structs.replace(post, feed=feed, position=position)


def _receipt(item: bytes, feed: str, position: int) -> tuple[str, int]:
    try:
        own = _RECEIPT.decode(_mend(item))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return feed, position
    return own.feed, own.position


def _fault(post: RawPost) -> tuple[DeadReason, str] | None:
    """What the types cannot say: bytes of text, ranges of times, blanks."""
    text = post.text
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES:
        return "text_too_long", f"more than {MAX_TEXT_BYTES} bytes of UTF-8 - at `$.text`"
    if post.published_at < EARLIEST:
        return "time_out_of_range", "before the year 2000 - at `$.published_at`"
    for name, at in (("observed_at", post.observed_at), ("received_at", post.received_at)):
        if at is None:
            continue
        if at.tzinfo is None:
            return "invalid_field", f"a time without zone - at `$.{name}`"
        if not EARLIEST <= at < LATEST:
            return "time_out_of_range", f"not in the years 2000 to 2199 - at `$.{name}`"
    if not post.native_id.strip():
        return "invalid_field", "blank - at `$.native_id`"
    # `$` of a pattern also matches before a line end
    if post.source.endswith("\n"):
        return "invalid_field", "a line end - at `$.source`"
    if post.brands and not all(map(str.strip, post.brands)):
        return "invalid_field", "a blank brand - at `$.brands`"
    return None


def _reason(error: str) -> DeadReason:
    """Sort msgspec's words; a test holds each of them, so that a new release cannot move them."""
    if error.startswith("Object missing required field"):
        return "missing_field"
    if error.endswith("`$.text`") and "of length" in error:
        return "text_too_long"
    if error.startswith("Expected") and ", got " in error:
        return "wrong_type"
    return "invalid_field"


def _mend(payload: bytes) -> bytes:
    """Lone surrogate escapes replaced, the length unchanged."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], payload)


def _split(payload: bytes) -> Iterator[bytes]:
    """The items of an array as they were sent. Raises what msgspec does."""
    try:
        yield from map(bytes, _ITEMS.decode(payload))
        return
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _mend(payload)
        if mended == payload:
            raise
    start = 0
    # Only commas and white space lie between items, so the first match is the item itself.
    for item in map(bytes, _ITEMS.decode(mended)):
        start = mended.index(item, start)
        yield payload[start : start + len(item)]
        start += len(item)
