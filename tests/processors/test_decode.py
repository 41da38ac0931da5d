from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.decode import MAX_DETAIL, MAX_ITEMS, MAX_PAYLOAD, decode
from processors.records import MAX_TEXT_BYTES, DeadLetter, RawErasure, RawPost

ARRIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
POST: dict[str, Any] = {
    "source": "bluesky",
    "native_id": "1",
    "text": "late again",
    "published_at": "2026-03-01T11:59:00Z",
}
DELETE: dict[str, Any] = {"kind": "delete", "source": "bluesky", "native_id": "1"}
GONE: dict[str, Any] = {"kind": "account_delete", "source": "bluesky", "author": "ann"}


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


def read(payload: bytes) -> list[RawPost | RawErasure | DeadLetter]:
    return decode(payload, arrived_at=ARRIVED, feed="posts.raw/3", position=7 * MAX_ITEMS)


def only_dead(payload: bytes) -> DeadLetter:
    [record] = read(payload)
    assert isinstance(record, DeadLetter)
    assert record.arrived_at == ARRIVED
    return record


def only_post(payload: bytes) -> RawPost:
    [record] = read(payload)
    assert isinstance(record, RawPost)
    return record


def test_one_post_and_an_array_of_one_are_the_same_message():
    assert read(encoded(POST)) == read(encoded([POST])) == read(b" \n" + encoded(POST) + b"\n")
    post = only_post(encoded(POST))
    assert (post.feed, post.position) == ("posts.raw/3", 7 * MAX_ITEMS)
    assert post.published_at == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        b"?" * 7_000_000,
        b"[" + b"0," * 3_500_000 + b"0]",
        encoded([POST | {"text": "x" * 7_000_000}]),
        encoded(POST | {"followers": -1, "x" * 7_000_000: 1}),
    ],
)
def test_of_a_huge_message_a_dead_letter_keeps_what_fits_a_message(payload):
    letter = only_dead(payload)
    assert len(letter.payload) == MAX_PAYLOAD
    assert letter.payload in payload[: MAX_PAYLOAD + 1]
    assert f"the first {MAX_PAYLOAD} of 7" in letter.detail
    assert "bytes are kept" in letter.detail
    assert len(letter.detail) < MAX_DETAIL + 100
    assert len(encoded(letter)) < 900_000


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"hello", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[] []", "not_json"),
        (encoded([POST])[:-1], "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"5", "wrong_type"),
        (b"null", "wrong_type"),
        (b'"a post"', "wrong_type"),
        (b"[5]", "wrong_type"),
        (b"[[]]", "wrong_type"),
        (b"{}", "missing_field"),
        *[(encoded(POST | {name: 5}), "wrong_type") for name in POST],
        *[(encoded(POST | {name: None}), "wrong_type") for name in POST],
        *[
            (encoded({k: v for k, v in POST.items() if k != name}), "missing_field")
            for name in POST
        ],
        (encoded(POST | {"followers": "many"}), "wrong_type"),
        (encoded(POST | {"followers": 1.5}), "wrong_type"),
        (encoded(POST | {"brands": "acme"}), "wrong_type"),
        (encoded(POST | {"text": "a" * 1_000_000}), "text_too_long"),
        (encoded(POST | {"text": "a" * (MAX_TEXT_BYTES + 1)}), "text_too_long"),
        # fewer characters than the limit, more bytes
        (encoded(POST | {"text": "\u98de" * 22_000}), "text_too_long"),
        (encoded(POST | {"published_at": "1970-01-01T00:00:00Z"}), "time_out_of_range"),
        (encoded(POST | {"published_at": "1999-12-31T23:59:59Z"}), "time_out_of_range"),
        (encoded(POST | {"published_at": "2000-01-01T00:00:00+01:00"}), "time_out_of_range"),
        (encoded(POST | {"published_at": "0001-01-01T00:00:00+14:00"}), "time_out_of_range"),
        (encoded(POST | {"observed_at": "1970-01-01T00:00:00Z"}), "time_out_of_range"),
        # a feed's own clock caps others, so nothing caps it
        (encoded(POST | {"observed_at": "3000-01-01T00:00:00Z"}), "time_out_of_range"),
        (encoded(POST | {"received_at": "9999-12-31T23:59:59-12:00"}), "time_out_of_range"),
        (encoded(POST | {"published_at": "2026-03-01T11:59:00"}), "invalid_field"),
        (encoded(POST | {"observed_at": "2026-03-01T11:59:00"}), "invalid_field"),
        (encoded(POST | {"received_at": "2026-03-01T11:59:00"}), "invalid_field"),
        (encoded(POST | {"published_at": "yesterday"}), "invalid_field"),
        (encoded(POST | {"native_id": ""}), "invalid_field"),
        (encoded(POST | {"native_id": " \t\n"}), "invalid_field"),
        (encoded(POST | {"source": ""}), "invalid_field"),
        (encoded(POST | {"source": "a:b"}), "invalid_field"),
        (encoded(POST | {"source": "bluesky\n"}), "invalid_field"),
        (encoded(POST | {"followers": -1}), "invalid_field"),
        (encoded(POST | {"author": "a" * 513}), "invalid_field"),
        (encoded(POST | {"brands": ["acme", ""]}), "invalid_field"),
        (encoded(POST | {"brands": ["acme", "  "]}), "invalid_field"),
        # what would write on a terminal, or begin a line of its own there
        (encoded(POST | {"brands": ["acme\x1b[2J"]}), "invalid_field"),
        (encoded(POST | {"brands": ["acme\nContoso: posts 9"]}), "invalid_field"),
        (encoded(POST | {"edited_at": "2026-03-01T11:59:00"}), "invalid_field"),
        (encoded(POST | {"edited_at": "2200-01-01T00:00:00Z"}), "time_out_of_range"),
        (encoded(POST | {"kind": "poem"}), "invalid_field"),
        (encoded(POST | {"kind": "account_delete"}), "missing_field"),
        (encoded({**DELETE, "native_id": " "}), "missing_field"),
        (encoded({"kind": "delete", "source": "x"}), "missing_field"),
        (encoded({"kind": "delete", "native_id": "1"}), "missing_field"),
        (encoded(GONE | {"author": "@"}), "missing_field"),
        (encoded({"kind": "account_delete", "source": "x", "native_id": "1"}), "missing_field"),
        (encoded(GONE | {"author": 5}), "wrong_type"),
        (encoded(GONE | {"at": "2026-03-01T11:59:00"}), "invalid_field"),
        (encoded(GONE | {"at": "1970-01-01T00:00:00Z"}), "time_out_of_range"),
        (encoded(GONE | {"at": "yesterday"}), "invalid_field"),
        (encoded(DELETE | {"source": "x\n"}), "invalid_field"),
        (encoded(DELETE | {"native_id": "XX"}).replace(b"XX", rb"\ud83d"), "invalid_field"),
        (encoded(POST | {"text": "XX"}).replace(b"XX", rb"cut \ud83d"), "invalid_field"),
        (encoded(POST | {"text": "XX"}).replace(b"XX", rb"\ude00\ud83d"), "invalid_field"),
        (encoded(POST | {"text": "XX"}).replace(b"XX", b"\xf0\x9f\x98"), "not_json"),
    ],
)
def test_what_cannot_be_read_is_dead_with_its_reason_and_bytes(payload: bytes, reason: str):
    letter = only_dead(payload)
    assert letter.reason == reason
    assert letter.detail
    assert (letter.feed, letter.position) == ("posts.raw/3", 7 * MAX_ITEMS)
    item = payload[1:-1] if payload in (b"[5]", b"[[]]") else payload
    assert letter.payload == item[:MAX_PAYLOAD]


