"""Figures of several runs, and the file they are kept in."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

LATEST = Path(__file__).parent / "latest.json"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Smallest, middle and largest."""
    return {
        "min": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "max": round(max(values), 3),
    }


def write_latest(figures: Mapping[str, object]) -> None:
    """Write `figures` to the file, over those of the same name; others stay."""
    kept: dict[str, object] = {}
    if LATEST.exists():
        kept = msgspec.json.decode(LATEST.read_bytes(), type=dict[str, object])
    LATEST.write_bytes(msgspec.json.format(msgspec.json.encode(kept | dict(figures)), indent=1))
    print(f"written to benchmarks/{LATEST.name}")
