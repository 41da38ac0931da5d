"""Columns and rows to posts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.columns import TARGETS, choose_columns, parse_map, time_of, to_post
from infra.rows import Fault, ReplayError
from processors.records import RawPost

COLUMNS = {target: target for target in TARGETS}
ROW: dict[str, object] = {
    "id": "1",
    "text": "the app is down",
    "time": "2026-03-04T10:00:00Z",
    "author": "kai",
    "brand": "Northwind",
    "url": "https://example.com/1",
    "followers": "12",
    "repost_of": "0",
    "source": "forum",
}


def post_of(**changed: object) -> RawPost:
    post = to_post(ROW | changed, COLUMNS, source="file")
    assert isinstance(post, RawPost)
    return post


def fault_of(**changed: object) -> Fault:
    fault = to_post(ROW | changed, COLUMNS, source="file")
    assert isinstance(fault, Fault)
    return fault


def test_a_row_becomes_a_post() -> None:
    assert post_of() == RawPost(
        source="forum",
        native_id="1",
        text="the app is down",
        published_at=datetime(2026, 3, 4, 10, tzinfo=UTC),
        author="kai",
        followers=12,
        url="https://example.com/1",
        repost_of="0",
        brands=("Northwind",),
    )


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"source": ""}, "source", "file"),
        ({"id": 570306133677760513}, "native_id", "570306133677760513"),
        ({"author": None}, "author", ""),
        ({"author": 12}, "author", "12"),
        ({"followers": ""}, "followers", 0),
        ({"followers": "84000.0"}, "followers", 84_000),  # a table with gaps
        ({"followers": 7}, "followers", 7),
        ({"brand": ""}, "brands", ()),
        ({"brand": ["a", "b", "a"]}, "brands", ("a", "b")),
        ({"text": ""}, "text", ""),  # left to refine, which counts it
        ({"text": "a\x00b"}, "text", "a\x00b"),
        ({"text": "x" * 65_536}, "text", "x" * 65_536),
        ({"time": "3000-01-01"}, "published_at", datetime(3000, 1, 1, tzinfo=UTC)),
    ],
)
def test_fields(changed: dict[str, object], field: str, expected: object) -> None:
    assert getattr(post_of(**changed), field) == expected


@pytest.mark.parametrize(
    ("changed", "reason", "names"),
    [
        ({"id": ""}, "missing_field", "id"),
        ({"id": "  "}, "missing_field", "id"),
        ({"id": 5.7e17}, "wrong_type", "id"),  # has lost its last digits
        ({"id": "x" * 513}, "invalid_field", "native_id"),
        ({"text": None}, "missing_field", "text"),
        ({"text": 5}, "wrong_type", "text"),
        ({"text": "x" * 65_537}, "text_too_long", "65536"),
        ({"text": "北" * 30_000}, "text_too_long", "65536"),
        ({"time": ""}, "missing_field", "time"),
        ({"time": "yesterday"}, "unreadable_time", "yesterday"),
        ({"time": 0}, "time_out_of_range", "1970"),
        ({"followers": "many"}, "wrong_type", "many"),
        ({"followers": "-1"}, "invalid_field", "followers"),
        ({"followers": "inf"}, "wrong_type", "inf"),
        ({"author": {"name": "kai"}}, "wrong_type", "author"),
        ({"author": True}, "wrong_type", "author"),
        ({"url": "x" * 5_000}, "invalid_field", "url"),
        ({"source": "a b"}, "invalid_field", "source"),
        ({"brand": ["x" * 300]}, "invalid_field", "brands"),
    ],
)
def test_faults(changed: dict[str, object], reason: str, names: str) -> None:
    fault = fault_of(**changed)
    assert fault.reason == reason
    assert names in fault.detail
    assert len(fault.detail) < 200


def test_without_an_id_column_the_id_is_of_author_time_and_text() -> None:
    columns = {target: target for target in TARGETS if target != "id"}

    def id_of(**changed: object) -> str:
        post = to_post(ROW | changed, columns, source="file")
        assert isinstance(post, RawPost)
        return post.native_id

    same = {id_of(), id_of(id="2"), id_of(time="2026-03-04 05:00:00 -0500"), id_of(brand="x")}
    other = {id_of(author="mia"), id_of(text="the app is up"), id_of(time="2026-03-04T10:00:01Z")}
    assert len(same) == 1
    assert len(other | same) == 4


def test_map_is_read() -> None:
    assert parse_map(["id = tweet id", "text=a=b"]) == {"id": "tweet id", "text": "a=b"}


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (["text"], "TARGET=COLUMN"),
        (["text="], "TARGET=COLUMN"),
        (["txet=body"], "no target 'txet'"),
        (["text=a", "text=b"], "already column 'a'"),
    ],
)
def test_a_wrong_map_is_refused_in_one_line(pairs: list[str], says: str) -> None:
    with pytest.raises(ReplayError, match=says) as caught:
        parse_map(pairs)
    assert "\n" not in str(caught.value)


def test_columns_of_the_same_name_are_found() -> None:
    available = ("native_id", "published_at", "text", "author", "lang")
    assert choose_columns({}, available, name="a.csv") == {
        "id": "native_id",
        "time": "published_at",
        "text": "text",
        "author": "author",
    }
    assert choose_columns({"text": "lang"}, available, name="a.csv")["text"] == "lang"


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"text": "body"}, "no column 'body' for text: a.csv has when, text"),
        ({"brand": "airline"}, "no column 'airline' for brand: a.csv has when, text"),
        ({}, "no column 'time'; name it with --map time=COLUMN: a.csv has when, text"),
    ],
)
def test_a_missing_column_is_named_with_those_that_exist(
    mapping: dict[str, str], says: str
) -> None:
    with pytest.raises(ReplayError) as caught:
        choose_columns(mapping, ("when", "text"), name="a.csv")
    assert str(caught.value) == says


def test_a_file_of_many_columns_is_listed_in_part() -> None:
    with pytest.raises(ReplayError, match="and 960 more"):
        choose_columns({}, tuple(f"c{n}" for n in range(1000)), name="a.csv")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(TARGETS), JSON))
def test_any_row_has_an_answer(changed: dict[str, object]) -> None:
    row = ROW | changed
    assert isinstance(to_post(row, COLUMNS, source="file"), RawPost | Fault)
    assert isinstance(time_of(row, COLUMNS), datetime | Fault)
