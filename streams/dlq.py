"""Dead letters for people: what they are, and giving them to the line again after a fix.

A letter that is tried again keeps its receipt, so its outcome replaces `dead`: stored, dropped, a
repeat, or dead again. On the embedded line it goes through the outbox, bytes as they were. With
servers it goes to the topic it came from; there bytes that this version still cannot read stay
where they are, since they would come back under another receipt and count twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from infra.dead_letters import Letter, Wanted, dead_letters
from infra.erased_letters import TAKEN
from infra.intake import put_back
from infra.kafka import open_producer
from infra.settings import Settings
from infra.store import Store
from processors.decode import decode
from processors.records import DeadLetter
from streams import topics
from streams.wire import partition_of

PAGE = 500
CUT = "bytes are kept)"
"""Ends the detail of a letter whose bytes were too many to keep: nothing can be made of it."""
Send = Callable[[str, Sequence[tuple[int, bytes]]], None]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request to try letters again."""

    sent: int
    left: dict[str, int]  # why the others were not


def all_letters(store: Store, wanted: Wanted) -> Iterator[Letter]:
    """Every dead letter wanted, a page at a time; none may change outcome meanwhile."""
    skipped = 0
    while page := dead_letters(store, wanted, most=PAGE, skipped=skipped):
        yield from page
        skipped += len(page)


def retry(store: Store, settings: Settings, wanted: Wanted) -> Tried:
    """Give the letters wanted to the line again. Raises KafkaUnavailable, StoreError."""
    letters = list(all_letters(store, wanted))
    whole = [letter for letter in letters if not letter.detail.endswith(CUT)]
    taken = sum(letter.detail == TAKEN for letter in letters)
    left = {
        "too large to have been kept whole": len(letters) - len(whole) - taken,
        "erased since": taken,
    }
    if not settings.kafka:
        put_back(store, whole)
        return Tried(sent=len(whole), left=_counted(left))
    producer = open_producer(settings)
    try:
        sent = send_again(whole, producer.send, partitions=settings.partitions)
    finally:
        producer.close()
    left["still unreadable"] = len(whole) - sent
    return Tried(sent=sent, left=_counted(left))


def send_again(letters: Sequence[Letter], send: Send, *, partitions: int) -> int:
    """Send letters to the topics they came from; returns how many could be."""
    sent = 0
    for letter in letters:
        message = _raw(letter) if letter.topic == topics.RAW else b"[%b]" % letter.payload
        if message is None:
            continue
        partition = partition_of(_post_id(message, letter), partitions)
        send(letter.topic, [(partition, message)])
        sent += 1
    return sent


def _raw(letter: Letter) -> bytes | None:
    """A message of posts.raw with the letter's receipt, None if the bytes still give no post."""
    items = decode(
        letter.payload,
        arrived_at=letter.arrived_at,
        feed=letter.feed,
        position=letter.position,
    )
    if len(items) != 1 or isinstance(items[0], DeadLetter):
        return None
    item = items[0]
    # It counts as seen when it came, not when it was tried again.
    times = {
        name: letter.arrived_at
        for name in ("observed_at", "at")
        if getattr(item, name, letter) is None
    }
    own = replace(item, feed=letter.feed, position=letter.position, **times)
    return msgspec.json.encode(own)


def _post_id(message: bytes, letter: Letter) -> str:
    """The post that the record in a message is about: a post's records keep to one partition."""
    found: Any = msgspec.json.decode(message)
    record = found[0] if isinstance(found, list) else found
    post = record.get("post", record)
    if letter.topic == topics.RAW and "native_id" in post:
        return f"{post['source']}:{post['native_id']}"
    return str(post.get("post_id", f"{letter.feed}:{letter.position}"))


def _counted(left: Mapping[str, int]) -> dict[str, int]:
    return {why: count for why, count in left.items() if count}


def escaped(payload: bytes) -> str:
    """The bytes as a terminal may show them: UTF-8 as it is, all else as \\xNN, no control codes.

    >>> escaped(b'{"text": "caf\\xc3\\xa9 \\x1b[2J\\xff"}')
    '{"text": "café \\\\x1b[2J\\\\xff"}'
    """
    text = payload.decode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def as_json(letter: Letter) -> bytes:
    """One line of JSON; bytes that are no text are escaped in `payload`."""
    row = {name: getattr(letter, name) for name in letter.__struct_fields__}
    return msgspec.json.encode({**row, "payload": escaped(letter.payload)})