def test_erasures_come_between_posts_each_with_its_receipt():
    edit = POST | {"kind": "edit", "edited_at": "2026-03-01T12:30:00+01:00", "backfill": True}
    own = {"feed": "push", "position": 5}
    records = read(encoded([POST, DELETE, edit, GONE | own, {**DELETE, "native_id": ""}]))
    kinds = [RawPost, RawErasure, RawPost, RawErasure, DeadLetter]
    assert [type(record) for record in records] == kinds
    first = 7 * MAX_ITEMS
    assert [(record.feed, record.position) for record in records] == [
        ("posts.raw/3", first),
        ("posts.raw/3", first + 1),
        ("posts.raw/3", first + 2),
        ("push", 5),
        ("posts.raw/3", first + 4),
    ]
    assert read(encoded(DELETE)) == read(encoded([DELETE]))


def test_nothing_in_nothing_out():
    assert read(b"[]") == []


def test_text_is_kept_as_it_is():
    text = "null \0 bell \a 😡 \\ud800 \u200b \x7f"
    assert only_post(encoded(POST | {"text": text})).text == text
    escaped = encoded(POST | {"text": "XX"}).replace(b"XX", rb"\ud83d\ude21 \\ud800")
    assert only_post(escaped).text == "😡 \\ud800"
    longest = "\u98de" * (MAX_TEXT_BYTES // 3)
    assert only_post(encoded(POST | {"text": longest})).text == longest


def test_an_empty_text_is_for_a_later_stage_to_drop():
    assert only_post(encoded(POST | {"text": ""})).text == ""


def test_a_future_time_is_no_fault():
    post = only_post(encoded(POST | {"published_at": "3000-01-01T00:00:00Z"}))
    assert post.published_at.year == 3000


@pytest.mark.parametrize("written", [b"17864.0", b"1.7864e4", b"17864"])
def test_a_whole_number_may_have_a_point_as_the_schema_says(written: bytes):
    post = encoded(POST | {"followers": 0, "position": 0, "feed": "x"})
    post = post.replace(b'"followers":0', b'"followers":' + written)
    assert only_post(post).followers == 17864
    assert [one.followers for one in read(b"[%b,%b]" % (encoded(POST), post))] == [0, 17864]
    gone = encoded(DELETE | {"feed": "x", "position": 3}).replace(b":3", b":3.0")
    [record] = read(gone)
    assert isinstance(record, RawErasure)
    assert (record.feed, record.position) == ("x", 3)


@pytest.mark.parametrize("written", [b"1e300", b"-1.0", b"9007199254740994.0"])
def test_such_a_number_keeps_its_bounds(written: bytes):
    payload = encoded(POST | {"followers": 0}).replace(b":0", b":" + written)
    dead = only_dead(payload)
    assert (dead.reason, dead.payload) == ("invalid_field", payload)


def test_unknown_fields_are_ignored():
    assert read(encoded(POST | {"likes": {"a": [1, None]}})) == read(encoded(POST))


@pytest.mark.parametrize(
    "bad",
    [
        b"5",
        encoded(POST | {"text": 5}),
        encoded(POST | {"published_at": "1970-01-01T00:00:00Z"}),
        encoded(POST | {"text": "XX"}).replace(b"XX", rb"cut \ud83d"),
        encoded(POST | {"text": "XX"}).replace(b"XX", b"\xff"),
    ],
)
def test_one_bad_item_costs_that_item_only(bad: bytes):
    one, two = encoded(POST | {"native_id": "1"}), encoded(POST | {"native_id": "2"})
    first, letter, last = read(b"[ " + one + b" ,\n" + bad + b", " + two + b"]")
    assert isinstance(first, RawPost)
    assert isinstance(letter, DeadLetter)
    assert isinstance(last, RawPost)
    assert (first.native_id, last.native_id) == ("1", "2")
    assert letter.payload == bad
    assert [r.position - 7 * MAX_ITEMS for r in (first, letter, last)] == [0, 1, 2]


def test_each_item_with_half_an_emoji_keeps_its_own_bytes():
    bad = [encoded(POST | {"text": f"{i} XX"}).replace(b"XX", rb"\ud83d") for i in range(3)]
    bad[1:1] = [rb'"\ud83d"', rb'"\ude00"', rb'"\ud83d"']
    letters = read(b"[" + b",".join(bad) + b"]")
    assert [letter.payload for letter in letters if isinstance(letter, DeadLetter)] == bad


def test_the_receipt_of_a_feed_is_kept_by_posts_and_dead_letters():
    own = {"feed": "file/a", "position": 9}
    good, bad = POST | own, POST | own | {"position": 10, "text": None}
    kept = [(r.feed, r.position) for r in read(encoded([good, bad]))]
    assert kept == [("file/a", 9), ("file/a", 10)]


@pytest.mark.parametrize(
    "half",
    [
        {"feed": "file/a"},
        {"position": 9},
        {"feed": "", "position": 9},
        {"feed": "file/a", "position": -1},
    ],
)
@pytest.mark.parametrize("text", ["fine", None])
def test_half_a_receipt_is_none(half: dict[str, Any], text: str | None):
    [record] = read(encoded(POST | half | {"text": text}))
    assert (record.feed, record.position) == ("posts.raw/3", 7 * MAX_ITEMS)


def test_a_receipt_of_a_whole_number_with_a_point_is_kept_by_a_dead_letter():
    letter = only_dead(encoded(POST | {"feed": "f", "position": 5.0, "text": 3}))
    assert (letter.feed, letter.position) == ("f", 5)


def test_an_unreadable_receipt_falls_back():
    letter = only_dead(encoded(POST | {"feed": 5, "position": "x"}))
    assert (letter.feed, letter.position) == ("posts.raw/3", 7 * MAX_ITEMS)


def test_the_longest_array_passes_and_one_more_is_dead_as_a_whole():
    posts = [POST | {"native_id": str(i)} for i in range(MAX_ITEMS)]
    records = read(encoded(posts))
    assert [r.position for r in records] == list(range(7 * MAX_ITEMS, 8 * MAX_ITEMS))
    assert only_dead(encoded([*posts, POST])).reason == "message_too_large"
    assert only_dead(encoded([*posts, 5])).reason == "message_too_large"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
times = st.datetimes(timezones=st.timezones() | st.none()).map(datetime.isoformat)
fields = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(RawPost.__struct_fields__, json_values)
    | {
        "text": st.text(),
        "native_id": st.text(),
        "source": st.sampled_from(["x", "", "a b"]),
        "kind": st.sampled_from(["post", "edit", "delete", "account_delete", "poem"]),
    },
)
near_posts = st.builds(lambda more, at: POST | {"published_at": at} | more, fields, times)


