"""Records to messages and back."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.records import Drop
from streams.wire import MAX_ITEMS, decoder, encode, partition_of


def drop(position: int) -> Drop:
    return Drop(feed="f", position=position, post_id=f"x:{position}", reason="no_brand")


@given(st.integers(0, 3 * MAX_ITEMS + 1))
def test_records_come_back_in_order_in_messages_of_bounded_size(count: int) -> None:
    records = [drop(position) for position in range(count)]
    messages = list(encode(records))
    decode = decoder(Drop).decode
    parts = [decode(message) for message in messages]
    assert [record for part in parts for record in part] == records
    assert all(0 < len(part) <= MAX_ITEMS for part in parts)


def test_bytes_and_times_survive() -> None:
    record = (b"\xff\x00", datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC))
    (message,) = encode([record])
    assert decoder(tuple[bytes, datetime]).decode(message) == [record]


def test_what_another_stage_never_writes_is_refused() -> None:
    for value in (b"", b"[{}]", b'{"feed": "f"}', b"[1"):
        with pytest.raises(msgspec.DecodeError):
            decoder(Drop).decode(value)


@given(st.text(), st.integers(1, 1024))
def test_a_post_has_one_partition(post_id: str, partitions: int) -> None:
    partition = partition_of(post_id, partitions)
    assert 0 <= partition < partitions
    assert partition == partition_of(post_id, partitions)


def test_the_partition_of_a_post_never_changes() -> None:
    # Another function would part a post's repeats from the post while both are on their way.
    assert [partition_of(post_id, 4) for post_id in ("x:1", "x:2", "bluesky:at://a/b", "")] == [
        1,
        3,
        0,
        0,
    ]
    assert partition_of("x:half \ud83d", 4) in range(4)


def test_posts_spread_over_the_partitions() -> None:
    counts = [0] * 8
    for number in range(8_000):
        counts[partition_of(f"x:{number}", 8)] += 1
    assert min(counts) > 800
    assert max(counts) < 1_200
