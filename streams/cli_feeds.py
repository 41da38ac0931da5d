"""The commands around feeds: feeds list, feeds status.

What takes long to import is imported in functions.
"""

from typing import Annotated

import typer

HELP = """What is read continuously: which feeds there are, and how far they have come.

Example: groundswell feeds status
"""


def register(app: typer.Typer) -> None:
    """Add the commands around feeds to `app`."""
    commands = typer.Typer(name="feeds", help=HELP, no_args_is_help=True)
    commands.command("list")(list_feeds)
    commands.command()(status)
    app.add_typer(commands)


def list_feeds(
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """List the feeds of the settings, and what is missing to read them.

    Example: GROUNDSWELL_CONFIG=groundswell.yaml groundswell feeds list
    """
    import msgspec

    from infra.settings import Settings
    from streams.feed_report import listed

    found = listed(Settings())
    for one in found:
        words = f"{one.name}  {one.type}  as {one.source}  {one.problem or 'ready'}"
        typer.echo(msgspec.json.encode(one).decode() if as_json else words)
    if not found and not as_json:
        typer.echo("no feeds: set `feeds` in groundswell.yaml, see docs/feeds.md")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    hours: Annotated[
        float, typer.Option(min=0.1, max=87_600, help="of which gaps are shown")
    ] = 24.0,
) -> None:
    """Say of each feed: its last post, how far it is behind, its rate, errors and gaps.

    Works beside a running line.

    Example: groundswell feeds status --json
    """
    from datetime import UTC, datetime, timedelta

    import msgspec

    from infra.feeds.report import feed_report
    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.feed_report import lines_of

    settings = Settings()
    store = open_beside(settings)
    try:
        now = datetime.now(UTC)
        report = feed_report(store, settings.feeds, now, over=timedelta(hours=hours))
    finally:
        store.close()
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
        return
    for line in lines_of(report, now):
        typer.echo(line)
