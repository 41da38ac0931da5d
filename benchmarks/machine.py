"""What the figures were measured on, and how much memory processes take."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from stat import S_ISREG

PAGE = os.sysconf("SC_PAGE_SIZE")


def describe() -> dict[str, object]:
    """The machine, so that figures of different ones are not compared."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * PAGE / 2**30, 1),
        "python": platform.python_version(),
        "onnxruntime": _version("onnxruntime"),
        "chdb": _version("chdb"),
        "load_before": round(os.getloadavg()[0], 2),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # the scorer's benchmark needs no database
        return None


def resident_mb(pids: Sequence[int | str]) -> float:
    """Resident memory of these processes together, pages they share counted for each."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total * PAGE / 2**20


def cpu_seconds(pids: list[int]) -> float:
    """Processor time these processes have used."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def folder_mb(folder: Path) -> float:
    """Bytes on disk below a folder, hard links once. What goes meanwhile is left out: a database
    deletes files that it merged whenever it likes."""
    seen: dict[int, int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                status = (Path(parent) / name).lstat()
            except FileNotFoundError:
                continue
            if S_ISREG(status.st_mode):
                seen[status.st_ino] = status.st_blocks * 512
    return sum(seen.values()) / 2**20
