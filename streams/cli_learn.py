"""The commands around corrections: correct, learn, rollback.

What takes long to import is imported in functions.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands around corrections to `app`."""
    for command in (correct, learn, rollback):
        app.command()(command)


def correct(
    post_id: Annotated[str | None, typer.Argument(help="SOURCE:NATIVE_ID of a stored post")] = None,
    label: Annotated[str | None, typer.Argument(help="negative, neutral or positive")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="JSONL with post_id or text, label and, if known, language"),
    ] = None,
    by: Annotated[str, typer.Option(help="who says so")] = "",
    note: Annotated[str, typer.Option(help="why")] = "",
) -> None:
    """Say what a post really is. `groundswell learn` learns from it.

    Works beside a running line. The last word on a post counts.

    Example: groundswell correct bluesky:3k1 negative --by ann --note "sarcasm"
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.correct import given_label, keep, read_given
    from streams.failures import UsageError

    if file is not None and post_id is None:
        given = read_given(file)
    elif file is None and post_id is not None and label is not None:
        given = [given_label(post_id, label)]
    else:
        raise UsageError("give a post and its label, or --file with corrections")
    with closing(open_beside(Settings())) as store:
        kept = keep(store, given, by=by, note=note, at=datetime.now(UTC))
    typer.echo(f"kept {kept} correction{'s' * (kept != 1)}")


def learn(
    every: Annotated[
        str, typer.Option(metavar="TIME", help="again and again, such as 1h, until Ctrl-C")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would come of it, change nothing")
    ] = False,
) -> None:
    """Learn from corrections: the new model goes live if it is better and has forgotten nothing.

    Running score workers take it up between two batches. The line learns nothing by itself: leave
    `learn --every 1h` running beside it.

    Example: groundswell learn --dry-run
    """
    # Before numpy is there: on matrices this narrow, threads only wait for each other (40 s for 2).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from functools import partial

    from infra.open_store import open_beside
    from infra.settings import Settings
    from infra.store import StoreUnavailable
    from streams.learn import learn as learn_once
    from streams.learn import seconds_of

    pause = seconds_of(every) if every else 0.0
    settings = Settings()
    once = partial(
        learn_once,
        settings,
        partial(open_beside, settings),
        now=lambda: datetime.now(UTC),
        dry_run=dry_run,
    )
    if not pause:
        typer.echo(once())
    while pause:
        try:
            typer.echo(once())
        except StoreUnavailable as error:  # it may be back the next time
            typer.echo(f"groundswell: {error}", err=True)
        time.sleep(pause)


def rollback() -> None:
    """Go back to the model that was live before the last one.

    Its corrections are kept; the same ones are not learnt again until there are new ones.

    Example: groundswell rollback
    """
    from functools import partial

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.learn import rollback as roll_back

    settings = Settings()
    typer.echo(roll_back(settings, partial(open_beside, settings), now=datetime.now(UTC)))
