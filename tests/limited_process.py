"""The embedded database with the rights of one role, served on a socket until its parent goes.

The engine takes the rights of its one user from a file. Added are those that a server's user does
not need: to name the database at the start, and to read inserted rows from a file.

    python -m tests.limited_process FOLDER ROLE
"""

import re
import sys
from pathlib import Path

from infra.clickhouse.roles import role_statements
from infra.migrate import migrate
from infra.store_chdb import DATABASE, ChdbStore
from infra.store_socket import serve_store

OWN = ("GRANT CREATE DATABASE ON *.*", "GRANT FILE ON *.*", "GRANT CREATE TEMPORARY TABLE ON *.*")
USERS = """<clickhouse><users><default><password></password>
<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants>{grants}</grants></default></users>
<profiles><default></default></profiles><quotas><default></default></quotas></clickhouse>"""


def users_file(role: str) -> str:
    """The file that gives the engine's user the rights of a role."""
    rights = [
        found[1]
        for statement in role_statements(DATABASE, None)
        if (
            found := re.fullmatch(
                rf"((?:GRANT|REVOKE) .*) (?:TO|FROM) {DATABASE}_{role}", statement
            )
        )
    ]
    return USERS.format(grants="".join(f"<query>{one}</query>" for one in (*rights, *OWN)))


def main(folder: Path, role: str) -> None:
    """Serve until stdin ends."""
    (folder / "users.xml").write_text(users_file(role))
    (folder / "config.xml").write_text(
        f"<clickhouse><users_config>{folder}/users.xml</users_config></clickhouse>"
    )
    store = ChdbStore(folder / "database", options={"config-file": folder / "config.xml"})
    server = serve_store(store, folder / "socket")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.close()
    store.close()


def prepare(folder: Path) -> None:
    """Make the tables, with all rights."""
    store = ChdbStore(folder / "database")
    migrate(store)
    store.close()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        main(Path(sys.argv[1]), sys.argv[2])
    else:
        prepare(Path(sys.argv[1]))
