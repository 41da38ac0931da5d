"""make bench: measure, print tables, write benchmarks/latest.json.

python -m benchmarks [NAME...] [--quick] [--rounds N] [--share X]
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from benchmarks import scorer
from benchmarks.figures import Effort, table, write_latest
from benchmarks.machine import describe, folder_mb

NAMES: Mapping[str, str] = {
    "scorer": "the model beside other ways to run it",
    "match": "brand queries beside plain aliases; over brands",
    "refine": "refine beside bare decoding and encoding; over brands; over its memory",
    "hop": "a hop through Faust, beside plain aiokafka",
    "stages": "the whole line without its model, by stage; beside one loop",
    "ratios": "the whole line over its model alone",
    "store": "rows a CPU-second; what a dashboard waits",
    "steady": "an even rate: latency, memory, bounds",
    "recover": "start; from a kill to no lag",
}
QUICK = Effort(2, 0.1)


def main() -> None:
    """Measure what was asked for, or everything."""
    # onnxruntime looks once, when it is imported: it would tell its maker about each run.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    parser.add_argument("--rounds", type=int, help="runs of each figure (5)")
    parser.add_argument("--share", type=float, help="share of the usual length of a run (1)")
    scorer.add_options(parser)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - NAMES.keys():
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    usual = QUICK if arguments.quick else Effort()
    effort = Effort(arguments.rounds or usual.rounds, arguments.share or usual.share)
    for name in arguments.names or NAMES:
        print(f"{name}: {NAMES[name]}", flush=True)
        found = _measured(name, effort, arguments)
        if found is not None:
            print(table(name, found), flush=True)
            write_latest({name: {"machine": describe()} | found})
    if not arguments.names:
        _installed()


def _measured(name: str, effort: Effort, arguments: argparse.Namespace) -> dict[str, object] | None:
    if name == "scorer":
        return scorer.measure(arguments.data, arguments.reference, rounds=effort.rounds)
    measure: Callable[[Effort], dict[str, object]] = import_module(f"benchmarks.{name}").measure
    return measure(effort)


def _installed() -> None:
    megabytes = folder_mb(Path(sys.prefix)) if sys.prefix != sys.base_prefix else None
    print(f"installed size of {Path(sys.prefix).name}: {megabytes or 0:,.0f} MB")
    write_latest({"machine": describe(), "installed_mb": megabytes and round(megabytes)})


if __name__ == "__main__":
    main()
