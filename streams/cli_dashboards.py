"""The commands around Grafana's dashboards: build, publish, list.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="for programs")]

DASHBOARDS = """Dashboards for Grafana: write the files it reads, push them to one that runs, list.

Example: groundswell dashboards publish --url https://grafana.example.com
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    dashboards = typer.Typer(name="dashboards", help=DASHBOARDS, no_args_is_help=True)
    dashboards.command("build")(build)
    dashboards.command("publish")(publish)
    dashboards.command("list")(list_dashboards)
    app.add_typer(dashboards)


def build(
    folder: Annotated[Path, typer.Argument(help="where to; made where it is missing")],
) -> None:
    """Write dashboards (JSON) and provisioning (YAML) for a Grafana that reads files.

    The same program writes the same bytes; files that are as they should be are left alone.

    Example: groundswell dashboards build ./grafana
    """
    from streams import dashboards

    typer.echo(dashboards.built(folder))


def publish(
    url: Annotated[str, typer.Option(help="of the Grafana; default: GROUNDSWELL_GRAFANA_URL")] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="with the token of a service account; default: GROUNDSWELL_GRAFANA_TOKEN",
        ),
    ] = None,
    folder: Annotated[str, typer.Option(help="uid of the folder")] = "groundswell",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="also over what somebody saves meanwhile")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be done, and do nothing")
    ] = False,
    as_json: Json = False,
) -> None:
    """Push the dashboards to a Grafana that runs. What is as it should be is left alone.

    Data sources are not pushed: name one ClickHouse there, or use the files of `build`. What was
    changed by hand before is replaced (Grafana keeps it under Versions); what somebody saves while
    this runs is refused.

    Example: groundswell dashboards publish --url https://grafana.example.com --dry-run
    """
    from infra.grafana.publish import Wanted
    from streams import dashboards

    wanted = Wanted(folder=folder, overwrite=overwrite, dry_run=dry_run)
    found = dashboards.published(url, token_file, wanted)
    typer.echo(dashboards.as_json(found) if as_json else dashboards.as_text(found))


def list_dashboards(as_json: Json = False) -> None:
    """List the dashboards there are.

    Example: groundswell dashboards list
    """
    from streams import dashboards

    found = dashboards.listed()
    typer.echo(dashboards.as_json(found) if as_json else dashboards.listed_as_text())
