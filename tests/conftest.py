"""The embedded database, once a process: chDB can have one folder open at a time."""

from collections.abc import Iterator

import pytest

from infra.migrate import migrate
from infra.store import Store
from infra.store_chdb import ChdbStore


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChdbStore]:
    """The database itself, with whatever the last test left in it: tests take `store`."""
    store = ChdbStore(tmp_path_factory.mktemp("embedded") / "database")
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def store(embedded: ChdbStore) -> Store:
    """The embedded database, migrated, with every table empty."""
    return emptied(embedded)


def emptied(store: Store) -> Store:
    """Empty every table of ours and drop those that a test made."""
    rows = store.query(
        "SELECT name, startsWith(name, 'test_') FROM system.tables "
        "WHERE database = currentDatabase() AND name != 'migrations' "
        "AND (total_rows > 0 OR startsWith(name, 'test_'))"
    )
    for name, made_by_test in rows:
        store.command(f"DROP TABLE {name} SYNC" if made_by_test else f"TRUNCATE TABLE {name} SYNC")
    return store
