"""What found a brand and since when: one row a change, whoever writes it."""

from datetime import UTC, datetime, timedelta

from infra.query_versions import read_versions, record_versions
from infra.store import Store
from processors.watched import WatchedBrand, version

T0 = datetime(2026, 3, 1, tzinfo=UTC)
ACME = WatchedBrand("Acme", ("acme air",))
OTHER = WatchedBrand("Acme", ("acme air", "acme co"))
NORTHWIND = WatchedBrand("Northwind")


def record(store: Store, *brands: WatchedBrand, hours: int = 0) -> list[str]:
    return record_versions(store, brands, at=T0 + timedelta(hours=hours), by="groundswell.yaml")


def test_only_what_is_new_is_kept(store: Store) -> None:
    assert record(store, ACME, NORTHWIND) == ["Acme", "Northwind"]
    assert record(store, ACME, NORTHWIND, hours=1) == []
    assert record(store, OTHER, NORTHWIND, hours=2) == ["Acme"]
    found = read_versions(store)
    acme = found["Acme"]
    assert (acme.version, acme.at, acme.by) == (
        version(OTHER),
        T0 + timedelta(hours=2),
        "groundswell.yaml",
    )
    assert (acme.said, acme.before) == (OTHER, ACME)
    assert found["Northwind"].before is None


def test_one_that_comes_back_began_again(store: Store) -> None:
    for hours, one in enumerate((ACME, OTHER, ACME)):
        record(store, one, hours=hours)
    found = read_versions(store)["Acme"]
    assert (found.said, found.before, found.at) == (ACME, OTHER, T0 + timedelta(hours=2))


def test_two_that_write_the_same_change_make_one(store: Store) -> None:
    from infra.query_versions import COLUMNS

    record(store, ACME)
    rows = store.query("SELECT brand, version, at, said, by FROM query_versions")
    twice = [(*row[:2], row[2] + timedelta(milliseconds=40), *row[3:]) for row in rows]
    store.insert("query_versions", COLUMNS, twice)
    found = read_versions(store)["Acme"]
    assert (found.at, found.before) == (T0, None)
