"""A file as a feed: order, clock, bad rows."""

import csv
import gzip
import io
import json
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.columns import parse_map
from infra.replay import ReplayFile, read, scan
from infra.rows import ReplayError
from processors.arrivals import Arrival, BadRow
from processors.decode import MAX_PAYLOAD
from processors.records import RawPost

NOW = datetime(2026, 3, 5, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def arrivals_of(path: Path, *pairs: str) -> list[Arrival]:
    file = ReplayFile(path=path, now=NOW, mapping=parse_map(pairs), feed="f")
    return list(read(file, scan(file)))


def write_csv(path: Path, *lines: str) -> Path:
    path.write_text("id,time,text\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def clock(arrival: Arrival) -> str:
    return arrival.at.strftime("%H:%M")


def test_an_ordered_file_is_streamed_as_it_is(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        "a,2026-03-04T10:00,one",
        "b,2026-03-04T10:00,two",
        "c,2026-03-04T11:00,x",
    )
    file = ReplayFile(path=path, now=NOW, source="forum", feed="f")
    scanned = scan(file)
    assert (scanned.rows, scanned.is_ordered) == (3, True)
    assert (scanned.first.hour, scanned.last.hour) == (10, 11)
    first, *_ = arrivals = list(read(file, scanned))
    assert [arrival.position for arrival in arrivals] == [0, 1, 2]
    at = datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert first == Arrival(
        at=at,
        position=0,
        item=RawPost(
            source="forum",
            native_id="a",
            text="one",
            published_at=at,
            observed_at=at,
            feed="f",
            position=0,
        ),
    )


def test_a_file_in_any_order_is_sorted_and_ties_stay(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        "d,2026-03-04T12:00,x",
        "b,2026-03-04T11:00,x",
        "c,2026-03-04T11:00,x",
        "a,2026-03-04T10:00,x",
    )
    arrivals = arrivals_of(path)
    assert [arrival.position for arrival in arrivals] == [3, 1, 2, 0]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_time_beyond_now_does_not_move_the_clock(tmp_path: Path, is_sorted: bool) -> None:
    lines = ["x,3000-01-01,early", "a,2026-03-04T10:00,ok", "b,2026-03-04T11:00,ok"]
    lines += ["y,2026-03-06,tomorrow", "z,yesterday,bad", "w,1970-01-01,old"]
    lines += ["c,2026-03-04T12:00,ok"] if is_sorted else ["c,2026-03-04T10:30,ok"]
    arrivals = arrivals_of(write_csv(tmp_path / "a.csv", *lines))
    if is_sorted:
        assert [(a.position, clock(a)) for a in arrivals] == [
            (0, "10:00"),  # with the next that has a time
            (1, "10:00"),
            (2, "11:00"),
            (3, "11:00"),  # with the one before
            (4, "11:00"),
            (5, "11:00"),
            (6, "12:00"),
        ]
    else:
        assert [a.position for a in arrivals] == [0, 1, 6, 2, 3, 4, 5]
    by_position = {a.position: a for a in arrivals}
    future = by_position[3].item
    assert isinstance(future, RawPost)
    assert future.published_at > NOW  # what the author claims is kept; observed_at caps it
    assert future.observed_at == by_position[3].at
    reasons = [a.item.reason for a in map(by_position.get, (4, 5)) if isinstance(a.item, BadRow)]
    assert reasons == ["unreadable_time", "time_out_of_range"]


def test_a_file_without_any_time_arrives_now(tmp_path: Path) -> None:
    arrivals = arrivals_of(write_csv(tmp_path / "a.csv", "a,soon,x", "b,2999-01-01,y"))
    assert [(a.at, a.position) for a in arrivals] == [(NOW, 0), (NOW, 1)]


def test_bad_rows_keep_their_place_reason_and_bytes(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        "a,2026-03-04T10:00,fine",
        ",2026-03-04T10:01,no id",
        "b,2026-03-04T10:02,too,many",
        "c,2026-03-04T10:03," + "x" * 1_000_000,
        "d",
        "e,2026-03-04T10:04,fine",
    )
    arrivals = arrivals_of(path)
    assert [a.item.reason if isinstance(a.item, BadRow) else "" for a in arrivals] == [
        "",
        "missing_field",
        "wrong_columns",
        "text_too_long",
        "missing_field",
        "",
    ]
    assert [clock(a) for a in arrivals] == ["10:00", "10:01", "10:01", "10:03", "10:03", "10:04"]
    no_id, long = arrivals[1].item, arrivals[3].item
    assert isinstance(no_id, BadRow)
    assert no_id.payload == b",2026-03-04T10:01,no id\n"
    assert isinstance(long, BadRow)
    assert len(long.payload) == MAX_PAYLOAD
    assert "bytes are kept" in long.detail


def test_a_column_of_json_may_turn_up_late(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        {"id": 1, "time": 1772618400, "text": "one"},
        {"id": 2, "time": 1772618401, "text": "two", "airline": ["united", "delta"]},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    arrivals = arrivals_of(path, "brand=airline")
    assert [a.item.brands for a in arrivals if isinstance(a.item, RawPost)] == [
        (),
        ("united", "delta"),
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.csv.gz"])
def test_a_missing_column_is_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    content = b'{"id":1,"text":"x"}\n' if "json" in name else b"id,text\n1,x\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(ReplayError) as caught:
        arrivals_of(tmp_path / name, "time=when")
    assert str(caught.value) == f"no column 'when' for time: {name} has id, text"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_file_without_rows_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"id,time,text\n" if name == "a.csv" else b"")
    with pytest.raises(ReplayError):
        arrivals_of(tmp_path / name)


def test_a_file_that_is_not_there_raises_what_open_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        arrivals_of(tmp_path / "a.csv")


FIELDS = ("id", "time", "text", "author", "brand", "followers")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": WORDS,
            "time": st.datetimes(
                min_value=datetime(1999, 1, 1),  # noqa: DTZ001
                max_value=datetime(2030, 1, 1),  # noqa: DTZ001
            ).map(str)
            | WORDS,
            "text": WORDS,
            "author": WORDS,
            "brand": WORDS,
            "followers": st.integers(-1, 10**6).map(str) | WORDS,
        }
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS)
def test_csv_and_jsonl_gzipped_or_not_give_the_same(rows: list[dict[str, str]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, FIELDS)
    writer.writeheader()
    writer.writerows(rows)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    contents = {"a.csv": table.getvalue().encode(), "a.jsonl": lines.encode()}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            for path, data in (
                (Path(folder, name), content),
                (Path(folder, f"{name}.gz"), gzip.compress(content)),
            ):
                path.write_bytes(data)
                found.append([without_payload(arrival) for arrival in arrivals_of(path)])
    assert found[0] == found[1] == found[2] == found[3]
    assert sorted(position for _, position, _ in found[0]) == list(range(len(rows)))
    assert all(one[0] <= two[0] <= NOW for one, two in pairwise(found[0]))


def without_payload(arrival: Arrival) -> tuple[datetime, int, object]:
    item = arrival.item
    said = (item.reason, item.detail) if isinstance(item, BadRow) else item
    return arrival.at, arrival.position, said


def airline() -> Path:
    for folder in (ROOT, ROOT.parent):
        path = folder / "shared" / "data" / "airline" / "Tweets.csv.gz"
        if path.exists():
            return path
    pytest.skip("the airline tweets (shared/data/airline/Tweets.csv.gz) are not here")


def test_the_airline_file() -> None:
    path = airline()
    pairs = ["id=tweet_id", "text=text", "time=tweet_created", "author=name", "brand=airline"]
    arrivals = arrivals_of(path, *pairs)
    posts = [arrival.item for arrival in arrivals if isinstance(arrival.item, RawPost)]
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(arrivals) == len(posts) == len(rows) == 14_640
    assert len({post.native_id for post in posts}) == 14_485
    assert all(one.at <= two.at for one, two in pairwise(arrivals))
    assert arrivals[0].at == datetime(2015, 2, 17, 7, 36, 5, tzinfo=UTC)
    assert arrivals[-1].at - arrivals[0].at == timedelta(days=7, hours=12, minutes=17, seconds=32)
    assert Counter(post.brands for post in posts) == Counter((row["airline"],) for row in rows)
    for post in posts:
        row = rows[post.position]
        assert (post.native_id, post.text, post.author) == (
            row["tweet_id"],
            row["text"],
            row["name"],
        )
