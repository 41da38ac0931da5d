"""make bench-forecast: the forecaster beside others, on real counts of brand mentions by the hour.

python -m benchmarks.forecast FOLDER [--origins N] [--only NAME...]

FOLDER holds CSVs of `timestamp,value`, five minutes a row (NAB realTweets). Rolling origin: each
method sees what came before an origin and tells the next 24 hours; errors are in units of the mean
absolute error of the seasonal naive on the part it saw.
"""

import argparse
import csv
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecasting.calendar import HOUR, Calendar, hours_of
from forecasting.fit import carried, fit
from forecasting.history import History, history
from forecasting.project import project
from forecasting.quantiles import LEVELS, MEDIAN

Floats = NDArray[np.float64]
Told = Callable[[Floats, datetime], Floats]
"""Counts by the hour and the time of the first -> quantiles of the next AHEAD, (AHEAD, levels)."""

AHEAD: Final = 24
APART: Final = 75  # hours between two origins: all times of the day
WIDTHS: Final = {95: (0, 8), 90: (1, 7), 80: (2, 6), 50: (3, 5)}
SAMPLES: Final = 500


class Series(NamedTuple):
    """Counts by the hour."""

    name: str
    start: datetime
    counts: Floats


def read(folder: Path) -> list[Series]:
    """Every CSV in the folder, summed by the hour."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        with path.open() as file:
            rows = list(csv.DictReader(file))
        values = np.array([float(row["value"]) for row in rows])
        whole = len(values) // 12 * 12
        start = datetime.fromisoformat(rows[0]["timestamp"]).replace(tzinfo=UTC)
        found.append(Series(path.stem, start, values[:whole].reshape(-1, 12).sum(axis=1)))
    return found


def groundswell(counts: Floats, start: datetime) -> Floats:
    """As the product forecasts."""
    calendar = Calendar()
    hours = hours_of(calendar, start, len(counts) + AHEAD)
    known = fit(history(counts, start), hours.part(0, len(counts)), calendar)
    return project(known, hours.part(len(counts)), calendar).quantiles()


def naive(season: int) -> Told:
    """Repeat the last season, with the errors that would have had, on logs."""

    def told(counts: Floats, _: datetime) -> Floats:
        logs = np.log1p(counts)
        errors = np.quantile(logs[season:] - logs[:-season], LEVELS)
        errors[MEDIAN] = 0.0  # it repeats
        return np.expm1(np.maximum(logs[len(logs) - season :][:AHEAD, None] + errors, 0.0))

    return told


def prophet(counts: Floats, start: datetime) -> Floats:
    """Prophet with daily and weekly seasonality, on logs."""
    import pandas as pd
    from prophet import Prophet

    times = pd.date_range(start.replace(tzinfo=None), periods=len(counts) + AHEAD, freq="h")
    frame = pd.DataFrame({"ds": times[: len(counts)], "y": np.log1p(counts)})
    model = Prophet(daily_seasonality=True, weekly_seasonality=True, uncertainty_samples=SAMPLES)
    model.fit(frame, seed=1)
    np.random.seed(1)
    drawn = model.predictive_samples(pd.DataFrame({"ds": times[len(counts) :]}))["yhat"]
    return np.expm1(np.maximum(np.quantile(drawn, LEVELS, axis=1).T, 0.0))


def statsforecast(name: str) -> Told:
    """MSTL with AutoETS for the trend, or AutoETS alone, on logs."""

    def told(counts: Floats, _: datetime) -> Floats:
        from statsforecast.models import MSTL, AutoETS

        if name == "mstl":
            model = MSTL(season_length=[24, 168], trend_forecaster=AutoETS(model="ZZN"))
        else:
            model = AutoETS(season_length=24)
        answer = model.forecast(y=np.log1p(counts), h=AHEAD, level=list(WIDTHS))
        quantiles = np.empty((AHEAD, len(LEVELS)))
        quantiles[:, MEDIAN] = answer["mean"]
        for width, (low, high) in WIDTHS.items():
            quantiles[:, low] = answer[f"lo-{width}"]
            quantiles[:, high] = answer[f"hi-{width}"]
        return np.expm1(np.clip(quantiles, 0.0, 40.0))

    return told


METHODS: Final[dict[str, Told]] = {
    "groundswell": groundswell,
    "seasonal naive 24": naive(24),
    "seasonal naive 168": naive(168),
    "MSTL + AutoETS": statsforecast("mstl"),
    "AutoETS": statsforecast("ets"),
    "Prophet": prophet,
}


def origins(series: Series, count: int) -> Iterator[int]:
    """Where histories end, the last one a day before the end."""
    for i in range(count):
        cut = len(series.counts) - AHEAD - i * APART
        if cut >= 3 * 168:
            yield cut


def measure(every: list[Series], names: list[str], count: int) -> dict[str, dict[str, float]]:
    """Mean figures of each method over all series and origins."""
    levels = np.asarray(LEVELS)
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for series in every:
        for cut in origins(series, count):
            seen, truth = series.counts[:cut], series.counts[cut : cut + AHEAD]
            scale = float(np.abs(seen[24:] - seen[:-24]).mean())
            for name in names:
                begun = time.process_time()
                quantiles = METHODS[name](seen, series.start)
                took = time.process_time() - begun
                off = truth[:, None] - quantiles
                found[name].append(
                    [
                        float(np.abs(off[:, MEDIAN]).mean()) / scale,
                        float(np.maximum(levels * off, (levels - 1) * off).mean()) / scale,
                        float(((off[:, 2] >= 0) & (off[:, 6] <= 0)).mean()),
                        float(((off[:, 0] >= 0) & (off[:, 8] <= 0)).mean()),
                        1000 * took,
                    ]
                )
        print(f"{series.name} done", file=sys.stderr)
    columns = ("mase", "pinball", "inside80", "inside95", "cpu_ms")
    told = {}
    for name, rows in found.items():
        table = np.asarray(rows)
        told[name] = dict(zip(columns, table.mean(axis=0).tolist(), strict=True))
        told[name] |= {
            "mase_median": float(np.median(table[:, 0])),
            "cpu_ms": float(np.median(table[:, 4])),
            "forecasts": float(len(table)),
        }
    return told


def update_ms(series: Series) -> float:
    """CPU milliseconds to carry a fit over a day of hours and to tell two weeks by the hour."""
    calendar = Calendar()
    end = len(series.counts) - AHEAD
    hours = hours_of(calendar, series.start, end + AHEAD + 14 * 24)
    known = fit(history(series.counts[:end], series.start), hours.part(0, end), calendar)
    day = History(
        start=series.start + end * HOUR,
        counts=series.counts[end:],
        seen=np.ones(AHEAD, dtype=np.bool_),
    )
    took = []
    for _ in range(20):
        begun = time.process_time()
        moved = carried(known, day, hours.part(end, end + AHEAD))
        project(moved, hours.part(end + AHEAD), calendar).quantiles()
        took.append(time.process_time() - begun)
    return 1000 * float(np.median(took))


def main() -> None:
    """Print a table, and all figures as JSON on the last line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--origins", type=int, default=8, help="a series (8)")
    parser.add_argument("--only", nargs="+", choices=list(METHODS), default=list(METHODS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    every = read(arguments.folder)
    if not every:
        parser.error(f"no CSV in {arguments.folder}")
    begun = time.monotonic()
    for name in arguments.only:  # compiling and importing is not measured
        METHODS[name](every[0].counts[: 3 * 168], every[0].start)
    told = measure(every, arguments.only, arguments.origins)
    print(f"{'':20} MASE   median  pinball  80 %   95 %   CPU ms a forecast (median)")
    for name, row in sorted(told.items(), key=lambda pair: pair[1]["pinball"]):
        print(
            f"{name:20} {row['mase']:.3f}  {row['mase_median']:.3f}   {row['pinball']:.4f}   "
            f"{row['inside80']:.3f}  {row['inside95']:.3f}  {row['cpu_ms']:8.1f}"
        )
    update = update_ms(every[0])
    print(f"an update of groundswell: {update:.1f} CPU ms")
    took = timedelta(seconds=round(time.monotonic() - begun))
    print(json.dumps({"methods": told, "update_cpu_ms": update, "took": str(took)}))


if __name__ == "__main__":
    main()
