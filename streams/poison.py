"""A message to its single posts, and a post that nobody can handle to a dead letter."""

from typing import Annotated

import msgspec

from processors.decode import MAX_DETAIL, MAX_ITEMS, items_of, kept
from processors.records import DeadLetter
from streams.wire import Message


class _Receipt(msgspec.Struct):
    feed: Annotated[str, msgspec.Meta(min_length=1)]
    position: Annotated[int, msgspec.Meta(ge=0)]


class _Scored(msgspec.Struct):
    post: _Receipt


_DECODERS = (msgspec.json.Decoder(_Receipt), msgspec.json.Decoder(_Scored))


def parts_of(message: Message) -> list[Message]:
    """The posts of a message as messages of their own; what is no array is one part, as it is."""
    items = items_of(message.value)
    if items is None:
        return [msgspec.structs.replace(message, single=True)]
    return [
        msgspec.structs.replace(message, value=b"[%b]" % item, first=index, single=True)
        for index, item in enumerate(items)
    ]


def origin(message: Message, generation: str) -> tuple[str, int]:
    """The receipt of a message's first post where it brings none of its own.

    Offsets begin again with each embedded broker; `generation` tells them apart.
    """
    feed = f"{message.topic}{generation}/{message.partition}"
    return feed, message.offset * MAX_ITEMS + message.first


def dead_letter(part: Message, *, detail: str, generation: str) -> DeadLetter:
    """The dead letter of a post that its stage cannot handle, under the post's own receipt."""
    item = (items_of(part.value) or [part.value])[0]
    feed, position = receipt_of(item) or origin(part, generation)
    payload, note = kept(item)
    return DeadLetter(
        feed=feed,
        position=position,
        reason="poison",
        detail=detail[:MAX_DETAIL] + note,
        payload=payload,
        arrived_at=part.arrived_at,
        topic=part.topic,
    )


def receipt_of(item: bytes) -> tuple[str, int] | None:
    """The receipt that a record of any stage brings, None if none can be read."""
    for decoder in _DECODERS:
        try:
            found = decoder.decode(item)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        receipt = found.post if isinstance(found, _Scored) else found
        return receipt.feed, receipt.position
    return None
