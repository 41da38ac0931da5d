"""What the query of a brand says, as a tree.

Words are plain: as `fold` gives them, and without accents. `at` is where a part stands in the query
that was written, counted from 0.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from msgspec import Struct

from processors.accents import without_accents
from processors.normalise import fold

_BARE: Final = re.compile(r"[^\W_][\w.&'-]*")

FieldName = Literal["lang", "source", "author"]
FIELDS: Final[tuple[FieldName, ...]] = ("lang", "source", "author")


class QueryError(ValueError):
    """A query that can't be followed: where, and what to do about it."""

    def __init__(self, problem: str, *, at: int | None = None) -> None:
        super().__init__(problem if at is None else f"character {at + 1}: {problem}")
        self.at = at
        self.problem = problem


class Words(Struct, frozen=True, kw_only=True):
    """A word, or words in this order with nothing but white space between."""

    text: str
    at: int = 0


class Near(Struct, frozen=True, kw_only=True):
    """Words in any order, with at most `within` other words between the first and the last."""

    words: tuple[str, ...]
    within: int
    at: int = 0


class Field(Struct, frozen=True, kw_only=True):
    """What a post says of itself."""

    name: FieldName
    value: str
    at: int = 0


class Not(Struct, frozen=True, kw_only=True):
    """Everything else."""

    part: "Node"
    at: int = 0


class And(Struct, frozen=True, kw_only=True):
    """All of the parts."""

    parts: tuple["Node", ...]
    at: int = 0


class Or(Struct, frozen=True, kw_only=True):
    """At least one of the parts."""

    parts: tuple["Node", ...]
    at: int = 0


Node = Words | Near | Field | Not | And | Or


def plain(text: str) -> str:
    """The form in which words of queries and of posts are compared.

    >>> plain("  Nestl\u00e9\u2019s  \uff33\uff28\uff2f\uff30 ")
    "nestle's shop"
    """
    return without_accents(fold(text))


def either(parts: Iterable[Node], *, at: int = 0) -> Node:
    """`Or`, but for a single part, which stays itself."""
    some = tuple(parts)
    return some[0] if len(some) == 1 else Or(parts=some, at=at)


def both(parts: Iterable[Node], *, at: int = 0) -> Node:
    """`And` in the same way."""
    some = tuple(parts)
    return some[0] if len(some) == 1 else And(parts=some, at=at)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    yield node
    if isinstance(node, Not):
        yield from walk(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from walk(part)


def canonical(node: Node) -> str:
    """What the query means, without how it was written: equal for equal meaning in many cases.

    Order, repetition, brackets, case, accents and white space make no difference.
    """
    match node:
        case Words(text=text):
            return repr(text)
        case Near(words=words, within=within):
            return f"near({within}; {', '.join(sorted(map(repr, words)))})"
        case Field(name=name, value=value):
            return f"{name}:{value!r}"
        case Not(part=Not(part=inner)):
            return canonical(inner)
        case Not(part=part):
            return f"not({canonical(part)})"
        case And():
            return _of_many("and", {canonical(part) for part in flat(node, And)})
        case Or():
            return _of_many("or", {canonical(part) for part in flat(node, Or)})


def written(node: Node, *, inside: bool = False) -> str:
    """A query that means this. `inside`: of another one.

    >>> written(Not(part=Or(parts=(Words(text="pie"), Words(text="apple juice")))))
    'NOT (pie OR "apple juice")'
    """
    match node:
        case Words(text=text):
            return text if _BARE.fullmatch(text) else _in_quotes(text)
        case Near(words=words, within=within):
            return f"{_in_quotes(' '.join(words))}~{within}"
        case Field(name=name, value=value):
            return f"{name}:{value if _BARE.fullmatch(value) else _in_quotes(value)}"
        case Not(part=part):
            return f"NOT {written(part, inside=True)}"
        case And() | Or():
            operator = " AND " if isinstance(node, And) else " OR "
            told = operator.join(written(part, inside=True) for part in flat(node, type(node)))
            return f"({told})" if inside else told


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _of_many(name: str, parts: set[str]) -> str:
    return next(iter(parts)) if len(parts) == 1 else f"{name}({', '.join(sorted(parts))})"


def flat(node: Node, kind: type[And] | type[Or]) -> Iterator[Node]:
    """Its parts, with those of parts of the same kind; any other node is its own only part."""
    if isinstance(node, kind):
        for part in node.parts:
            yield from flat(part, kind)
    else:
        yield node
