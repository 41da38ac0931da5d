"""The commands around numbers that move after they were told: rescore, reports.

What takes long to import is imported in functions.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from processors.score import Scorer
    from streams.rescore import Told

NICE = 15
"""How far this process stands back for the line beside it."""
SECONDS_A_LINE = 10.0


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (rescore, reports):
        app.command()(command)


def rescore(
    model: Annotated[
        str | None, typer.Option(help="default: the live model; see `groundswell models`")
    ] = None,
    brand: Annotated[
        list[str] | None, typer.Option("--brand", help="only this one; repeatable")
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0, help="most posts a second; 0: as fast as it goes")
    ] = 100.0,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="again and again, such as 1h, until Ctrl-C")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="what came of it, for programs")] = False,
) -> None:
    """Give stored posts the scores of another model, in the background.

    Old scores count until a brand is done, then all its posts count with the new ones at once.
    Works beside a running line. Stopped or killed, the same command goes on where it was.

    Example: groundswell rescore --rate 50 --brand Acme
    """
    from infra.settings import Settings
    from infra.store import StoreUnavailable
    from streams.learn import seconds_of

    pause = seconds_of(every) if every else 0.0
    os.nice(NICE)
    settings = Settings()

    def once() -> None:
        from contextlib import closing

        import msgspec

        from infra.open_store import open_beside
        from streams.rescore import Pace, as_text
        from streams.rescore import rescore as score_again

        with closing(open_beside(settings)) as store, _progress() as told:
            done = score_again(
                store,
                _scorer(model),
                brand or [],
                pace=Pace(rate or None, time.monotonic, time.sleep),
                now=lambda: datetime.now(UTC),
                told=told,
            )
        typer.echo(msgspec.json.encode(done).decode() if as_json else as_text(done))

    try:
        if not pause:
            once()
        while pause:
            try:
                once()
            except StoreUnavailable as error:  # it may be back the next time
                typer.echo(f"groundswell: {error}", err=True)
            time.sleep(pause)
    except KeyboardInterrupt:
        typer.echo("what is scored is kept: the same command goes on", err=True)
        raise


def reports(
    brand: Annotated[str, typer.Argument(help="its name")],
    since: Annotated[
        str, typer.Option(metavar="TIME", help="only of buckets from then on, such as 2026-03-01")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="for programs, every step")] = False,
) -> None:
    """Tell which numbers of a brand changed after they were told: from what, to what, and why.

    Times are UTC. A number changes when posts come late or are fetched later, are edited, erased
    or scored by another model.

    Example: groundswell reports Acme --since 2026-03-01
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.reports import reports_of
    from infra.settings import Settings
    from streams.reports import as_json as to_json
    from streams.reports import as_text, moment_of

    start = moment_of(since)
    with closing(open_beside(Settings())) as store:
        found = reports_of(store, brand, since=start)
    typer.echo(to_json(found) if as_json else as_text(found))


def _scorer(model: str | None) -> "Scorer":
    """The model of that name; without one what the line scores with, corrections and all."""
    from infra.model_registry import FOLLOWS, Registry
    from infra.settings import Settings
    from processors.score import load_scorer
    from streams.swap import live_english

    if model is not None:
        return load_scorer(model, threads=1)
    settings = Settings()
    live = live_english(Registry(settings.data)) if settings.model in FOLLOWS else None
    options = settings.torch_options()
    return load_scorer(settings.model, threads=1, english=live, torch=options)


@contextmanager
def _progress() -> Iterator["Told"]:
    """A bar for each brand on a terminal; else a line now and then. On stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        yield _lines(lambda line: typer.echo(line, err=True), time.monotonic)
        return
    # Without markup: names of brands may have [brackets].
    name = TextColumn("{task.description}", markup=False)
    columns = (name, BarColumn(), MofNCompleteColumn(), Left())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def told(brand: str, done: int, total: int) -> None:
            if brand not in tasks:
                tasks[brand] = bar.add_task(brand)
            bar.update(tasks[brand], completed=done, total=total or 1)

        yield told


def _lines(say: Callable[[str], None], clock: Callable[[], float]) -> "Told":
    last = clock()

    def told(brand: str, done: int, total: int) -> None:
        nonlocal last
        if clock() - last >= SECONDS_A_LINE:
            last = clock()
            say(f"{brand}: {done:,} of {total:,} posts")

    return told
