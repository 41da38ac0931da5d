"""The command that hands posts over: push.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(push)


def push(
    file: Annotated[
        Path | None, typer.Argument(help="JSON lines, one post a line; - or nothing: stdin")
    ] = None,
    source: Annotated[str, typer.Option(help="source of posts that name none")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="say everything as JSON lines")] = False,
) -> None:
    """Hand posts to the running line. What it says is accepted is on disk.

    Posts have the fields of the topic posts.raw. A line that is none, an array of posts too,
    becomes a dead letter with its reason. While no line runs, or the line has too much waiting,
    this waits. Push the same again whenever in doubt: a post counts once. With GROUNDSWELL_KAFKA
    they go to that Kafka; a line that is larger than it takes is refused, and counted.

    Example: my-crawler | GROUNDSWELL_CONFIG=groundswell.yaml groundswell push --source forum
    """
    from infra.settings import Settings
    from streams.push import PushOptions, run_push

    chosen = None if file is None or str(file) == "-" else file
    options = PushOptions(file=chosen, source=source, as_json=as_json)
    run_push(Settings(), options, lambda words: typer.echo(words))
