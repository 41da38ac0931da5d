"""Text to the tree of a query; the grammar is Lucene's, read by luqum.

Of two words side by side both are meant, as if AND stood between them. AND binds closer than OR;
where OR stands beside words without an operator, brackets must say what is meant. Typographic
quotation marks and full-width brackets are as good as plain ones.
"""

import re
from typing import Any, Final

from processors.query import (
    FIELDS,
    And,
    Field,
    FieldName,
    Near,
    Node,
    Not,
    Or,
    QueryError,
    Words,
    both,
    either,
    plain,
)
from processors.records import UNKNOWN_LANGUAGE

MAX_QUERY: Final = 20_000
"""Characters of the longest query."""
MAX_DEPTH: Final = 50
"""Brackets in brackets."""
MAX_NEAR: Final = 50
"""Other words that may lie between words near each other."""

_SIGNS: Final = str.maketrans(
    dict.fromkeys("“”„‟«»＂「」", '"')
    | {"\uff08": "(", "\uff09": ")", "\uff1a": ":", "\u3000": " "}
)
_FOREIGN: Final = {"&&": "AND", "||": "OR", "&": "AND", "|": "OR", "!": "NOT"}
_OPERATORS: Final = ("AND", "OR", "NOT", "TO")
_POSITION: Final = re.compile(r"position (\d+)")
_WILD: Final = re.compile(r"(?<!\\)[*?]")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_NO_CLASS: Final = {
    "Fuzzy": '~ stands behind words in quotes only, as in "battery fire"~5',
    "Boost": "^ has no meaning here: take it away, or put the word in quotes",
    "Regex": "regular expressions are not read: put it in quotes, or list the words",
    "Range": "ranges are not read: put it in quotes",
    "From": "> has no meaning here: put it in quotes",
    "To": "< has no meaning here: put it in quotes",
}


def parse_query(query: str) -> Node:
    """The tree. Raises QueryError, which says where and what to do.

    >>> from processors.query import canonical
    >>> canonical(parse_query('Apple AND (phone OR "battery fire"~5) -pie'))
    "and('apple', not('pie'), or('phone', near(5; 'battery', 'fire')))"
    """
    from luqum.exceptions import ParseError
    from luqum.thread import parse  # the grammar is built when it is imported: 15 ms

    if len(query) > MAX_QUERY:
        raise QueryError(f"{len(query):,} characters, {MAX_QUERY:,} is the most")
    written = query.translate(_SIGNS)
    if not plain(written):
        raise QueryError("nothing is in it: write a word that a post must hold")
    _check_brackets(written)
    try:
        tree = parse(written)
    except ParseError as error:
        raise _unreadable(written, str(error)) from None
    return _node(tree, 0)


def words_of(text: str, *, at: int = 0) -> Words:
    """The text as it stands, such as an alias. Raises QueryError if nothing is visible in it."""
    found = plain(text)
    if not found:
        raise QueryError(f"{text!r} is blank", at=at)
    return Words(text=found, at=at)


def _check_brackets(written: str) -> None:
    """luqum says only that something is missing; and its reader has no bound of its own."""
    open_at: list[int] = []
    quote: int | None = None
    escaped = False
    for at, char in enumerate(written):
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"':
            quote = at if quote is None else None
        elif quote is None and char == "(":
            open_at.append(at)
            if len(open_at) > MAX_DEPTH:
                raise QueryError(f"more than {MAX_DEPTH} brackets in brackets", at=at)
        elif quote is None and char == ")":
            if not open_at:
                raise QueryError("this bracket was never opened", at=at)
            open_at.pop()
    if quote is not None:
        raise QueryError("this quotation mark is never closed", at=quote)
    if open_at:
        raise QueryError("this bracket is never closed", at=open_at[-1])


def _unreadable(written: str, told: str) -> QueryError:
    found = _POSITION.search(told)
    if found is None:
        problem = "it ends where a word is missing"
        if written.split()[-1] in _OPERATORS:
            problem += (
                "; in YAML a # after a space begins a comment: write the query below `query: >`"
            )
        return QueryError(problem, at=len(written.rstrip()))
    at = int(found[1])
    rest = written[at:].split()
    word = rest[0] if rest else ""
    if word in _OPERATORS:
        return QueryError(
            f"{word} stands where a word is missing; for the word put it in quotes", at=at
        )
    return QueryError(f"{word or written[at:]!r} can't stand here: put it in quotes", at=at)


