"""Where in a text, as it was written, are the words by which a brand's query found it."""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from processors.normalise import ENTITY
from processors.passage import Passage
from processors.query import Near, Node, Not, Words, plain, walk
from processors.query_branch import pushed

Span = tuple[int, int]


def mentions(text: str, node: Node) -> list[Span]:
    """Spans of characters of `text`, in order and apart from one another.

    Words that a query only leaves out are not looked for.

    >>> from processors.query_parse import parse_query
    >>> mentions("Nestl\u00e9's  SHOP", parse_query("nestle shop -water"))
    [(0, 6), (10, 14)]
    """
    folded, places = _folded(text)
    passage = Passage(folded)
    found = sorted(
        (places[start][0], places[start + len(word) - 1][1])
        for word in _wanted(node, passage)
        for start in passage.mentions(word)
    )
    return list(_apart(found))


def _wanted(node: Node, passage: Passage) -> set[str]:
    """The words of the query that count where they are there."""
    found: set[str] = set()
    for part in _positive(pushed(node, positive=True)):
        if isinstance(part, Words):
            found.add(part.text)
        elif isinstance(part, Near) and passage.near(part.words, part.within):
            found.update(part.words)
    return found


def _positive(node: Node) -> Iterator[Node]:
    """`walk`, of a node with NOT before words and fields only, without those."""
    left_out = {id(part.part) for part in walk(node) if isinstance(part, Not)}
    return (part for part in walk(node) if id(part) not in left_out)


def _folded(text: str) -> tuple[str, list[Span]]:
    """The plain text, and of each of its characters from where in `text` it comes.

    Plain is what each character gives, with the marks that follow it, and each entity.
    """
    said: list[str] = []
    places: list[Span] = []
    for start, end in pairwise(_cuts(text)):
        one = _plain_unit(text[start:end])
        if one and not (one == " " and (not said or said[-1] == " ")):
            said.append(one)
            places.extend([(start, end)] * len(one))
    return "".join(said), places


def _plain_unit(unit: str) -> str:
    if len(unit) == 1 and unit.isascii() and unit.isprintable():
        return unit.lower()
    return plain(f"x{unit}x")[1:-1]  # between letters, or white space would go


def _cuts(text: str) -> Iterator[int]:
    """Where what belongs together begins, and the end."""
    inside = 0
    for at, char in enumerate(text):
        if at < inside or (not char.isascii() and unicodedata.combining(char) and at):
            continue
        if char == "&" and (entity := ENTITY.match(text, at)):
            inside = entity.end()
        yield at
    yield len(text)


def _apart(found: list[Span]) -> Iterator[Span]:
    """Sorted spans, with those that touch as one."""
    last: Span | None = None
    for start, end in found:
        if last is not None and start < last[1]:
            last = last[0], max(end, last[1])
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
