"""CPU seconds of the detector: a bucket of each of 1,000 brands, and 90 days of one.

    python -m benchmarks.detector [--brands 1000] [--days 90]

An evaluation reads a brand's state from JSON, judges a bucket and writes the state, as watch does.
"""

import argparse
import time

import msgspec
import numpy as np

from benchmarks.quiet import quiet_brand
from forecasting.incident import IncidentState, judge


def main() -> None:
    """Print both times and how long a state is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brands", type=int, default=1000)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    buckets = list(quiet_brand(np.random.default_rng(3), options.days))
    begin = time.process_time()
    state = IncidentState()
    for bucket in buckets[:-1]:
        state, _, _ = judge(state, "one", bucket)
    seconds = time.process_time() - begin
    print(f"{len(buckets):,} buckets of one brand: {seconds:.2f} s CPU")
    body = msgspec.json.encode(state)
    begin = time.process_time()
    for i in range(options.brands):
        after, verdict, _ = judge(
            msgspec.json.decode(body, type=IncidentState), str(i), buckets[-1]
        )
        msgspec.json.encode(after)
        msgspec.json.encode(verdict)
    seconds = time.process_time() - begin
    print(f"one bucket of {options.brands:,} brands: {seconds:.2f} s CPU, {len(body):,} bytes each")


if __name__ == "__main__":
    main()
