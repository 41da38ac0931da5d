"""What this process runs on, and how much memory it has taken."""

import os
import platform
from pathlib import Path


def cores() -> int:
    """CPU cores this process may use."""
    return len(os.sched_getaffinity(0))


def machine() -> str:
    """Name of the processor and cores, so that figures of different ones are not compared."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    count = cores()
    return f"{next(names, platform.machine())}, {count} core{'s' if count > 1 else ''}"


def memory_mb(pid: int | None = None) -> int:
    """Resident memory of this process, or of another, in MB (10^6 bytes), as the kernel counts it
    (proc(5)); 0 for a process that is gone."""
    try:
        pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
