"""Where a text names a brand."""

from typing import Final

from processors.mentions import mentions
from processors.query import Node

MOST: Final = 50
"""Places that are marked in one text."""


def highlights(text: str, query: Node | None) -> list[tuple[int, int]]:
    r"""Spans of the words that the query found, in UTF-16 units, as scripts in browsers count.

    >>> from processors.query_parse import parse_query
    >>> highlights("\U0001f525 northwind!", parse_query("Northwind"))
    [(3, 12)]
    """
    spans = mentions(text, query)[:MOST] if query is not None else []
    return [(_units(text[:start]), _units(text[:end])) for start, end in spans]


def _units(text: str) -> int:
    return len(text) + sum(ord(char) > 0xFFFF for char in text)
