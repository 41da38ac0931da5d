"""A watched brand: the words and the query that find it, and the version of both."""

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final, TypeVar

from msgspec import Struct

from processors.query import Field, Node, Not, QueryError, both, canonical, either
from processors.query_branch import branches
from processors.query_parse import field_value, parse_query, words_of
from processors.records import UNKNOWN_LANGUAGE

T = TypeVar("T")

RULES: Final = 1
"""Goes up when the same query comes to find other posts."""


class WatchedBrand(Struct, frozen=True):
    """A brand and what finds it.

    Without a `query`, its name or one of its aliases; with one, the query or one of the aliases:
    the name then counts only if the query holds it. A post that has one of `exclude`, or for which
    that query is true, is left out; so is one whose language is known and none of `languages`.
    """

    name: str
    aliases: tuple[str, ...] = ()
    query: str = ""
    exclude: tuple[str, ...] | str = ()
    languages: tuple[str, ...] = ()


def expression(brand: WatchedBrand) -> Node:
    """All that is said of the brand as one query. Raises QueryError, which names the part."""
    found: list[Node] = []
    if brand.query:
        found.append(_named("query", partial(parse_query, brand.query)))
    else:
        found.append(_named("name", partial(words_of, brand.name)))
    found += [_named(f"alias {alias!r}", partial(words_of, alias)) for alias in brand.aliases]
    parts = [either(found)]
    if isinstance(brand.exclude, str):
        if brand.exclude:
            parts.append(Not(part=_named("exclude", partial(parse_query, brand.exclude))))
    elif brand.exclude:
        words = [_named(f"exclude {each!r}", partial(words_of, each)) for each in brand.exclude]
        parts.append(Not(part=either(words)))
    if brand.languages:
        codes = dict.fromkeys((*brand.languages, UNKNOWN_LANGUAGE))
        parts.append(either(Field(name="lang", value=field_value("lang", c)) for c in codes))
    return both(parts)


def check(brand: WatchedBrand) -> Node:
    """`expression`, where it can be followed. Raises QueryError for one that needs no word."""
    node = expression(brand)
    _named("query" if brand.query else "name", partial(branches, node))
    return node


def version(brand: WatchedBrand) -> str:
    """A short hash of what the brand is found by: equal as long as that means the same.

    >>> one, same = WatchedBrand("Acme", ("acme air",)), WatchedBrand("ACME", ("Acme  Air",))
    >>> version(one) == version(same)
    True
    """
    said = f"{RULES}\0{canonical(expression(brand))}".encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=4).hexdigest()


def _named(part: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except QueryError as error:
        raise QueryError(f"{part}: {error}") from None
