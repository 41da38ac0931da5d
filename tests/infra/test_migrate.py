from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.migrate import (
    Migration,
    MigrationRefused,
    known_migrations,
    migrate,
    parse_migration,
)
from infra.store import Store


@pytest.fixture
def fresh(store: Store) -> Store:
    """A database that no migration was ever applied to (`migrations` is put back after)."""
    store.command("DROP TABLE migrations SYNC")
    return store


@pytest.fixture(autouse=True)
def restored(store: Store) -> Iterator[None]:
    yield
    store.command("DROP TABLE IF EXISTS migrations SYNC")
    migrate(store)


def a_table(number: int, name: str) -> Migration:
    text = f"-- why\nCREATE TABLE IF NOT EXISTS test_{name} (a UInt8)\nENGINE = Memory;\n"
    return parse_migration(f"{number:04}_{name}.sql", text)


def test_applies_what_is_missing_in_order_and_once(fresh: Store) -> None:
    one, two = a_table(1, "one"), a_table(2, "two")
    assert migrate(fresh, [one]) == ["0001_one"]
    assert migrate(fresh, [one, two]) == ["0002_two"]
    assert migrate(fresh, [one, two]) == []
    assert fresh.query("SELECT count() FROM test_one") == [(0,)]
    assert fresh.query("SELECT count() FROM test_two") == [(0,)]


def test_those_of_the_program_make_its_tables(fresh: Store) -> None:
    names = [migration.name for migration in known_migrations()]
    assert migrate(fresh) == names
    assert migrate(fresh) == []
    tables = {
        name
        for (name,) in fresh.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase()"
        )
    }
    assert {"posts", "post_keys", "receipts", "dead_letters", "migrations"} <= tables


def test_numbers_are_distinct_and_without_gap() -> None:
    numbers = [migration.number for migration in known_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_twice_at_once_is_once(fresh: Store) -> None:
    known = [a_table(number, f"at_once_{number}") for number in range(1, 6)]
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(migrate, fresh, known) for _ in range(3)]:
            done.result()
    rows = fresh.query("SELECT number FROM migrations FINAL ORDER BY number")
    assert rows == [(number,) for number in range(1, 6)]


def test_a_crash_before_the_record_is_made_good(fresh: Store) -> None:
    one = a_table(1, "one")
    for statement in one.statements:
        fresh.command(statement)
    assert migrate(fresh, [one]) == ["0001_one"]


def test_a_database_of_a_newer_program_is_refused(fresh: Store) -> None:
    migrate(fresh, [a_table(1, "one"), a_table(2, "two")])
    with pytest.raises(MigrationRefused, match="migration 2, this program knows 1"):
        migrate(fresh, [a_table(1, "one")])


def test_an_edited_migration_is_refused_but_not_for_a_comment(fresh: Store) -> None:
    one = a_table(1, "one")
    migrate(fresh, [one])
    text = "\n".join(one.statements)
    assert migrate(fresh, [parse_migration("0001_one.sql", f"-- other\n{text};")]) == []
    with pytest.raises(MigrationRefused, match="0001_one"):
        migrate(fresh, [parse_migration("0001_one.sql", text.replace("UInt8", "UInt16") + ";")])


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("A;\nB;\n", ("A", "B")),
        ("-- note; here\nA\n  x ';' y\n;\n", ("A\n  x ';' y\n",)),  # only at the end of a line
        ("A;  \n\n-- end\n", ("A",)),
        ("", ()),
    ],
)
def test_statements_end_with_a_line(text: str, statements: tuple[str, ...]) -> None:
    assert parse_migration("0007_x.sql", text) == Migration(7, "0007_x", statements)


def test_a_statement_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="0007_x"):
        parse_migration("0007_x.sql", "A;\nB\n")
