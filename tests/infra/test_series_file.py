"""Files of counts: whatever is wrong with a row is named, and the others keep their numbers."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.rows import ReplayError
from infra.series_file import SeriesFile, read_series

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def series(path: Path, text: str, timezone: str = "UTC") -> SeriesFile:
    file = path / "a.csv"
    file.write_text(text)
    return read_series(file, timezone)


def test_both_forms_are_read(tmp_path: Path) -> None:
    both = series(tmp_path, "timestamp,volume,negative\n2026-03-04 12:00,10,3\n")
    assert [(r.number, r.at, r.volume, r.negative) for r in both.rows] == [(1, NOON, 10.0, 3.0)]
    assert both.problems == ()
    bare = series(tmp_path, "Timestamp,Value\n2026-03-04T12:00Z,10.5\n")
    assert [(r.at, r.volume, r.negative) for r in bare.rows] == [(NOON, 10.5, None)]


def test_gzipped_too(tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(b"timestamp,value\n1772625600,1\n"))
    assert read_series(file).rows[0].at == NOON


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-03-04 12:05,NaN,1", "volume is no number"),
        ("2026-03-04 12:05,inf,1", "volume is no number"),
        ("2026-03-04 12:05,,1", "no volume"),
        ("2026-03-04 12:05,-1,1", "volume below zero"),
        ("2026-03-04 12:05,5,-2", "negative below zero"),
        ("2026-03-04 12:05,5,6", "more negative posts than posts"),
        ("yesterday,5,1", "unreadable time"),
        ("9999-12-31 23:55,5,1", "a time that is none of ours"),
        ("0001-01-01 00:00,5,1", "a time that is none of ours"),
        ("2026-03-04 12:05,5,1,7", "wrong columns"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, row: str, problem: str) -> None:
    text = f"timestamp,volume,negative\n2026-03-04 12:00,1,0\n{row}\n2026-03-04 12:10,3,0\n"
    read = series(tmp_path, text)
    assert [r.number for r in read.rows] == [1, 3]
    assert read.problems[0] == f"row 2: {problem}: left out"
    assert read.total == 3


def test_unsorted_duplicates_and_gaps(tmp_path: Path) -> None:
    rows = ["12:00,1", "12:10,3", "12:05,2", "12:05,2", "12:05,9", "12:15,4", "13:00,5"]
    read = series(tmp_path, "timestamp,value\n" + "".join(f"2026-03-04 {r}\n" for r in rows))
    assert [(r.number, r.volume) for r in read.rows] == [(1, 1), (3, 2), (2, 3), (6, 4), (7, 5)]
    assert read.step == timedelta(minutes=5)
    assert read.problems == (
        "row 3: earlier than the row before it: sorted",
        "row 4: the same time and counts again: left out",
        "row 5: another count for a time that had one: the first counts",
        "row 7: a gap before it: taken as not observed, not as zero",
    )


def test_an_hour_that_comes_twice(tmp_path: Path) -> None:
    times = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    text = "timestamp,value\n" + "".join(f"2026-11-01 {t},1\n" for t in times)
    read = series(tmp_path, text, "America/New_York")
    first = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    assert [r.at for r in read.rows] == [first + i * timedelta(minutes=30) for i in range(6)]
    assert [p.partition(": ")[0] for p in read.problems] == [
        "2 rows (first 2)", "2 rows (first 4)"
    ]  # fmt: skip


def test_an_hour_that_there_is_not(tmp_path: Path) -> None:
    text = "timestamp,value\n2026-03-08 01:30,1\n2026-03-08 02:30,2\n2026-03-08 03:00,3\n"
    read = series(tmp_path, text, "America/New_York")
    assert [r.at.hour for r in read.rows] == [6, 7]
    assert read.problems[0].startswith("row 2: a time that America/New_York skips")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "timestamp,volume\n", "timestamp,volume\nx,y\n", "timestamp\n1\n"]
)
def test_a_file_without_a_series_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ReplayError) as refused:
        series(tmp_path, text)
    assert "\n" not in str(refused.value)


TIMES = st.sampled_from(["2026-03-04 12:00", "2026-10-25 02:30", "x", "", "9" * 30])
VOLUMES = st.sampled_from(["1", "-1", "1e9", "nan", "", "'", '"'])
NEGATIVES = st.sampled_from(["0", "1", "", "x"])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(TIMES, VOLUMES, NEGATIVES), min_size=1, max_size=8))
def test_any_rows_give_an_answer(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    text = "timestamp,volume,negative\n" + "".join(",".join(row) + "\n" for row in rows)
    try:
        read = series(tmp_path, text, "Europe/Berlin")
    except ReplayError:
        return
    times = [row.at for row in read.rows]
    assert times == sorted(set(times))
    assert all(1 <= row.number <= read.total for row in read.rows)
    assert all(0 <= (row.negative or 0) <= row.volume for row in read.rows)
