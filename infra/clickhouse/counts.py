"""How many rows there are, by table, brand and day: what a backup is compared by."""

from collections.abc import Collection, Iterable, Mapping
from importlib import resources
from string import Template
from typing import Final

from msgspec import Struct

from infra.clickhouse.cluster import NAME
from infra.store import Store, StoreRejected

DAYS: Final = ("published_at", "bucket", "hour", "at", "arrived_at", "decided_at", "updated_at")
"""Columns that say when, those that say it best first."""

Group = tuple[str, str, str]
"""A table, a brand and a day; brand and day are empty where the table has none."""
Counts = Mapping[Group, int]


class Compared(Struct, frozen=True):
    """Rows of a group before a backup was begun, after it was done, and in it."""

    table: str
    brand: str
    day: str
    before: int
    after: int
    restored: int

    @property
    def is_same(self) -> bool:
        """Rows may come and go while a backup is made: it has what there was in between."""
        return min(self.before, self.after) <= self.restored <= max(self.before, self.after)


def count_rows(
    store: Store, database: str, *, only: Collection[str] | None = None
) -> dict[Group, int]:
    """Rows of each table of a database, or of those in `only`. Raises as `Store` does."""
    if not NAME.fullmatch(database):
        raise StoreRejected(f"no name of a database: {database!r}")
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in store.query(_load("tables"), {"database": database}):
        if only is None or table in only:
            columns.setdefault(table, {})[column] = kind
    counted: dict[Group, int] = {}
    for table, kinds in columns.items():
        for brand, day, rows in store.query(_query(database, table, kinds)):
            counted[table, brand, day] = rows
    return counted


def compare(before: Counts, after: Counts, restored: Counts) -> list[Compared]:
    """All groups that are in any, in order; those that are in one count as 0 in another.

    >>> [one.is_same for one in compare({("t", "", ""): 1}, {("t", "", ""): 3}, {("t", "", ""): 2})]
    [True]
    """
    groups = sorted({*before, *after, *restored})
    return [
        Compared(*one, *(counts.get(one, 0) for counts in (before, after, restored)))
        for one in groups
    ]


def by_brand(compared: Iterable[Compared]) -> list[Compared]:
    """The same with the days of a table and brand together; `day` is how many there are."""
    found: dict[tuple[str, str], list[Compared]] = {}
    for one in compared:
        found.setdefault((one.table, one.brand), []).append(one)
    return [
        Compared(
            *place,
            str(sum(bool(each.day) for each in some)),
            sum(each.before for each in some),
            sum(each.after for each in some),
            sum(each.restored for each in some),
        )
        for place, some in found.items()
    ]


def _query(database: str, table: str, kinds: Mapping[str, str]) -> str:
    day = next((name for name in DAYS if kinds.get(name, "").startswith("DateTime")), None)
    return Template(_load("counts")).substitute(
        database=database,
        table=table,
        brand="toString(brand)" if "brand" in kinds else "''",
        day=f"toString(toDate({day}))" if day else "''",
    )


def _load(name: str) -> str:
    folder = resources.files("infra.clickhouse")
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
