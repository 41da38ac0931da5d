"""Alerts on injected surges: recall, precision, delay and false alarms, beside vendors' rules.

    python -m benchmarks.surge --bench SURGE_BENCH.py --data NAB --seeds 1021-1040 [--svg OUT.svg]

SURGE_BENCH.py makes the series from the volumes in NAB (real tweet volumes with seeded surges, mood
shifts, hype and outages), scores incidents and runs the rules; it is run as a program. Ours are the
incidents that alert, found by the fold of the watch stage, at each sensitivity and between them.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.curve import Point, svg
from forecasting.records import Policy
from forecasting.rows import CountRow, detect

# name, policy; the three sensitivities and half-way between them
SETTINGS = {
    "calm": Policy(sensitivity="calm"),
    "0.1 a week": Policy(sensitivity="calm", factor=2.0),
    "balanced": Policy(),
    "0.45 a week": Policy(factor=2.25),
    "keen": Policy(sensitivity="keen"),
}
STEP = timedelta(minutes=5)
Spans = list[tuple[int, int | None]]


def main() -> None:
    """Print the table; write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", default="1021-1040", help="FIRST-LAST")
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "all"
        _generate(options.bench, options.data, range(int(first), int(last or first) + 1), data)
        ours = {}
        for name in options.settings.split(","):
            found = _ours(data, name, options.jobs)
            ours[name] = _score(options.bench, data, found)
            print(_line(f"ours, {name}", ours[name]), flush=True)
        print(json.dumps(ours.get("balanced", {}).get("by_kind")))
        rules = _rules(options.bench, data)
    if options.svg:
        points = [_point(f"ours, {name}", result) for name, result in ours.items()]
        options.svg.write_text(svg(points, rules))


def _generate(bench: Path, nab: Path, seeds: Sequence[int], data: Path) -> None:
    """Series of all seeds in one folder, with one truth."""
    data.mkdir()
    truth: dict[str, Any] = {}
    for seed in seeds:
        out = data.parent / f"seed-{seed}"
        _run(bench, "generate", "--base", nab, "--seed", seed, "--out", out)
        for name, events in json.loads((out / "truth.json").read_bytes()).items():
            shutil.move(out / f"{name}.csv", data / f"{name}-{seed}.csv")
            truth[f"{name}-{seed}"] = events
    (data / "truth.json").write_text(json.dumps(truth))


def _ours(data: Path, setting: str, jobs: int) -> dict[str, Spans]:
    paths = sorted(data.glob("*.csv"))
    with ProcessPoolExecutor(jobs) as pool:
        spans = pool.map(_detect, paths, [setting] * len(paths))
        return {path.stem: found for path, found in zip(paths, spans, strict=True)}


def _detect(path: Path, setting: str) -> Spans:
    with path.open(newline="") as file:
        rows = [
            CountRow(
                at=datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC),
                volume=float(row["volume"]),
                negative=float(row["negative"]),
            )
            for row in csv.DictReader(file)
        ]
    scored = detect(rows, STEP, name=path.stem, policy=SETTINGS[setting])
    return [(one.open, one.close) for one in scored.incidents if one.alerts]


def _score(bench: Path, data: Path, found: dict[str, Spans]) -> dict[str, Any]:
    incidents = data.parent / "incidents.json"
    incidents.write_text(json.dumps(found))
    result: dict[str, Any] = json.loads(_run(bench, "score", "--data", data, incidents))
    return result


def _rules(bench: Path, data: Path) -> list[Point]:
    """The vendors' table as it is printed, and its points."""
    table = _run(bench, "rules", "--data", data)
    print(table)
    points = []
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        points.append(Point(name=cells[0], recall=float(cells[1]), false=float(cells[5])))
    return points


def _run(bench: Path, *words: object) -> str:
    command = [sys.executable, str(bench), *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _line(name: str, r: dict[str, Any]) -> str:
    hype, outage = r["hype_alerts"], r["outage_alerts"]
    return (
        f"| {name} | {r['recall']:.3f} | {r['precision']:.3f} | {r['delay_median_min']:.0f} | "
        f"{r['delay_p90_min']:.0f} | {r['false_per_brand_week']:.3f} | "
        f"{r['duplicates_per_event']:.3f} | {hype[0]}/{hype[1]} | {outage[0]}/{outage[1]} | "
        f"closed {r['resolve_lag_median_min']:.0f} min after the end"
    )


def _point(name: str, r: dict[str, Any]) -> Point:
    return Point(name=name, false=r["false_per_brand_week"], recall=r["recall"])


if __name__ == "__main__":
    main()
