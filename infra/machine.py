"""What this process runs on, and how much memory it has taken."""

import os
import platform
import shutil
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


def free_disk_mb(folder: Path) -> int:
    """Room for this user on the disk of an existing folder, in MB. Raises OSError."""
    return shutil.disk_usage(folder).free // 1_000_000


def spare_memory_mb(
    meminfo: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")
) -> int:
    """Memory that may still be taken, in MB: of the machine, or of the container's limit if that
    is less (proc(5), the kernel's cgroup-v2). 0 where the kernel does not tell.
    """
    spare = 0
    for line in meminfo.read_text().splitlines() if meminfo.exists() else ():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            spare = int(rest.split()[0]) * 1024 // 1_000_000
    try:
        limit = (group / "memory.max").read_text().strip()
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return spare
    return spare if limit == "max" else min(spare, max(0, int(limit) - used) // 1_000_000)
