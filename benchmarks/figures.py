"""Figures of several runs, and the file they are kept in."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

LATEST = Path(__file__).parent / "latest.json"


class Effort(Struct, frozen=True):
    """How much is run: `rounds` runs of each figure, each a `share` of its usual length."""

    rounds: int = 5
    share: float = 1.0

    def of(self, usual: int, least: int = 1) -> int:
        """So many instead of the usual number."""
        return max(least, round(usual * self.share))


def spread(values: Sequence[float]) -> dict[str, float]:
    """Smallest, middle and largest."""
    return {
        "min": round(min(values), 4),
        "median": round(statistics.median(values), 4),
        "max": round(max(values), 4),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(title: str, figures: Mapping[str, object], indent: int = 0) -> str:
    """Figures as lines of text, spreads as `median (min to max)`."""
    lines = [f"{'  ' * indent}{title}"]
    for name, value in figures.items():
        if not isinstance(value, Mapping):
            lines.append(f"{'  ' * (indent + 1)}{name:<44} {_shown(value)}")
        elif set(value) == {"min", "median", "max"}:
            low, middle, high = (_shown(value[key]) for key in ("min", "median", "max"))
            lines.append(f"{'  ' * (indent + 1)}{name:<44} {middle} ({low} to {high})")
        else:
            lines.append(table(name, value, indent + 1))
    return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write_latest(figures: Mapping[str, object]) -> None:
    """Write `figures` to the file, over those of the same name; others stay."""
    kept: dict[str, object] = {}
    if LATEST.exists():
        kept = msgspec.json.decode(LATEST.read_bytes(), type=dict[str, object])
    LATEST.write_bytes(msgspec.json.format(msgspec.json.encode(kept | dict(figures)), indent=1))
    print(f"written to benchmarks/{LATEST.name}")
