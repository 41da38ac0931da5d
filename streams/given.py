"""Rows of the outbox to messages that carry their receipts. Pure.

A receipt is the row's, whatever the row says of itself: by it the row is known to be finished.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from infra.intake import Given
from processors.decode import decode, kept
from processors.records import (
    CleanPost,
    DeadLetter,
    Drop,
    Erasure,
    RawErasure,
    RawPost,
    ScoredPost,
)
from streams import topics
from streams.wire import encode, partition_of

Record = CleanPost | ScoredPost | Drop | Erasure | DeadLetter
Raw = RawPost | RawErasure
Messages = list[tuple[int, bytes]]  # partition, value

_RECORDS: dict[str, msgspec.json.Decoder[Record]] = {
    topics.CLEAN: msgspec.json.Decoder(CleanPost),
    topics.SCORED: msgspec.json.Decoder(ScoredPost),
    topics.DROPPED: msgspec.json.Decoder(Drop),
    topics.ERASED: msgspec.json.Decoder(Erasure),
    topics.DLQ: msgspec.json.Decoder(DeadLetter),
}
_TIMES = ("observed_at", "received_at", "at")


def messages(rows: Iterable[Given], *, partitions: int) -> dict[str, Messages]:
    """Topic -> messages, posts in arrays; every row is in exactly one of them.

    A row that is nothing for its topic is a dead letter with its reason and original bytes.
    """
    raw: dict[int, list[Raw]] = defaultdict(list)
    dead: list[DeadLetter] = []
    made: dict[str, Messages] = defaultdict(list)
    for row in rows:
        if row.topic == topics.RAW:
            item = read_raw(row)
            if isinstance(item, DeadLetter):
                dead.append(item)
            else:
                raw[partition_of(f"{item.source}:{item.native_id}", partitions)].append(item)
            continue
        record = read_record(row)
        if isinstance(record, DeadLetter):  # given as one, or it could not be read
            dead.append(record)
        else:
            partition = partition_of(_post_id(record), partitions)
            made[row.topic].append((partition, msgspec.json.encode([record])))
    made[topics.RAW] = [
        (partition, value) for partition, items in raw.items() for value in encode(items)
    ]
    made[topics.DLQ] = [(0, value) for value in encode(dead)]
    return {topic: some for topic, some in made.items() if some}


def read_raw(row: Given) -> Raw | DeadLetter:
    """The post or erasure of a row of posts.raw.

    Times that it leaves open are the moment it was accepted, however often it is sent.
    """
    if row.payload.lstrip(b" \t\r\n")[:1] == b"[":
        return _dead(row, "wrong_type", "an array: one post a row")
    [item] = decode(row.payload, arrived_at=row.arrived_at, feed=row.feed, position=row.position)
    open_times = [name for name in _TIMES if getattr(item, name, row.arrived_at) is None]
    return replace(
        item,
        feed=row.feed,
        position=row.position,
        **dict.fromkeys(open_times, row.arrived_at),
    )


def read_record(row: Given) -> Record | DeadLetter:
    """The record of a row for a topic between stages."""
    decoder = _RECORDS.get(row.topic)
    if decoder is None:
        return _dead(row, "unknown_topic", f"nothing can be sent to {row.topic!r}")
    try:
        record = decoder.decode(row.payload)
    except msgspec.ValidationError as error:
        return _dead(row, "wrong_type", str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _dead(row, "not_json", str(error))
    if isinstance(record, ScoredPost):
        post = replace(record.post, feed=row.feed, position=row.position)
        return replace(record, post=post)
    return replace(record, feed=row.feed, position=row.position)


def _post_id(record: CleanPost | ScoredPost | Drop | Erasure) -> str:
    if isinstance(record, ScoredPost):
        return record.post.post_id
    return record.id if isinstance(record, Erasure) else record.post_id


def _dead(row: Given, reason: str, detail: str) -> DeadLetter:
    payload, note = kept(row.payload)
    return DeadLetter(
        feed=row.feed,
        position=row.position,
        reason=reason,
        detail=detail + note,
        payload=payload,
        arrived_at=row.arrived_at,
        topic=row.topic,
    )
