"""How often each limit opens an incident of a brand to which nothing happens: where LIMITS is from.

    python -m benchmarks.calibrate [--data NAB] [--brands 40] [--days 28] [--seed 1]

Prints, for limits of each kind, the false incidents a brand-week of simulated quiet brands from
their first day on, through the very fold that the watch stage runs; then, for each sensitivity,
the limit where that is what is meant, between the two nearest on a log scale. `forecasting.limits`
has them to the nearest 0.05, and bursts to the nearest step in which they are told.

With the series in NAB (real tweet volumes) half as many brands as are simulated have these volumes,
for about as many weeks, and simulated moods; the limits of shares are then those of both together.
Their bursts and falls are real, so they say nothing of the limits of volumes.
"""

import argparse
import math
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.quiet import quiet_brand, quiet_moods, real_volumes
from forecasting.detector_state import SCALES
from forecasting.incident import IncidentState, judge
from forecasting.limits import LIMITS
from forecasting.records import Bucket, Limits, Policy

WEEK = 7 * 288  # buckets
STEPS = 8
SHARES = tuple(2.4 + 0.2 * i for i in range(STEPS))
BURSTS = tuple(0.6 + 0.3 * i for i in range(STEPS))
FALLS = tuple(2.5 + 0.5 * i for i in range(STEPS))
KINDS = {"share": SHARES, "burst": BURSTS, "fall": FALLS}
OF = {
    "negative_surge": "share",
    "mood_shift": "share",
    "volume_surge": "burst",
    "silence": "fall",
}
Opened = tuple[Counter[tuple[int, str]], Counter[tuple[int, int]]]


def main() -> None:
    """Print the table and what follows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brands", type=int, default=40)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    simulated = [(options.seed, i, options.days) for i in range(options.brands)]
    paths = sorted(options.data.glob("Twitter_volume_*.csv")) if options.data else []
    many = options.brands // 2 if paths else 0
    real = [(options.seed, i, paths[i % len(paths)]) for i in range(many)]
    with ProcessPoolExecutor(options.jobs) as pool:
        opened, by_window = _sum(pool.map(_simulated, simulated))
        weeks = options.brands * options.days / 7
        rates = _rates(opened, weeks)
        for kind, values in KINDS.items():
            _print(kind, values, rates[kind])
        _print_windows(by_window, weeks)
        if real:
            more, more_windows = _sum(pool.map(_real, real))
            more_weeks = sum(len(real_volumes(path)) for _, _, path in real) / WEEK
            _print("share, real volumes", SHARES, _rates(more, more_weeks)["share"])
            _print_windows(more_windows, more_weeks)
            rates["share"] = _rates(opened + more, weeks + more_weeks)["share"]
            _print("share, both", SHARES, rates["share"])
    for name, of in LIMITS.items():
        found = {k: _limit(KINDS[k], rates[k], of.false_a_week) for k in KINDS}
        print(f"{name:9}{of.false_a_week:5}", *(f"{k} {v:.2f}" for k, v in found.items()))


def _print_windows(opened: Counter[tuple[int, int]], weeks: float) -> None:
    """Which window opens the false incidents of mood: each about as many (signals.ALLOWANCES)."""
    for window in SCALES:
        minutes = 5 * window
        rates = [opened[step, minutes] / weeks for step in range(STEPS)]
        _print(f"of share, opened by {minutes} min", SHARES, rates)


def _print(name: str, values: tuple[float, ...], rates: list[float]) -> None:
    print(f"{name}:", *(f"{v:.1f}: {r:.3f}" for v, r in zip(values, rates, strict=True)))


def _rates(opened: Counter[tuple[int, str]], weeks: float) -> dict[str, list[float]]:
    return {kind: [opened[step, kind] / weeks for step in range(STEPS)] for kind in KINDS}


def _sum(brands: Iterator[Opened]) -> Opened:
    opened: Counter[tuple[int, str]] = Counter()
    by_window: Counter[tuple[int, int]] = Counter()
    for of_kind, of_window in brands:
        opened.update(of_kind)
        by_window.update(of_window)
    return opened, by_window


def _simulated(job: tuple[int, int, int]) -> Opened:
    seed, brand, days = job
    return _count(list(quiet_brand(np.random.default_rng([seed, brand]), days)))


def _real(job: tuple[int, int, Path]) -> Opened:
    seed, brand, path = job
    rng = np.random.default_rng([seed, brand, 1])
    return _count(list(quiet_moods(rng, real_volumes(path))))


def _count(buckets: list[Bucket]) -> Opened:
    """Incidents of one brand at each limit: by kind, and those of mood by window."""
    opened: Counter[tuple[int, str]] = Counter()
    by_window: Counter[tuple[int, int]] = Counter()
    for step in range(STEPS):
        limits = Limits(false_a_week=0.0, share=SHARES[step], burst=BURSTS[step], fall=FALLS[step])
        policy = Policy(limits=limits)
        state = IncidentState()
        for bucket in buckets:
            state, _, changes = judge(state, "quiet", bucket, policy=policy)
            new = [change for change in changes if change.change == "opened"]
            opened.update((step, OF[change.kind]) for change in new)
            moods = (change for change in new if OF[change.kind] == "share")
            by_window.update((step, change.minutes) for change in moods)
    return opened, by_window


def _limit(values: tuple[float, ...], rates: list[float], wanted: float) -> float:
    for i in range(len(values) - 1):
        if rates[i] >= wanted >= rates[i + 1]:
            low, high = (math.log(max(rate, 1e-4)) for rate in (rates[i + 1], rates[i]))
            part = (high - math.log(wanted)) / max(high - low, 1e-9)
            return values[i] + part * (values[i + 1] - values[i])
    return math.nan


if __name__ == "__main__":
    main()
