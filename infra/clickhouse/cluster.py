"""How our tables lie on a cluster.

Each table is two: one with the rows of a shard, replicated, in the database `<name>_local`, and one
in the database itself through which all shards are read and written (Distributed). The SQL of
queries and inserts is the same as on one server; what changes tables is rewritten, see rewrite.py.

FINAL keeps one row of a key within a shard only, so all rows of a key must be in one: the sharding
key is made of the sort key. It is the brand where that is a part of the key, so that a question
about a brand is answered by one shard.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from infra.clickhouse.words import split
from infra.migrate import RECORD, Migration
from infra.store import StoreRejected

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
CREATE: Final = re.compile(
    r"CREATE TABLE IF NOT EXISTS (?P<table>\w+)\s*\((?P<columns>.*)\)\s*"
    r"ENGINE = ReplacingMergeTree(?:\((?P<arguments>[\w, ]*)\))?\n(?P<rest>.*)",
    re.DOTALL | re.ASCII,
)
ORDER: Final = re.compile(r"^ORDER BY (.+)$", re.MULTILINE)
BESIDE: Final[Mapping[str, str]] = {"erasures": "id", "post_edits": "post_id"}
"""Tables that lie by a part of their key, beside those that are changed by what is in them."""


class Cluster(Struct, frozen=True):
    """A cluster of the server's `remote_servers`, and our database on it."""

    name: str
    database: str
    keys: Mapping[str, str]  # table -> what its rows are distributed by

    @property
    def local(self) -> str:
        """The database with the rows."""
        return f"{self.database}_local"


def make_cluster(name: str, database: str, migrations: Iterable[Migration]) -> Cluster:
    """Raises StoreRejected for a name that is none, and for a table without a sharding key."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name, re.ASCII):
        raise StoreRejected(f"no name of a cluster: {name!r}")
    if not NAME.fullmatch(database):
        raise StoreRejected(f"no name of a database: {database!r}")
    statements = [RECORD, *(one for each in migrations for one in each.statements)]
    found = (CREATE.fullmatch(statement.strip()) for statement in statements)
    return Cluster(name, database, {made["table"]: sharding_key(made) for made in found if made})


def sharding_key(made: re.Match[str]) -> str:
    """What the rows of a table (a match of CREATE) are distributed by: of its sort key.

    >>> sharding_key(CREATE.fullmatch('''CREATE TABLE IF NOT EXISTS counts (brand String, at Date)
    ... ENGINE = ReplacingMergeTree
    ... ORDER BY (brand, at)'''))
    'cityHash64(brand)'
    """
    order = ORDER.findall(made["rest"])
    if len(order) != 1:
        raise StoreRejected(f"{made['table']}: no one line that begins with ORDER BY")
    text = order[0].strip()
    parts = split(text[1:-1] if text.startswith("(") and text.endswith(")") else text)
    columns = [part for part in parts if NAME.fullmatch(part)]
    if made["table"] in BESIDE:
        columns = [BESIDE[made["table"]]]
    elif "brand" in columns:
        columns = ["brand"]
    if not columns or not set(columns) <= set(parts):
        raise StoreRejected(f"{made['table']}: no column of its sort key to distribute it by")
    return f"cityHash64({', '.join(columns)})"
