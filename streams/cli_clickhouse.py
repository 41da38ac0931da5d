"""The commands around a ClickHouse server.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import Annotated

import typer

CLICKHOUSE = """What a ClickHouse server needs beside its tables.

Example: groundswell clickhouse roles
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    group = typer.Typer(name="clickhouse", help=CLICKHOUSE, no_args_is_help=True)
    group.command()(roles)
    group.callback()(_group)
    app.add_typer(group)


def _group() -> None:
    """Without it, a group of one command is that command."""


def roles(
    passwords: Annotated[
        list[str] | None,
        typer.Option(
            "--password",
            metavar="ROLE=FILE",
            help="make a user of this role, with the password in the file; repeatable",
        ),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="do it, on the server named")] = False,
) -> None:
    """Show, or make, roles with no more rights than each needs: migrator, writer, reader, grafana,
    backup.

    The statements hold a salted hash of a password and not the password. Who applies them may
    manage access (access_management). For a cluster set GROUNDSWELL_CLICKHOUSE_CLUSTER.

    Example: groundswell clickhouse roles --password grafana=/run/secrets/grafana
    """
    import secrets
    from contextlib import closing

    from infra.clickhouse.address import database_of
    from infra.clickhouse.roles import role_statements, user_statements
    from infra.clickhouse.server import server_of
    from infra.settings import Settings

    settings = Settings()
    server, cluster = server_of(settings)
    database = database_of(settings.clickhouse.get_secret_value())
    statements = [
        *role_statements(database, cluster),
        *user_statements(database, cluster, _read(passwords or ()), lambda: secrets.token_hex(16)),
    ]
    with closing(server):
        for statement in statements:
            if apply:
                server.command(statement)
            else:
                typer.echo(f"{statement};")
    if apply:
        typer.echo(f"{len(statements)} statements applied")


def _read(given: "list[str] | tuple[()]") -> dict[str, str]:
    from streams.failures import UsageError

    found = {}
    for one in given:
        role, equals, file = one.partition("=")
        if not equals:
            raise UsageError(f"--password {role}: write ROLE=FILE")
        found[role] = Path(file).read_text(encoding="utf-8").strip()
    return found
