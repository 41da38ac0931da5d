"""What each brand was found by, and since when, on disk."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
from msgspec import Struct

from infra.sql import load
from infra.store import Store
from processors.watched import WatchedBrand, version

COLUMNS: Final = ("brand", "version", "at", "said", "by")
EACH: Final = 6
"""Rows of a brand that are read: two keepers that see a change at once write it twice."""


class QueryVersion(Struct, frozen=True, kw_only=True):
    """A brand has been found by `said` since `at`, as `by` says; `before`: by what until then."""

    version: str
    at: datetime
    by: str
    said: WatchedBrand
    before: WatchedBrand | None  # None: nothing is known


def record_versions(
    store: Store, brands: Iterable[WatchedBrand], *, at: datetime, by: str
) -> list[str]:
    """Keep what is new about what finds these brands; return their names. Raises StoreError."""
    known = {name: one.version for name, one in read_versions(store).items()}
    rows = [
        (one.name, version(one), at, msgspec.json.encode(one).decode(), by)
        for one in brands
        if known.get(one.name) != version(one)
    ]
    if rows:
        store.insert("query_versions", COLUMNS, rows)
    return [row[0] for row in rows]


def read_versions(store: Store) -> dict[str, QueryVersion]:
    """By brand, what finds it now. Raises StoreError."""
    rows = store.query(load("query_versions"), {"each": EACH})
    found = {}
    for brand, some in groupby(rows, key=lambda row: row[0]):
        # Of rows that say the same one after another, the first began it.
        runs = [list(run) for _, run in groupby(some, key=lambda row: row[1])]
        _, name, at, said, by = runs[-1][0]
        found[brand] = QueryVersion(
            version=name,
            at=at,
            by=by,
            said=msgspec.json.decode(said, type=WatchedBrand),
            before=msgspec.json.decode(runs[-2][0][3], type=WatchedBrand)
            if len(runs) > 1
            else None,
        )
    return found
