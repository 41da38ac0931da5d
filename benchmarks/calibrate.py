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
from forecasting.incident import IncidentState, judge
from forecasting.limits import LIMITS
from forecasting.records import Limits, Policy

STEPS = 8
SHARES = tuple(2.0 + 0.3 * i for i in range(STEPS))
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
    with ProcessPoolExecutor(options.jobs) as pool:
        for one in pool.map(_count, jobs):
            opened.update(one)
    weeks = options.brands * options.days / 7
    rates = {kind: [opened[step, kind] / weeks for step in range(STEPS)] for kind in KINDS}
    for kind, values in KINDS.items():
        print(f"{kind:6}", *(f"{v:.1f}: {r:.3f}" for v, r in zip(values, rates[kind], strict=True)))
    for name, of in LIMITS.items():
        found = {k: _limit(KINDS[k], rates[k], of.false_a_week) for k in KINDS}
        print(f"{name:9}{of.false_a_week:5}", *(f"{k} {v:.2f}" for k, v in found.items()))


def _count(job: tuple[int, int, int]) -> Counter[tuple[int, str]]:
    """Incidents of one brand at each limit."""
    seed, brand, days = job
    buckets = list(quiet_brand(np.random.default_rng([seed, brand]), days))
    opened: Counter[tuple[int, str]] = Counter()
    for step in range(STEPS):
        limits = Limits(false_a_week=0.0, share=SHARES[step], burst=BURSTS[step], fall=FALLS[step])
        policy = Policy(limits=limits)
        state = IncidentState()
        for bucket in buckets:
            state, _, changes = judge(state, "quiet", bucket, policy=policy)
            opened.update(
                (step, OF[change.kind]) for change in changes if change.change == "opened"
            )
    return opened


def _limit(values: tuple[float, ...], rates: list[float], wanted: float) -> float:
    for i in range(len(values) - 1):
        if rates[i] >= wanted >= rates[i + 1]:
            low, high = (math.log(max(rate, 1e-4)) for rate in (rates[i + 1], rates[i]))
            part = (high - math.log(wanted)) / max(high - low, 1e-9)
            return values[i] + part * (values[i + 1] - values[i])
    return math.nan


if __name__ == "__main__":
    main()
