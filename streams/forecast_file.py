"""`groundswell forecast`: the forecast of a file of counts."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from forecasting.calendar import HOUR, Calendar, hours_of
from forecasting.forecast import forecast, forecast_of
from forecasting.foretell import Series
from forecasting.history import History, history
from forecasting.parts import hourly
from forecasting.phrases import NAME, line
from forecasting.proportion import divided_share, fit_share, project_naive_share, project_share
from forecasting.quantiles import LEVELS, MEDIAN
from forecasting.records import Forecast
from infra.forecasts import Accuracy
from infra.series_file import SeriesFile
from streams.failures import UsageError

USED: Final = timedelta(weeks=8)
FARTHEST: Final = timedelta(days=14)


def check_file(path: Path) -> None:
    """Raise UsageError for what is no file."""
    if path.is_dir():
        raise UsageError(f"{path}: a folder, not a file")
    if not path.exists():
        raise UsageError(f"{path}: no such file")


def forecast_file(
    file: SeriesFile,
    *,
    horizon: timedelta,
    step: timedelta | None = None,
    calendar: Calendar | None = None,
) -> dict[Series, Forecast]:
    """Volume, and where the file has it negative count and share, after its last row.

    Rows that are not there are no zeros. `step`: of the answer; rows are summed. Raises UsageError.
    """
    calendar = calendar or Calendar()
    of_rows = file.step
    if HOUR % of_rows:
        raise UsageError(f"its rows are {of_rows} apart: what divides an hour can be forecast")
    step = step or of_rows
    if step < of_rows or HOUR % step or step % of_rows:
        raise UsageError(f"--step {step}: rows are {of_rows} apart; wanted a multiple, up to 1h")
    if not timedelta(0) < horizon <= FARTHEST:
        raise UsageError(f"--horizon: up to {FARTHEST.days} days")
    start, volume, negative = _grids(file, of_rows, step)
    count = -(-horizon // step)
    kept, seen = _summed(volume, step // of_rows)
    if not _has_hour(seen, HOUR // step):
        raise UsageError("no hour has rows for half of it: too little to forecast by")
    told: dict[Series, Forecast] = {
        "volume": forecast(kept, start, step, count, calendar=calendar, seen=seen)
    }
    if file.rows[0].negative is not None:
        bad, bad_seen = _summed(negative, step // of_rows)
        told["negative"] = forecast(bad, start, step, count, calendar=calendar, seen=bad_seen)
        told["negative_share"] = _share(
            history(kept, start, seen),
            history(bad, start, bad_seen),
            told["volume"],
            step,
            calendar,
        )
    return told


def as_json(told: Mapping[Series, Forecast], problems: tuple[str, ...]) -> str:
    """One object: series -> rows with quantiles by level; and what is to be said of the file."""
    series = {
        name: {
            "model": made.model,
            "rows": [
                {
                    "timestamp": start.isoformat(),
                    "mean": round(mean, 4),
                    "quantiles": {
                        str(level): round(value, 4)
                        for level, value in zip(LEVELS, quantiles, strict=True)
                    },
                }
                for start, mean, quantiles in zip(
                    made.starts, made.mean, made.quantiles, strict=True
                )
            ],
        }
        for name, made in told.items()
    }
    return msgspec.json.encode({"series": series, "problems": problems}).decode()


def as_csv(told: Mapping[Series, Forecast]) -> str:
    """A row a series and bucket, a column a quantile."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "series", "mean", *(f"q{level}" for level in LEVELS), "model"])
    for name, made in told.items():
        for start, mean, quantiles in zip(made.starts, made.mean, made.quantiles, strict=True):
            numbers = (f"{value:.6g}" for value in (mean, *quantiles))
            writer.writerow([start.isoformat(), name, *numbers, made.model])
    return text.getvalue()


