"""Rows of CSV and JSONL files, the broken ones too."""

import gzip
from pathlib import Path

import pytest

from infra.rows import MAX_FIELD, ReplayError, Row, header_of, kind_of, read_rows


def rows_of(path: Path, content: bytes) -> list[Row]:
    path.write_bytes(content)
    return list(read_rows(path, kind_of(path)))


def test_csv_with_quotes_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    content = '\ufeffid,text\r\n1,"a ""b"",\r\nc"\r\n\r\n2,北风\r\n'.encode()
    rows = rows_of(tmp_path / "a.csv", content)
    assert [(row.position, row.fields) for row in rows] == [
        (0, {"id": "1", "text": 'a "b",\r\nc'}),
        (1, {"id": "2", "text": "北风"}),
    ]
    assert rows[0].payload == b'1,"a ""b"",\r\nc"\r\n'
    assert header_of(tmp_path / "a.csv", "csv") == ("id", "text")


def test_utf16_and_tabs(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", "id,text\n1,ü\n".encode("utf-16"))[0].fields == {
        "id": "1",
        "text": "ü",
    }
    assert rows_of(tmp_path / "a.tsv", b"id\ttext\n1\ta,b\n")[0].fields["text"] == "a,b"


def test_semicolons_as_spreadsheets_write_them(tmp_path: Path) -> None:
    content = '\ufeffid;text\r\n1;"a; ""b"", c"\r\n2;b, c\r\n'.encode()
    rows = rows_of(tmp_path / "a.csv", content)
    assert [row.fields for row in rows] == [
        {"id": "1", "text": 'a; "b", c'},
        {"id": "2", "text": "b, c"},
    ]
    assert header_of(tmp_path / "a.csv", kind_of(tmp_path / "a.csv")) == ("id", "text")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"id\n", "csv"),
        ("a.CSV.gz", gzip.compress(b"id\n", mtime=0), "csv"),
        ("a.jsonl.gz", gzip.compress(b"{}\n", mtime=0), "jsonl"),
        ("a.json", b'{"a": 1}\n', "jsonl"),
        ("posts", b'  {"a": 1}\n', "jsonl"),
        ("posts", b"id,text\n", "csv"),
        ("posts", b"id;text\n1;a, b\n", "ssv"),
        ("posts", b"id;text\r1;a, b\r", "ssv"),
        ("posts", b'"id, text";more\n', "ssv"),
        ("a.csv", b"id,text;more\n", "csv"),
        ("a.csv", b"id\n1;2,3\n", "csv"),
        ("a.tsv", b"id\ttext;more\n", "tsv"),
        ("posts", gzip.compress(b'{"a": 1}\n', mtime=0), "jsonl"),  # gzip is told by content
    ],
)
def test_the_format_is_told(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


def test_a_json_array_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"a": 1}]')
    with pytest.raises(ReplayError, match="one object a line"):
        kind_of(tmp_path / "a.json")


def test_bad_utf8_is_replaced_and_its_bytes_are_kept(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", b"id,text\n1,caf\xe9\n")
    assert (row.fields["text"], row.payload) == ("caf\ufffd", b"1,caf\xe9\n")
    (row,) = rows_of(tmp_path / "a.jsonl", b'{"text": "caf\xe9"}\n')
    assert (row.fields["text"], row.payload) == ("caf\ufffd", b'{"text": "caf\xe9"}\n')


def test_rows_of_the_wrong_width(tmp_path: Path) -> None:
    short, long, fine = rows_of(tmp_path / "a.csv", b"id,text\n1\n1,2,3\n4,ok\n")
    assert (short.fields, short.fault) == ({"id": "1"}, None)
    assert long.fault is not None
    assert (long.fault.reason, long.payload) == ("wrong_columns", b"1,2,3\n")
    assert fine.fields == {"id": "4", "text": "ok"}


def test_lines_that_are_no_object(tmp_path: Path) -> None:
    content = b'{"text": "ok"}\n\nnot json\n[1]\n{}\n{"text": "\\ud800"}\n' + b"[" * 100_000
    rows = rows_of(tmp_path / "a.jsonl", content)
    assert [row.position for row in rows] == list(range(6))
    assert [row.fault.reason if row.fault else None for row in rows] == [
        None,
        "not_json",
        "wrong_type",
        "wrong_type",
        "not_json",
        "not_json",
    ]
    assert rows[1].payload == b"not json\n"


def test_a_field_of_a_megabyte_is_read(tmp_path: Path) -> None:
    text = "x" * 1_000_000
    (row,) = rows_of(tmp_path / "a.csv", f"id,text\n1,{text}\n".encode())
    assert row.fields["text"] == text
    (row,) = rows_of(tmp_path / "a.jsonl", f'{{"text": "{text}"}}\n'.encode())
    assert row.fields["text"] == text


def test_a_quote_never_closed_costs_a_row_and_not_the_file(tmp_path: Path) -> None:
    filler = b"x" * 1023 + b"\n"
    content = b'id,text\n1,"open\n' + filler * (MAX_FIELD // 1024 + 1) + b"2,fine\n"
    rows = rows_of(tmp_path / "a.csv", content)
    assert rows[0].fault is not None
    assert rows[0].fault.reason == "row_too_long"
    assert rows[-1].fields == {"id": "2", "text": "fine"}
    assert [row.position for row in rows] == list(range(len(rows)))


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"id,text\n" + b"1,a\n" * 50_000, mtime=0)[:-20],
        gzip.compress(b"id,text\n1,a\n", mtime=0)[:10] + b"garbage here",
    ],
)
@pytest.mark.parametrize("name", ["a.csv.gz", "a.tsv.gz", "a.jsonl.gz"])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(ReplayError, match="damaged") as caught:
        rows_of(tmp_path / name, content)
    assert "\n" not in str(caught.value)


def test_damage_is_told_where_columns_are_looked_at_first(tmp_path: Path) -> None:
    (tmp_path / "a.tsv.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\x02\x03garbage here")
    with pytest.raises(ReplayError, match="damaged"):
        header_of(tmp_path / "a.tsv.gz", "tsv")


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="empty"):
        rows_of(tmp_path / "a.csv", b"")
    assert rows_of(tmp_path / "a.jsonl", b"\n\n") == []
