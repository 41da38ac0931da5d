"""The command `forecast`: of a file, or how good the line's own forecasts were.

What takes long to import is imported in functions.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(forecast)


def forecast(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="CSV: timestamp,volume[,negative] or timestamp,value; gzipped too"
        ),
    ] = None,
    horizon: Annotated[str, typer.Option(metavar="TIME", help="how far ahead, up to 14d")] = "24h",
    step: Annotated[
        str, typer.Option(metavar="TIME", help="of the answer, such as 1h; as the rows are")
    ] = "",
    timezone: Annotated[
        str, typer.Option(help="of times without a zone, and of days and weeks")
    ] = "UTC",
    holidays: Annotated[
        str, typer.Option(help="whose public holidays are free days, such as US or DE-BY")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="for a program")] = False,
    out: Annotated[Path | None, typer.Option(help="write a CSV there")] = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="BRAND", help="how good its forecasts were; - for all")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=400, help="of --accuracy, up to the newest truth")
    ] = 7,
) -> None:
    """Forecast counts in a file; or tell how good the line's forecasts were.

    What is wrong with rows is named on stderr; missing rows are not zeros.

    Example: groundswell forecast mentions.csv --horizon 24h --json
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from forecasting.calendar import Calendar, holidays_of
    from infra.series_file import read_series
    from streams.failures import UsageError
    from streams.forecast_file import as_csv, as_json, as_lines, check_file, forecast_file
    from streams.learn import seconds_of

    if accuracy is not None and file is None:
        _accuracy("" if accuracy == "-" else accuracy, days=days, json=json)
        return
    if file is None or accuracy is not None:
        raise UsageError("give a file, or --accuracy and a brand")
    try:
        ZoneInfo(timezone)
        if holidays:
            holidays_of(holidays, {datetime.now(UTC).year})
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"--timezone or --holidays: {error}") from error
    check_file(file)
    read = read_series(file, timezone)
    for problem in read.problems:
        typer.echo(f"{file.name}: {problem}", err=True)
    told = forecast_file(
        read,
        horizon=timedelta(seconds=seconds_of(horizon, option="--horizon")),
        step=timedelta(seconds=seconds_of(step, option="--step")) if step else None,
        calendar=Calendar(timezone=timezone, holidays=holidays),
    )
    if out is not None:
        out.write_text(as_csv(told), encoding="utf-8")
    if json:
        typer.echo(as_json(told, read.problems))
    elif out is None:
        for line in as_lines(told, timezone):
            typer.echo(line)


def _accuracy(brand: str, *, days: int, json: bool) -> None:
    from contextlib import closing

    import msgspec

    from infra.forecasts import accuracy, newest_score
    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.forecast_file import accuracy_lines

    with closing(open_beside(Settings())) as store:
        newest = newest_score(store, brand)
        since = (newest or datetime.now(UTC)) - timedelta(days=days)
        found = accuracy(store, since=since, brand=brand)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    if newest is None or not found:
        of = f" of {brand!r}" if brand else ""
        typer.echo(f"no forecast{of} has met its truth yet: `groundswell stats` lists brands")
        return
    for line in accuracy_lines(found, since=since, until=newest):
        typer.echo(line)
