"""Lines in, lines out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.score_constant import ConstantScorer
from streams.failures import UsageError
from streams.lines import MAX_LINE
from streams.score_lines import LineScorer, language_of


def scorer(**changed: Any) -> LineScorer:
    return LineScorer(ConstantScorer(), lambda text: "xx", **changed)


def answers(told: LineScorer, *lines: bytes) -> list[dict[str, Any]]:
    shown = told.answer(lines)
    assert shown.endswith(b"\n") or not lines
    return [json.loads(line) for line in shown.splitlines()]


def test_plain_lines_keep_their_place() -> None:
    good, empty, bad = answers(scorer(), b"so good\r", b"", b"just bad")
    assert good == {
        "label": "positive",
        "p_negative": 0.05,
        "p_neutral": 0.15,
        "p_positive": 0.8,
        "abstained": False,
        "language": "xx",
        "model": "constant-1",
    }
    assert (empty["label"], empty["p_neutral"], empty["abstained"]) == ("neutral", 1.0, True)
    assert bad["label"] == "negative"


def test_json_is_told_by_the_first_line_and_the_id_handed_on() -> None:
    told = scorer()
    assert answers(told, b"", b" ")[0]["label"] == "neutral"
    first, second, third = answers(
        told,
        b'{"id": 12345678901234567890123, "text": "so good", "time": "now"}',
        b'{"text": "bad", "id": {"a": [1.50, null]}}',
        b'{"text": "bad \\ud83d", "id": "\\ud83d"}',  # half an emoji: cut off by a platform
    )
    assert (first["label"], first["id"]) == ("positive", 12345678901234567890123)
    assert (second["label"], second["id"]) == ("negative", {"a": [1.5, None]})
    assert (third["label"], third["id"]) == ("negative", "\ud83d")
    assert "time" not in first
    assert told.unread == 0


@pytest.mark.parametrize("first", [b"[1]", b'"so good"', b"{so good}", b"3", b'{"a": NaN}'])
def test_what_is_no_object_is_text(first: bytes) -> None:
    told = scorer()
    assert "label" in answers(told, first)[0]
    assert "label" in answers(told, b'{"text": "so good"}')[0]  # once decided, it stays


def test_the_kind_can_be_said() -> None:
    assert answers(scorer(kind="lines"), b'{"text": 5}')[0]["label"] == "neutral"
    assert answers(scorer(kind="jsonl"), b"so good")[0]["line"] == 1
    [found] = answers(scorer(text_field="full text"), b'{"text": "bad", "full text": "good"}')
    assert found["label"] == "positive"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"text": "cut off', "no JSON: Unterminated string"),
        (b'["text"]', "no JSON object"),
        (b'{"body": "x", "id": 1}', "no field 'text'; it has body, id"),
        (b"{}", "no field 'text'; it has none"),
        (b'{"text": null}', "field 'text' is no text"),
        (b'{"text": "x", "likes": -Infinity}', "-Infinity is no number"),
        (b'{"a": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"text": "' + b"x" * MAX_LINE + b'"}', "longer than 1048576 bytes"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_in_its_place(line: bytes, says: str) -> None:
    told = scorer()
    before, wrong, after = answers(told, b'{"text":"good"}', line, b'{"text":"bad"}')
    assert (before["label"], after["label"]) == ("positive", "negative")
    assert says in wrong["error"]
    assert wrong["line"] == 2
    assert told.unread == 1


def test_lines_are_counted_over_calls() -> None:
    told = scorer(kind="jsonl")
    told.answer([b'{"text":"good"}'] * 3)
    assert answers(told, b"", b"no")[1]["line"] == 5


def test_bytes_that_are_no_text_and_marks_of_windows() -> None:
    told = scorer()
    assert answers(told, b'\xef\xbb\xbf{"text": "good \xff\xfe"}\r')[0]["label"] == "positive"
    assert answers(scorer(), b"good \xff\x00\xf0\x9f")[0]["label"] == "positive"


def test_an_explanation_lists_the_strongest_support_first() -> None:
    told = scorer(explained=True)
    bad, nothing, odd = answers(told, b"a terrible, good, bad day", b"", b"on Monday")
    assert bad["explanation"] == [["terrible,", 0.7], ["bad", 0.7]]
    assert nothing["explanation"] == odd["explanation"] == []
    [half] = answers(scorer(explained=True), b'{"text": "bad\\ud83d"}')
    assert half["explanation"] == [["bad\ufffd", 0.8]]


@given(lines=st.lists(st.binary(max_size=60)), explained=st.booleans())
def test_there_is_one_line_of_json_for_every_line(lines: list[bytes], explained: bool) -> None:
    for kind in ("auto", "lines", "jsonl"):
        told = scorer(kind=kind, explained=explained)
        found = answers(told, *lines)
        assert len(found) == len(lines)
        assert sum("error" in one for one in found) == told.unread


def test_languages() -> None:
    assert language_of("de")("whatever") == "de"
    detect = language_of("auto")
    assert detect("今天天气真的很好，我们去公园") == "zh"
    for wrong in ("english", "EN", "e", ""):
        with pytest.raises(UsageError, match="--language"):
            language_of(wrong)
