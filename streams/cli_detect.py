"""The command around a series in a file: detect.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from streams.detect import Found


def register(app: typer.Typer) -> None:
    """Add the command of this file to `app`."""
    app.command()(detect)


def detect(
    file: Annotated[
        list[Path],
        typer.Argument(help="CSV, TSV or JSONL of timestamp,volume,negative or timestamp,value"),
    ],
    sensitivity: Annotated[
        str, typer.Option(help="calm, balanced or keen: 0.05, 0.2 or 1 false incidents a week")
    ] = "balanced",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="negative_surge, mood_shift, volume_surge, silence or all; repeatable. Default: "
            "the first two, and volume_surge of a file without negatives"
        ),
    ] = None,
    timezone: Annotated[str, typer.Option(help="of times that name none, as IANA has it")] = "UTC",
    scores: Annotated[
        Path | None,
        typer.Option(metavar="OUT.csv", help="a score of each row, by what came so far"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="a JSON list; open and close are rows, the first is 0")
    ] = False,
) -> None:
    """Find incidents in counts by time: what would have been told, and when.

    A row counts the time from its timestamp on. What cannot be used is named on stderr.

    Example: groundswell detect acme.csv --sensitivity calm --json
    """
    from streams.detect import as_json as to_json
    from streams.detect import asked, check_scores, detect_file, table, write_scores

    check_scores(scores)
    wanted = asked(sensitivity=sensitivity, kinds=kind or (), timezone=timezone)
    found: list[Found] = [detect_file(path, wanted) for path in file]
    for one in found:
        for problem in one.problems:
            typer.echo(f"{one.name}: {problem}", err=True)
    if scores is not None:
        write_scores(scores, found, timezone)
    typer.echo(to_json(found) if as_json else table(found, wanted))
