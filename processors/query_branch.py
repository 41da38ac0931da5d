"""A query as branches: words of which a post must hold one, and what else must then be true.

All posts are searched for the words of all branches; the rest is asked only where one was found. Of
what must hold together those words are taken that are rarest, as far as that can be told: few
brands share them, and they are long.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from processors.passage import is_unspaced
from processors.query import (
    And,
    Field,
    Near,
    Node,
    Not,
    Or,
    QueryError,
    Words,
    both,
    flat,
    written,
)

Cost = Callable[[str], float]
UNSPACED_LETTERS: Final = 4
"""What a character of a script without spaces is worth: half a word."""
MAX_BRANCHES: Final = 32
"""A query with more of them is asked as a whole."""


class Branch(NamedTuple):
    """True of a post that holds one of `words` and of which `rest`, if there is any, is true."""

    words: frozenset[str]
    rest: Node | None


def rarity(words: str) -> float:
    """How often they are met, very roughly: each letter more halves it."""
    return 0.5 ** sum(UNSPACED_LETTERS if is_unspaced(char) else 1 for char in words)


def branches(node: Node, cost: Cost = rarity) -> list[Branch]:
    """A query is true where one of its branches is. Raises QueryError, with the place, for one that
    may be true of a post with any words."""
    if _best(node, cost) is None:
        loose = _loose(node)
        raise QueryError(
            f"{_said(loose)} needs no word of the post: join it with AND to a word that a post "
            "must hold",
            at=loose.at,
        )
    found = list(_branches(pushed(node, positive=True), cost))
    return found if len(found) <= MAX_BRANCHES else [_whole(node, cost)]


def _branches(node: Node, cost: Cost) -> Iterator[Branch]:
    parts = list(flat(node, Or))
    if words := [part.text for part in parts if isinstance(part, Words)]:
        yield Branch(frozenset(words), None)
    for part in parts:
        if isinstance(part, And):
            yield from _of_all(part, cost)
        elif not isinstance(part, Words):
            yield _whole(part, cost)


def _of_all(node: And, cost: Cost) -> Iterator[Branch]:
    """Of the part that needs the rarest words, each branch; what else is asked beside it."""
    parts = list(flat(node, And))
    costs = [_best(part, cost) for part in parts]
    known = [number for number, one in enumerate(costs) if one is not None]
    first = min(known, key=lambda number: costs[number] or (0.0,))
    others = [part for number, part in enumerate(parts) if number != first]
    for words, rest in _branches(parts[first], cost):
        yield Branch(words, both([*others, *([rest] if rest else [])]))


def _whole(node: Node, cost: Cost) -> Branch:
    found = _best(node, cost)
    assert found is not None
    return Branch(found[1], node)


def _best(node: Node, cost: Cost, *, positive: bool = True) -> tuple[float, frozenset[str]] | None:
    """The words to search for, and what that costs; None where none is needed."""
    match node:
        case Words(text=text):
            return (cost(text), frozenset([text])) if positive else None
        case Near(words=words):
            best = min(words, key=cost)
            return (cost(best), frozenset([best])) if positive else None
        case Field():
            return None
        case Not(part=part):
            return _best(part, cost, positive=not positive)
        case And(parts=parts) | Or(parts=parts):
            some = [_best(part, cost, positive=positive) for part in parts]
            known = [one for one in some if one is not None]
            if isinstance(node, And) == positive:
                return min(known, key=lambda one: one[0], default=None)
            if len(known) < len(some):
                return None
            found = frozenset[str]().union(*(words for _, words in known))
            return sum(map(cost, found)), found


def pushed(node: Node, *, positive: bool, at: int | None = None) -> Node:
    """The same with NOT before words and fields only; `at` is where it was written."""
    match node:
        case Not(part=part):
            return pushed(part, positive=not positive, at=node.at)
        case And(parts=parts) | Or(parts=parts):
            kind = And if isinstance(node, And) == positive else Or
            some = tuple(pushed(part, positive=positive, at=at) for part in parts)
            return kind(parts=some, at=node.at)
    return node if positive else Not(part=node, at=node.at if at is None else at)


def _loose(node: Node) -> Node:
    """The first part that may be true of posts with any words."""
    return _first_loose(pushed(node, positive=True))


def _first_loose(node: Node) -> Node:
    if isinstance(node, Or):
        for part in node.parts:
            if _best(part, rarity) is None:
                return _first_loose(part)
    return node


def _said(node: Node) -> str:
    told = written(node)
    return told if len(told) <= 60 else f"{told[:57]}..."
