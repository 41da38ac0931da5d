"""Which query finds each brand, since when, and what was changed then."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from infra.query_versions import read_versions
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms
from processors.watched import WatchedBrand

MOST: Final = 200
"""Brands that are told of, the last that changed first."""


class QueryChange(Struct, frozen=True, kw_only=True):
    """A part of what finds a brand that was changed; words that came and that went."""

    what: str  # aliases, query, exclude or languages
    added: tuple[str, ...]
    removed: tuple[str, ...]


class QueryUse(Struct, frozen=True, kw_only=True):
    """What finds a brand now. `posts`: found by it in the last day."""

    brand: str
    version: str
    since: datetime
    by: str
    changes: tuple[QueryChange, ...]  # empty: nothing is known of before
    posts: int


def read_queries(store: Store, *, since: datetime, until: datetime) -> tuple[QueryUse, ...]:
    """Read it, with the posts of a span. Raises StoreError."""
    span: dict[str, Param] = {"since": to_ms(since), "until": to_ms(until)}
    posts = {(brand, query): n for brand, query, n in store.query(load("queries_of_span"), span)}
    found = read_versions(store)
    newest = sorted(found, key=lambda brand: (found[brand].at, brand), reverse=True)[:MOST]
    return tuple(
        QueryUse(
            brand=brand,
            version=one.version,
            since=one.at,
            by=one.by,
            changes=tuple(_changes(one.before, one.said)) if one.before else (),
            posts=posts.get((brand, one.version), 0),
        )
        for brand, one in ((brand, found[brand]) for brand in newest)
    )


def _changes(before: WatchedBrand, after: WatchedBrand) -> Iterator[QueryChange]:
    """What differs.

    >>> was, now = WatchedBrand("Acme", ("acme air",)), WatchedBrand("Acme", (), "acme NOT toy")
    >>> [one.what for one in _changes(was, now)]
    ['aliases', 'query']
    """
    old, new = _parts(before), _parts(after)
    for what, words in new.items():
        added = tuple(one for one in words if one not in old[what])
        removed = tuple(one for one in old[what] if one not in words)
        if added or removed:
            yield QueryChange(what=what, added=added, removed=removed)


def _parts(brand: WatchedBrand) -> Mapping[str, tuple[str, ...]]:
    def several(given: str | Iterable[str]) -> tuple[str, ...]:
        if isinstance(given, str):
            return (given,) if given else ()
        return tuple(given)

    return {
        "aliases": brand.aliases,
        "query": several(brand.query),
        "exclude": several(brand.exclude),
        "languages": brand.languages,
    }
