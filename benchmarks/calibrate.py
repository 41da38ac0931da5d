"""How often each limit opens an incident of a brand to which nothing happens: where LIMITS is from.

    python -m benchmarks.calibrate [--brands 40] [--days 28] [--seed 1]

Prints, for limits of each kind, the false incidents a brand-week of simulated quiet brands from
their first day on, through the very fold that the watch stage runs; then, for each sensitivity,
the limit where that is what is meant, between the two nearest on a log scale. `forecasting.limits`
has them to the nearest 0.05, and bursts to the nearest step in which they are told.
"""

import argparse
import math
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from benchmarks.quiet import quiet_brand
from forecasting.detector_state import SCALES
from forecasting.incident import IncidentState, judge
from forecasting.limits import LIMITS
from forecasting.records import Limits, Policy

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


def main() -> None:
    """Print the table and what follows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brands", type=int, default=40)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    jobs = [(options.seed, i, options.days) for i in range(options.brands)]
    opened: Counter[tuple[int, str]] = Counter()
    by_window: Counter[tuple[int, int]] = Counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        for of_kind, of_window in pool.map(_count, jobs):
            opened.update(of_kind)
            by_window.update(of_window)
    weeks = options.brands * options.days / 7
    rates = {kind: [opened[step, kind] / weeks for step in range(STEPS)] for kind in KINDS}
    for kind, values in KINDS.items():
        print(f"{kind:6}", *(f"{v:.1f}: {r:.3f}" for v, r in zip(values, rates[kind], strict=True)))
    _print_windows(by_window, weeks)
    for name, of in LIMITS.items():
        found = {k: _limit(KINDS[k], rates[k], of.false_a_week) for k in KINDS}
        print(f"{name:9}{of.false_a_week:5}", *(f"{k} {v:.2f}" for k, v in found.items()))


def _print_windows(opened: Counter[tuple[int, int]], weeks: float) -> None:
    """Which window opens the false incidents of mood: each about as many (signals.ALLOWANCES)."""
    for window in SCALES:
        minutes = 5 * window
        rates = (opened[step, minutes] / weeks for step in range(STEPS))
        line = (f"{v:.1f}: {r:.3f}" for v, r in zip(SHARES, rates, strict=True))
        print(f"of share, opened by {minutes} min:", *line)


def _count(job: tuple[int, int, int]) -> tuple[Counter[tuple[int, str]], Counter[tuple[int, int]]]:
    """Incidents of one brand at each limit: by kind, and those of mood by window."""
    seed, brand, days = job
    buckets = list(quiet_brand(np.random.default_rng([seed, brand]), days))
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
