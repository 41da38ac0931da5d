"""Dead letters for people, and given to the line again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.dead_letters import Letter, Wanted, dead_counts
from infra.erased_letters import TAKEN
from infra.posts import write_batch
from infra.settings import Settings
from infra.store import Store
from processors.decode import decode
from processors.duplicates import DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.records import DeadLetter, RawPost
from processors.refine import Refiner
from streams.dlq import all_letters, as_json, escaped, retry, send_again
from streams.refine import outcomes
from streams.wire import Message, partition_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
POST = b'{"source":"x","native_id":"7","text":"Acme","published_at":"2026-02-01T00:00:00Z"}'


def letter(payload: bytes, **changed: Any) -> Letter:
    plain = Letter(
        feed="posts.raw@1/0",
        position=4096,
        topic="posts.raw",
        reason="poison",
        detail="d",
        payload=payload,
        arrived_at=AT,
    )
    return msgspec.structs.replace(plain, **changed)


class Topic:
    """What was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int, bytes]] = []

    def __call__(self, topic: str, messages: Sequence[tuple[int, bytes]]) -> None:
        self.sent += [(topic, partition, value) for partition, value in messages]


def test_a_post_keeps_its_receipt_and_its_time() -> None:
    topic = Topic()
    assert send_again([letter(POST)], topic, partitions=8) == 1
    [(name, partition, value)] = topic.sent
    assert (name, partition) == ("posts.raw", partition_of("x:7", 8))
    [post] = decode(value, arrived_at=datetime.now(UTC), feed="elsewhere", position=1)
    assert isinstance(post, RawPost)
    assert (post.feed, post.position, post.observed_at) == ("posts.raw@1/0", 4096, AT)
    refiner = Refiner(LanguageDetector(), BrandMatcher([WatchedBrand("Acme")]), DuplicateClusters())
    message = Message(topic=name, partition=0, offset=99, arrived_at=AT, value=value)
    [outcome] = outcomes(message, refiner, "")
    assert (outcome.feed, outcome.position) == ("posts.raw@1/0", 4096)


@pytest.mark.parametrize("payload", [b"\xff", b"{", b"[]", POST.replace(b"2026", b"1066"), b""])
def test_what_cannot_be_read_stays_where_it_is(payload: bytes) -> None:
    topic = Topic()
    assert send_again([letter(payload)], topic, partitions=1) == 0
    assert topic.sent == []


@pytest.mark.parametrize(
    "payload", [b'{"post_id":"x:7","feed":"f"}', b'{"post":{"post_id":"x:7"},"sentiment":{}}']
)
def test_a_record_of_a_later_topic_goes_there_byte_by_byte(payload: bytes) -> None:
    topic = Topic()
    send_again([letter(payload, topic="posts.clean")], topic, partitions=8)
    assert topic.sent == [("posts.clean", partition_of("x:7", 8), b"[%b]" % payload)]


def dead(position: int, detail: str = "d") -> DeadLetter:
    return DeadLetter(
        feed="f", position=position, reason="poison", detail=detail, payload=POST, arrived_at=AT
    )


def test_on_the_embedded_line_they_go_to_the_outbox(store: Store) -> None:
    cut = "d (the first 524288 of 600000 bytes are kept)"
    write_batch(store, [dead(1), dead(2, cut), dead(3), dead(4, TAKEN)], AT)
    tried = retry(store, Settings(kafka=""), Wanted(reason="poison"))
    left = {"too large to have been kept whole": 1, "erased since": 1}
    assert (tried.sent, tried.left) == (2, left)
    rows = store.query("SELECT position FROM outbox ORDER BY position")
    assert [row[0] for row in rows] == [1, 3]
    assert dead_counts(store, Wanted()) == {"poison": 4}  # until they have another outcome


def test_all_pages_are_read(store: Store) -> None:
    write_batch(store, [dead(position) for position in range(1203)], AT)
    assert {found.position for found in all_letters(store, Wanted())} == set(range(1203))


def test_bytes_are_shown_without_harm() -> None:
    shown = escaped('{"a": "北风 é\x1b[2J\u202e\n'.encode() + b'\xff"}')
    assert shown == r'{"a": "北风 é\x1b[2J\u202e\n\xff"}'
    row = msgspec.json.decode(as_json(letter(b"\x1b\xff")))
    assert row["payload"] == r"\x1b\xff"
    assert row["position"] == 4096
