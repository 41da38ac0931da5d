"""The commands around what finds a brand: brands check, brands preview, brands list.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import Annotated

import typer

HELP = """What is watched, and by which words: check queries, try them, list them.

Example: groundswell brands check groundswell.yaml
"""
Json = Annotated[bool, typer.Option("--json", help="for programs")]


def register(app: typer.Typer) -> None:
    """Add the commands around brands to `app`."""
    commands = typer.Typer(name="brands", help=HELP, no_args_is_help=True)
    commands.command("list")(list_brands)
    for command in (check, preview):
        commands.command()(command)
    app.add_typer(commands)


def check(
    file: Annotated[
        Path | None, typer.Argument(help="settings; default: what GROUNDSWELL_CONFIG names")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in words what finds each brand, and what in it is wrong or doubtful.

    Doubtful are words that nearly every post has, and parts that can never be true. The exit status
    is 1 if a brand has an error.

    Example: groundswell brands check groundswell.yaml
    """
    import os

    from infra.settings import Settings
    from streams import brands

    config = file or (Path(named) if (named := os.environ.get("GROUNDSWELL_CONFIG")) else None)
    raw = brands.brands_in(config) if config else [one.model_dump() for one in Settings().brands]
    found = brands.checked(raw)
    typer.echo(brands.as_json(found) if as_json else brands.check_text(found))
    if any(one.errors for one in found):
        raise typer.Exit(1)


def preview(
    brand: Annotated[str, typer.Argument(help="its name")],
    query: Annotated[
        str | None, typer.Option(help="try this one in place of its own; default: its own")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 400, help="how far back")] = 24,
    as_json: Json = False,
) -> None:
    """Show what a query would have found in the last stored hours, beside the present one.

    Its aliases, exclusions and languages count as they are in the settings. Nothing is changed.
    Posts that were about no brand are not stored: what a wider query would have found among those
    is not known. Works beside a running line.

    Example: groundswell brands preview Acme --query '(acme OR "acme bikes") AND NOT hiring'
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams import preview as tried

    settings = Settings()
    tried.asked_brand(settings, brand, query)  # before a database is opened
    with closing(open_beside(settings)) as store:
        found = tried.preview(store, settings, brand, query, hours)
    typer.echo(tried.as_json(found) if as_json else tried.as_text(found))


def list_brands(as_json: Json = False) -> None:
    """List the brands of the settings with the version of what finds each.

    The version is kept with every post that is found; another one marks the brand's series.

    Example: groundswell brands list
    """
    import json

    from infra.settings import Settings
    from streams import brands

    found = brands.listed(Settings().brands)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else brands.list_text(found))