def _node(tree: Any, depth: int) -> Node:
    kind, at = type(tree).__name__, int(tree.pos or 0)
    if depth > 4 * MAX_DEPTH:
        raise QueryError("too many operators in operators", at=at)
    if kind in ("Group", "FieldGroup", "Plus"):
        return _node(tree.children[0], depth + 1)
    if kind in ("Not", "Prohibit"):
        return Not(part=_node(tree.children[0], depth + 1), at=at)
    if kind in ("AndOperation", "UnknownOperation"):
        _check_mixed(tree, kind)
        return both([_node(part, depth + 1) for part in tree.children], at=at)
    if kind == "OrOperation":
        return either([_node(part, depth + 1) for part in tree.children], at=at)
    if kind == "Word":
        return words_of(_word(tree.value, at), at=at)
    if kind == "Phrase":
        return words_of(_quoted(tree.value), at=at)
    if kind == "Proximity":
        return _near(tree, at)
    if kind == "SearchField":
        return _field(tree.name, tree.children[0], at, depth)
    raise QueryError(
        _NO_CLASS.get(kind, f"{str(tree).strip()!r} is not read: put it in quotes"), at=at
    )


def _check_mixed(tree: Any, kind: str) -> None:
    for part in tree.children:
        if kind == "UnknownOperation" and type(part).__name__ == "OrOperation":
            raise QueryError(
                "OR beside words without an operator: say with brackets what is meant, as in "
                "(a OR b) AND c",
                at=int(part.pos or 0),
            )


def _word(value: str, at: int) -> str:
    if value in _FOREIGN:
        raise QueryError(f"{value} is no operator: write {_FOREIGN[value]}", at=at)
    if value.startswith("!") and len(value) > 1:
        raise QueryError("! is no operator: write NOT, or put the word in quotes", at=at)
    if wild := _WILD.search(value):
        raise QueryError(
            f"{wild[0]} stands for no letters: list the words with OR; for the sign itself put "
            "the word in quotes",
            at=at + wild.start(),
        )
    return _ESCAPE.sub(r"\1", value)


def _quoted(value: str) -> str:
    return _ESCAPE.sub(r"\1", value[1:-1])


def _near(tree: Any, at: int) -> Near:
    words = words_of(_quoted(tree.term.value), at=at).text.split()
    within = int(tree.degree)
    if len(words) < 2:
        raise QueryError("~ needs two words in the quotes, with a space between them", at=at)
    if not 0 <= within <= MAX_NEAR:
        raise QueryError(f"~{within}: at most {MAX_NEAR} words may lie between", at=at)
    return Near(words=tuple(words), within=within, at=at)


def _field(name: str, tree: Any, at: int, depth: int) -> Node:
    kind = type(tree).__name__
    if name.lower() not in FIELDS:
        raise QueryError(
            f"{name}: is no field (there are {', '.join(f'{one}:' for one in FIELDS)}); put words "
            "with a colon in quotes",
            at=at,
        )
    field: FieldName = name.lower()  # type: ignore[assignment]
    here = int(tree.pos or at)
    if depth > 4 * MAX_DEPTH:
        raise QueryError("too many operators in operators", at=at)
    if kind in ("FieldGroup", "Group"):
        return _field(name, tree.children[0], at, depth + 1)
    if kind in ("Not", "Prohibit"):
        return Not(part=_field(name, tree.children[0], at, depth + 1), at=here)
    if kind in ("OrOperation", "UnknownOperation", "AndOperation"):
        parts = tuple(_field(name, part, at, depth + 1) for part in tree.children)
        negative = all(isinstance(part, Not) for part in parts)
        if not negative and kind != "OrOperation":
            raise QueryError(f"a post has one {field}: write OR between them", at=here)
        return (And if kind != "OrOperation" else Or)(parts=parts, at=here)
    if kind == "Word":
        return Field(name=field, value=_value(field, _word(tree.value, here), here), at=at)
    if kind == "Phrase":
        return Field(name=field, value=_value(field, _quoted(tree.value), here), at=at)
    raise QueryError(f"{field}: takes a word, or several as in {field}:(a OR b)", at=here)


def _value(field: FieldName, written: str, at: int) -> str:
    value = field_value(field, written)
    if not value:
        raise QueryError(f"{field}: of what?", at=at)
    if field == "lang" and value != UNKNOWN_LANGUAGE and not _LANGUAGE.fullmatch(value):
        raise QueryError(
            f"{written!r} is no language: write two letters such as en or zh, or und where a text "
            "is too short to tell",
            at=at,
        )
    return value


def field_value(field: FieldName, written: str) -> str:
    """The form in which fields are compared: `@Ann` and `ann` are the same author.

    >>> field_value("author", " @Ann")
    'ann'
    """
    value = written.strip()
    return (value.lstrip("@") if field == "author" else value).casefold()