def as_lines(told: Mapping[Series, Forecast], timezone: str) -> list[str]:
    """For a person: median and the intervals that hold 80 and 95 times in a hundred."""
    zone = ZoneInfo(timezone)
    lines: list[str] = []
    for name, made in told.items():
        figure = _percent if name == "negative_share" else _count
        if lines:
            lines.append("")
        lines.append(f"{name.replace('_', ' ')}, by the {made.model} model; times are {timezone}")
        lines.append(f"{'':16}  {'median':>8}  {'80 times in 100':^19}  {'95 times in 100':^19}")
        for start, row in zip(made.starts, made.quantiles, strict=True):
            low95, low80, median, high80, high95 = (
                figure(row[i]) for i in (0, 2, MEDIAN, 6, len(LEVELS) - 1)
            )
            lines.append(
                f"{start.astimezone(zone):%Y-%m-%d %H:%M}  {median:>8}  {low80:>7} to {high80:<8}"
                f"  {low95:>7} to {high95}"
            )
    return lines


def accuracy_lines(found: Sequence[Accuracy], *, since: datetime, until: datetime) -> list[str]:
    """For a person: how good the line's own forecasts were, a table a brand."""
    lines = [
        f"Forecasts of {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC that met their truth.",
        "MASE is an error; below the naive forecast's beside it is better.",
    ]
    for brand, of_brand in groupby(found, key=lambda one: one.brand):
        lines += [
            "",
            line(brand, NAME),
            "  series         step   ahead  MASE  naive   80 %   95 %   truths  model",
        ]
        for one in of_brand:
            lines.append(
                f"  {one.series.replace('_', ' '):14} {one.step:5} {one.band:4} h {one.mase:6.2f} "
                f"{one.naive_mase:6.2f}  {100 * one.inside80:3.0f} %  {100 * one.inside95:3.0f} % "
                f"{one.count:8,}  {one.model}"
            )
    return lines


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _grids(
    file: SeriesFile, of_rows: timedelta, step: timedelta
) -> tuple[datetime, History, History]:
    """Start, volume and negative count by rows, with whole steps, the last one ending the file."""
    end = file.rows[-1].at + of_rows
    first = max(file.rows[0].at, end - USED)
    start = end - -(-(end - first) // step) * step
    count = (end - start) // of_rows
    volume, negative = np.zeros(count), np.zeros(count)
    seen = np.zeros(count, dtype=np.bool_)
    for row in file.rows:
        if row.at < start:
            continue
        at = (row.at - start) // of_rows
        volume[at] += row.volume
        negative[at] += row.negative or 0.0
        seen[at] = True
    return start, history(volume, start, seen), history(negative, start, seen)


def _has_hour(seen: Sequence[bool], parts: int) -> bool:
    """Whether any hour, counted from the end, was seen for half of it or longer."""
    whole = seen[len(seen) % parts :] if len(seen) >= parts else seen
    return any(2 * sum(whole[at : at + parts]) >= parts for at in range(0, len(whole), parts))


def _summed(series: History, parts: int) -> tuple[list[float], list[bool]]:
    counts, seen = hourly(series.counts, series.seen, parts)
    return counts.tolist(), seen.tolist()


def _share(
    volume: History, negative: History, posts: Forecast, step: timedelta, calendar: Calendar
) -> Forecast:
    parts = HOUR // step
    skip = len(volume) % parts if len(volume) >= parts else 0
    if len(volume) < parts:
        raise UsageError("less than an hour of rows: too little for a share")
    start = volume.start + skip * step
    by_hour = []
    for each in (volume, negative):
        counts, seen = hourly(each.counts[skip:], each.seen[skip:], parts)
        by_hour.append(History(start=start, counts=counts, seen=seen))
    past = len(by_hour[0])
    ahead = -(-len(posts.starts) // parts)
    hours = hours_of(calendar, start, past + ahead)
    known = fit_share(by_hour[0], by_hour[1], hours.part(0, past))
    each_part = np.asarray(posts.mean)
    filled = np.concatenate([each_part, np.zeros(ahead * parts - len(each_part))])
    an_hour = filled.reshape(-1, parts).sum(axis=1)
    own = project_share(known, hours.part(past), an_hour)
    naive = project_naive_share(known, by_hour[0], by_hour[1], an_hour)
    quantiles, other = (divided_share(each, each_part, parts).quantiles() for each in (own, naive))
    return forecast_of(
        quantiles,
        other[:, MEDIAN],
        own=quantiles[:, MEDIAN],
        first=posts.starts[0],
        step=step,
        model=known.model,
    )
