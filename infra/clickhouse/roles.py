"""Who may do what on a server: roles, their limits, and users that have one of them."""

import hashlib
from collections.abc import Callable, Mapping
from importlib import resources
from string import Template
from typing import Final

from infra.clickhouse.cluster import NAME, Cluster
from infra.migrate import parse_migration
from infra.store import StoreRejected

ROLES: Final = ("migrator", "writer", "reader", "grafana", "backup")
LEAST: Final = 12
"""Characters of a password."""


def role_statements(database: str, cluster: Cluster | None) -> list[str]:
    """Statements that make the roles of a database, `<database>_writer` and so on, with limits."""
    if not NAME.fullmatch(database):
        raise StoreRejected(f"no name of a database: {database!r}")
    words = {
        "database": database,
        "local": cluster.local if cluster else database,
        "on_cluster": f" ON CLUSTER `{cluster.name}`" if cluster else "",
    }
    files = ("roles.sql", "roles_of_cluster.sql") if cluster else ("roles.sql",)
    statements: list[str] = []
    for file in files:
        text = resources.files("infra.clickhouse").joinpath(file).read_text(encoding="utf-8")
        statements += parse_migration(f"0_{file}", Template(text).substitute(words)).statements
    return list(dict.fromkeys(statements))  # on one server both databases are the same


def user_statements(
    database: str, cluster: Cluster | None, passwords: Mapping[str, str], salt: Callable[[], str]
) -> list[str]:
    """Statements that make a user for each role named, called as the role, or give it the password.

    They hold a salted hash and not the password. `salt` gives another word each time. Raises
    StoreRejected for what is no role, and for a password that is too short to be one.
    """
    on = f" ON CLUSTER `{cluster.name}`" if cluster else ""
    statements = []
    for role, password in passwords.items():
        if role not in ROLES:
            raise StoreRejected(f"{role} is no role; there are {', '.join(ROLES)}")
        if len(password) < LEAST:
            raise StoreRejected(f"the password for {role} has less than {LEAST} characters")
        name, grain = f"{database}_{role}", salt()
        digest = hashlib.sha256(f"{password}{grain}".encode()).hexdigest()
        known = f"IDENTIFIED WITH sha256_hash BY '{digest}' SALT '{grain}'"
        statements += [
            f"CREATE USER IF NOT EXISTS {name}{on} {known}",
            f"ALTER USER {name}{on} {known}",
            f"GRANT{on} {name} TO {name}",
            f"ALTER USER {name}{on} DEFAULT ROLE {name}",
        ]
    return statements
