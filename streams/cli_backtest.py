"""`groundswell backtest`.

What takes long to import is imported in functions.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from infra.settings import Settings
    from streams.backtest import Asked, Told

SECONDS_A_LINE = 10.0
Sensitivity = Literal["calm", "balanced", "keen"]  # forecasting's own takes long to import


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(backtest)


def backtest(
    brand: Annotated[str, typer.Option(help="its name")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="how far back")] = 90,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="UTC, such as 2026-03-01; default: its last post")
    ] = "",
    sensitivity: Annotated[
        Sensitivity | None, typer.Option(help="default: the brand's setting")
    ] = None,
    against: Annotated[
        Sensitivity | None, typer.Option(help="another sensitivity, to compare with")
    ] = None,
    query: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            help="count stored posts, of any brand, that name one of these, with commas between; "
            "one that has a comma stands in double quotes",
        ),
    ] = "",
    against_query: Annotated[
        str, typer.Option(metavar="WORDS", help="other words, to compare with")
    ] = "",
    backfilled: Annotated[
        bool, typer.Option("--backfilled", help="count what was fetched later as if in time")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="write a picture to this file (SVG)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Show the incidents there would have been in a brand's stored past.

    The very rules that judge the present go over the stored counts, as they are by now; nothing
    is changed and nobody is told. Works beside a running line.

    Example: groundswell backtest --brand Acme --days 90 --sensitivity balanced --against keen
    """
    from contextlib import closing

    from forecasting.picture import svg
    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams import backtest as past
    from streams.reports import moment_of

    if plot is not None:
        past.check_picture(plot)
    settings = Settings()
    asked = _asked(settings, brand, sensitivity, query, backfilled)
    sides = [asked]
    if against is not None or against_query:
        other, words = against or asked.sensitivity, against_query or query
        sides.append(_asked(settings, brand, other, words, backfilled))
    with closing(open_beside(settings)) as store, _progress() as told:
        since, end = past.span_of(
            store, brand, days=days, until=moment_of(until, "--until") if until else None
        )
        found = [
            past.look_back(store, settings, side, since=since, until=end, told=told)
            for side in sides
        ]
    if plot is not None:
        picture = svg([one.test for one in found], [one.title for one in found])
        plot.write_text(picture, encoding="utf-8")
    typer.echo(past.as_json(found) if as_json else "\n\n".join(map(past.as_text, found)))


def _asked(
    settings: "Settings",
    brand: str,
    sensitivity: Sensitivity | None,
    query: str,
    backfilled: bool,
) -> "Asked":
    from streams.backtest import Asked, words_of

    watched = next((b for b in settings.brands if b.name == brand), None)
    words = words_of(query) if query else ()
    usual: Sensitivity = watched.sensitivity if watched else "balanced"
    return Asked(brand=brand, sensitivity=sensitivity or usual, words=words, backfilled=backfilled)


@contextmanager
def _progress() -> Iterator["Told"]:
    """Where reading is: a spinner on a terminal, else a line now and then. On stderr."""
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False)
    if console.is_terminal:
        with console.status("reading") as status:
            yield lambda at: status.update(f"reading posts of {at:%Y-%m-%d}")
        return
    last = time.monotonic()

    def told(at: datetime) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_A_LINE:
            last = time.monotonic()
            typer.echo(f"reading posts of {at:%Y-%m-%d}", err=True)

    yield told
