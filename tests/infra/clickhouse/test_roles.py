"""What roles may do. Their effect needs a server; that ClickHouse reads the statements does not."""

import hashlib
import re
from pathlib import Path

import pytest

from infra.clickhouse.cluster import Cluster, make_cluster
from infra.clickhouse.roles import ROLES, role_statements, user_statements
from infra.migrate import known_migrations
from infra.store import Store, StoreRejected

INFRA = Path(__file__).parents[3] / "infra"
CLUSTER = make_cluster("main", "groundswell", known_migrations())
ON_BOTH = pytest.mark.parametrize("cluster", [None, CLUSTER], ids=["one server", "cluster"])


@ON_BOTH
def test_clickhouse_reads_every_statement(store: Store, cluster: Cluster | None) -> None:
    passwords = dict.fromkeys(ROLES, "a long password")
    users = user_statements("groundswell", cluster, passwords, lambda: "s4lt")
    for statement in [*role_statements("groundswell", cluster), *users]:
        assert store.query("SELECT formatQuery({sql:String})", {"sql": statement})
        assert ("ON CLUSTER" in statement) == (cluster is not None)


def granted(role: str, cluster: Cluster | None = None) -> set[str]:
    grants = [
        re.fullmatch(rf"GRANT(?: ON CLUSTER `main`)? (.*) ON .* TO .*\bgroundswell_{role}\b.*", one)
        for one in role_statements("groundswell", cluster)
    ]
    return {word for found in grants if found for word in found[1].split(", ")}


@ON_BOTH
def test_who_only_looks_can_do_nothing_else(cluster: Cluster | None) -> None:
    assert granted("reader", cluster) == granted("grafana", cluster) == {"SELECT"}


def test_only_the_migrator_makes_and_drops_tables() -> None:
    making = ("CREATE", "DROP", "TRUNCATE", "ALTER TABLE", "ALL")
    for role in ROLES:
        does = {word for word in granted(role) if word.startswith(making)}
        assert bool(does) == (role == "migrator"), role


ANYBODY = {"settings", "tables", "columns", "databases", "one", "functions"}
"""Tables of `system` that a server shows, as it is shipped, to whom nothing was granted."""
ASKED: dict[str, tuple[str, ...]] = {
    "writer": ("queries/*.sql", "clickhouse/queries/*.sql"),
    "grafana": ("grafana/queries/*/*.sql",),
    "backup": ("clickhouse/backup.sql", "clickhouse/tables.sql", "clickhouse/counts.sql"),
    "migrator": ("migrations/*.sql",),
}
"""What a role asks."""


@pytest.mark.parametrize("role", ASKED)
def test_a_role_may_read_all_of_the_system_that_it_asks(role: str) -> None:
    """The embedded engine lets everybody; a server, as it is shipped, wants a grant for each."""
    files = [file for asked in ASKED[role] for file in sorted(INFRA.glob(asked))]
    assert files
    asked = {
        table
        for file in files
        for table in re.findall(r"^[^-\n]*\bsystem\.(\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    may = {
        found[1]
        for one in role_statements("groundswell", None)
        if (found := re.fullmatch(rf"GRANT SELECT ON system\.(\w+) TO groundswell_{role}", one))
    }
    assert asked - may - ANYBODY == set()


def test_what_grafana_is_not_shown_are_columns_that_there_are(store: Store) -> None:
    for statement in role_statements("groundswell", None):
        if found := re.match(r"REVOKE SELECT\((.*)\) ON groundswell\.(\w+) FROM", statement):
            store.query(f"SELECT {found[1]} FROM {found[2]} LIMIT 0")


def test_limits_are_settings_that_there_are(store: Store) -> None:
    for statement in role_statements("groundswell", CLUSTER):
        if "SETTINGS PROFILE" not in statement:
            continue
        names = re.findall(r"(\w+) = ", statement)
        known = store.query("SELECT name FROM system.settings")
        assert set(names) <= {name for (name,) in known}
    [grafana] = [s for s in role_statements("groundswell", None) if "readonly = 1" in s]
    assert re.search(r"max_execution_time = \d+ MIN 1 MAX \d+ CHANGEABLE_IN_READONLY", grafana)


def test_a_password_is_told_by_its_hash_only() -> None:
    statements = user_statements("g", None, {"grafana": "correct horse"}, lambda: "abc")
    digest = hashlib.sha256(b"correct horseabc").hexdigest()
    assert all("correct horse" not in statement for statement in statements)
    assert f"sha256_hash BY '{digest}' SALT 'abc'" in statements[0]
    for wrong in ({"nobody": "correct horse"}, {"grafana": "short"}):
        with pytest.raises(StoreRejected):
            user_statements("g", None, wrong, lambda: "abc")
