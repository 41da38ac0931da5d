"""The words that a query found are where they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.mentions import mentions
from processors.query_parse import parse_query


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Acme acmes ACME-1 xacme", "acme", ["Acme", "ACME"]),
        ("Acme  Motors", 'acme OR "acme motors"', ["Acme  Motors"]),
        ("\u4e70\u5317\u98ce\u6c7d\u8f66\u4e86", "\u5317\u98ce", ["\u5317\u98ce"]),
        ("a fire, of the battery", '"battery fire"~5', ["fire", "battery"]),
        ("a fire; one two three battery", '"battery fire"~1 OR one', ["one"]),
        ("apple pie, apple phone", "apple AND phone -(pie OR juice)", ["apple", "apple", "phone"]),
        ("AT&amp;T\u00a0\uff29\uff33 down", '"at&t is"', ["AT&amp;T\u00a0\uff29\uff33"]),
        ("A&nbsp;B e\u0301t\u00e9", '"a b" OR ete', ["A&nbsp;B", "e\u0301t\u00e9"]),
        ("see http://acme.com and acme.com", "acme", ["acme"]),
        ("stra\u00dfe \u200bac\u200bme", "strasse OR acme", ["stra\u00dfe", "ac\u200bme"]),
        ("acme", "acme AND lang:en", ["acme"]),
        ("", "acme", []),
    ],
)
def test_what_a_query_found_is_found_where_it_was_written(
    text: str, query: str, found: list[str]
) -> None:
    spans = mentions(text, parse_query(query))
    assert [text[start:end] for start, end in spans] == found


@given(st.text(), st.sampled_from(["acme", "a OR b", "e", "ss", '"a b"~3']))
def test_spans_are_in_order_and_apart(text: str, query: str) -> None:
    ends = [0]
    for start, end in mentions(text, parse_query(query)):
        assert ends[-1] <= start < end <= len(text)
        ends.append(end)
