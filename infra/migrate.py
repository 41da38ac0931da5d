"""Bring a database to the tables of this program: `migrations/<number>_<name>.sql`, in order.

A statement ends with `;` at the end of a line, and must be safe to run twice (`IF NOT EXISTS`):
a process may die before a migration is on record, and two may migrate at once.
"""

import hashlib
from importlib import resources

from msgspec import Struct

from infra.store import Store, StoreError

RECORD = """
CREATE TABLE IF NOT EXISTS migrations
(
    number      UInt32,
    name        String,
    hash        String,
    applied_at  DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1
"""


class MigrationRefused(StoreError):
    """The database is not one that this program can bring forward; the message says why."""


class Migration(Struct, frozen=True):
    """One file: its number, its whole name without `.sql`, its statements."""

    number: int
    name: str
    statements: tuple[str, ...]

    @property
    def hash(self) -> str:
        """Of the statements alone: a comment may be mended later."""
        return hashlib.sha256("\n;\n".join(self.statements).encode()).hexdigest()


def known_migrations() -> list[Migration]:
    """Those of this program, by number."""
    files = resources.files("infra").joinpath("migrations").iterdir()
    found = [
        parse_migration(file.name, file.read_text(encoding="utf-8"))
        for file in files
        if file.name.endswith(".sql")
    ]
    return sorted(found, key=lambda migration: migration.number)


def parse_migration(file: str, text: str) -> Migration:
    """The statements of a file called `<number>_<name>.sql`, without comment lines."""
    name = file.removesuffix(".sql")
    statements = []
    lines: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("--"):
            continue
        lines.append(line.rstrip())
        if lines[-1].endswith(";"):
            statements.append("\n".join(lines).removesuffix(";"))
            lines = []
    if lines:
        raise ValueError(f"{file}: its last statement has no ; at the end of a line")
    return Migration(int(name.partition("_")[0]), name, tuple(statements))


def migrate(store: Store, migrations: list[Migration] | None = None) -> list[str]:
    """Apply what is missing, in order, and return the names of what was applied.

    Raises MigrationRefused for a database that a newer program made, or whose history is another.
    """
    known = known_migrations() if migrations is None else migrations
    if not _is_recorded(store):  # who may not make tables can still see that there is nothing to do
        store.command(RECORD)
    applied = _applied(store, known)
    done = []
    for migration in known:
        if migration.number in applied:
            name, digest = applied[migration.number]
            if digest != migration.hash:
                raise MigrationRefused(
                    f"migration {name} was applied with other statements than this program's: "
                    "never edit one that was released, add the next number"
                )
            continue
        for statement in migration.statements:
            store.command(statement)
        row = (migration.number, migration.name, migration.hash)
        store.insert("migrations", ("number", "name", "hash"), [row])
        done.append(migration.name)
    return done


def refuse_newer(store: Store, migrations: list[Migration] | None = None) -> None:
    """Raise MigrationRefused for a database that a newer program made; changes nothing.

    For whoever does not migrate: one that nobody has migrated yet is not refused.
    """
    if _is_recorded(store):
        _applied(store, known_migrations() if migrations is None else migrations)


def missing_migrations(store: Store, migrations: list[Migration] | None = None) -> list[str]:
    """Names of those that the database has not had yet; changes nothing.

    Raises MigrationRefused for a database that a newer program made.
    """
    known = known_migrations() if migrations is None else migrations
    if not _is_recorded(store):
        return [migration.name for migration in known]
    applied = _applied(store, known)
    return [migration.name for migration in known if migration.number not in applied]


def _is_recorded(store: Store) -> bool:
    tables = "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = "
    return store.query(f"{tables}'migrations'") != [(0,)]


def _applied(store: Store, known: list[Migration]) -> dict[int, tuple[str, str]]:
    """Number -> name and hash of what is on record. Raises MigrationRefused if that is newer."""
    rows = store.query("SELECT number, name, hash FROM migrations FINAL ORDER BY number")
    applied = {number: (name, digest) for number, name, digest in rows}
    newest = max((migration.number for migration in known), default=0)
    if applied and max(applied) > newest:
        raise MigrationRefused(
            f"the database has migration {max(applied)}, this program knows {newest}: "
            "a newer Groundswell made it; install that version or a later one"
        )
    return applied