@settings(deadline=None)
@given(st.binary() | json_values.map(encoded) | st.lists(near_posts | json_values).map(encoded))
def test_any_bytes_become_records_that_can_be_sent_on(payload: bytes):
    records = read(payload)
    assert records == read(payload)
    for record in records:
        msgspec.json.encode(record)
        assert record.feed
        assert record.position >= 0
        if isinstance(record, DeadLetter):
            assert record.payload in payload
        elif isinstance(record, RawErasure):
            assert record.native_id.strip() if record.kind == "delete" else record.author.strip()
            assert record.at is None or record.at.utcoffset() is not None
        else:
            assert record.published_at.utcoffset() is not None
            assert record.native_id.strip()
            assert len(record.text.encode()) <= MAX_TEXT_BYTES


@settings(deadline=None)
@given(st.lists(near_posts, min_size=1, max_size=5), st.integers(0, 4), st.binary(max_size=4))
def test_damage_never_raises(posts: list[Any], cut: int, junk: bytes):
    payload = encoded(posts)
    where = len(payload) * cut // 5
    read(payload[:where] + junk + payload[where:])
    read(payload[:where])


@settings(deadline=None)
@given(
    st.integers(0, 6_000_000_000).map(lambda s: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(0, s)),
    st.integers(-12 * 60, 14 * 60),
)
def test_a_time_is_the_same_moment_in_every_zone(at: datetime, minutes: int):
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    local = (at + timedelta(minutes=minutes)).replace(tzinfo=None)
    text = f"{local.isoformat()}{sign}{hours:02}:{rest:02}"
    assert only_post(encoded(POST | {"published_at": text})).published_at == at
