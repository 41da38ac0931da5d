"""Messages taken apart, and dead letters under the posts' own receipts."""

from datetime import UTC, datetime

import msgspec
import pytest

from processors.decode import MAX_ITEMS
from streams.poison import dead_letter, origin, parts_of, receipt_of
from streams.wire import Message

AT = datetime(2026, 3, 1, tzinfo=UTC)


def message(value: bytes, *, topic: str = "posts.raw") -> Message:
    return Message(topic=topic, partition=2, offset=5, arrived_at=AT, value=value)


def test_parts_are_the_items_byte_by_byte() -> None:
    parts = parts_of(message(b'[{"a": 1}, {"b" : "\\ud83d"} ,3]'))
    assert [part.value for part in parts] == [b'[{"a": 1}]', b'[{"b" : "\\ud83d"}]', b"[3]"]
    assert [origin(part, "@g") for part in parts] == [
        ("posts.raw@g/2", 5 * MAX_ITEMS + index) for index in range(3)
    ]


@pytest.mark.parametrize(
    "value", [b'{"a": 1}', b"", b"[", b"[]", b"\xff", b"[%b]" % b",".join([b"1"] * 5000)]
)
def test_what_cannot_be_taken_apart_is_one_part(value: bytes) -> None:
    [part] = parts_of(message(value))
    assert part.value == value
    assert dead_letter(part, detail="d", generation="").payload == value


@pytest.mark.parametrize(
    ("item", "receipt"),
    [
        (b'{"feed": "f", "position": 7}', ("f", 7)),
        (b'{"post": {"feed": "f", "position": 7}, "sentiment": {}}', ("f", 7)),
        (b'{"feed": "", "position": 7}', None),
        (b'{"feed": "f", "position": -1}', None),
        (b'{"feed": "f"}', None),
        (b"[1]", None),
        (b"\xff", None),
    ],
)
def test_receipts_of_records(item: bytes, receipt: tuple[str, int] | None) -> None:
    assert receipt_of(item) == receipt


def test_a_dead_letter_of_poison() -> None:
    part = parts_of(message(b'[1, {"feed":"f","position":7}]', topic="posts.clean"))[1]
    letter = dead_letter(part, detail="score ended 3 times at it", generation="")
    assert msgspec.to_builtins(letter) == {
        "feed": "f",
        "position": 7,
        "reason": "poison",
        "detail": "score ended 3 times at it",
        "payload": "eyJmZWVkIjoiZiIsInBvc2l0aW9uIjo3fQ==",
        "arrived_at": "2026-03-01T00:00:00Z",
        "topic": "posts.clean",
    }
