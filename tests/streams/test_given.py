"""Rows of the outbox to messages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example
from hypothesis import given as for_any
from hypothesis import strategies as st

from infra.intake import Given
from processors.decode import decode
from processors.records import CleanPost, DeadLetter, Drop, Erasure, RawPost, ScoredPost, Sentiment
from streams import topics
from streams.given import messages, read_raw, read_record
from streams.wire import partition_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)


def row(payload: bytes, position: int = 3, topic: str = topics.RAW) -> Given:
    return Given(feed="push:1", position=position, topic=topic, payload=payload, arrived_at=NOW)


def post(number: int = 1, **changed: Any) -> bytes:
    fields = {
        "source": "x",
        "native_id": str(number),
        "text": "Oh no",
        "published_at": "2026-03-01T11:00:00Z",
    }
    return json.dumps({**fields, **changed}).encode()


def test_a_post_has_the_receipt_of_its_row_and_the_times_of_its_acceptance() -> None:
    item = read_raw(row(post(feed="file:mine", position=99)))
    assert isinstance(item, RawPost)
    assert (item.feed, item.position) == ("push:1", 3)
    assert item.observed_at == item.received_at == NOW


def test_times_that_are_given_stay() -> None:
    at = "2026-02-01T00:00:00Z"
    item = read_raw(row(post(observed_at=at)))
    assert isinstance(item, RawPost)
    assert item.observed_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert item.received_at == NOW


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"rubbish", "not_json"),
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"12", "wrong_type"),
        (b" [" + post() + b"]", "wrong_type"),
        (b"[]", "wrong_type"),
        (b'{"source": "x", "feed": "other", "position": 5}', "missing_field"),
        (post(published_at="yesterday"), "invalid_field"),
    ],
)
def test_what_is_no_post_is_one_dead_letter_with_its_bytes(payload: bytes, reason: str) -> None:
    item = read_raw(row(payload))
    assert isinstance(item, DeadLetter)
    assert (item.feed, item.position, item.arrived_at) == ("push:1", 3, NOW)
    assert (item.reason, item.payload, item.topic) == (reason, payload, topics.RAW)


@for_any(st.lists(st.binary(max_size=40) | st.sampled_from([post(1), post(2), b"[{}, {}]"])))
@example([b"[" * 5_000])
def test_every_row_is_in_exactly_one_message(payloads: list[bytes]) -> None:
    rows = [row(payload, position) for position, payload in enumerate(payloads)]
    made = messages(rows, partitions=3)
    assert made.keys() <= {topics.RAW, topics.DLQ}
    receipts = []
    for _, value in made.get(topics.RAW, []):
        for item in decode(value, arrived_at=LATER, feed="broker", position=0):
            assert isinstance(item, RawPost)  # no stage after this finds it unreadable
            receipts.append((item.feed, item.position))
    for _, value in made.get(topics.DLQ, []):
        dead = msgspec.json.decode(value, type=list[DeadLetter])
        assert all(letter.payload == payloads[letter.position] for letter in dead)
        receipts.extend((letter.feed, letter.position) for letter in dead)
    assert sorted(receipts) == [("push:1", position) for position in range(len(payloads))]


def test_posts_go_in_arrays_to_the_partition_of_their_id() -> None:
    rows = [row(post(number), number) for number in range(1_000)]
    made = messages(rows, partitions=4)[topics.RAW]
    assert len(made) < 12
    for partition, value in made:
        posts = msgspec.json.decode(value, type=list[RawPost])
        assert len(posts) <= 200
        assert {partition_of(f"x:{each.native_id}", 4) for each in posts} == {partition}
        assert [each.position for each in posts] == sorted(each.position for each in posts)


def test_records_of_later_stages_go_to_their_topic_one_by_one(
    clean_post: Callable[..., CleanPost],
) -> None:
    clean = clean_post(post_id="x:7", feed="posts.raw/0", position=12)
    scored = ScoredPost(
        post=clean, sentiment=Sentiment("neutral", 0.2, 0.6, 0.2, "m"), scored_at=NOW
    )
    drop = Drop(feed="f", position=1, post_id="x:7", reason="repeat")
    erasure = Erasure(feed="f", position=1, scope="post", id="x:7", at=NOW)
    some = {
        topics.CLEAN: clean,
        topics.SCORED: scored,
        topics.DROPPED: drop,
        topics.ERASED: erasure,
    }
    rows = [row(msgspec.json.encode(record), topic=topic) for topic, record in some.items()]
    made = messages(rows, partitions=5)
    assert made.keys() == some.keys()
    for topic, record in some.items():
        [(partition, value)] = made[topic]
        assert partition == partition_of("x:7", 5)
        [back] = msgspec.json.decode(value, type=list[type(record)])  # type: ignore[misc]
        holder = back.post if isinstance(back, ScoredPost) else back
        assert (holder.feed, holder.position) == ("push:1", 3)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (topics.CLEAN, b"{", "not_json"),
        (topics.SCORED, b"{}", "wrong_type"),
        (topics.ALERTS, b"{}", "unknown_topic"),
        ("posts.elsewhere", b"{}", "unknown_topic"),
    ],
)
def test_what_is_no_record_of_its_topic_is_a_dead_letter_of_it(
    topic: str, payload: bytes, reason: str
) -> None:
    item = read_record(row(payload, topic=topic))
    assert isinstance(item, DeadLetter)
    assert (item.topic, item.reason, item.payload) == (topic, reason, payload)
    assert (item.feed, item.position) == ("push:1", 3)
