"""Whether the folder of an embedded line can be written, and has room."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from infra.doctor.finding import Said, fail, ok, warn

LITTLE, TOO_LITTLE = 5.0, 1.0
"""GB free."""


def folder(data: Path) -> Iterator[Said]:
    """The data folder; where it is missing, the folder it will be made in."""
    there = data.resolve()
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield fail(
            f"{there} cannot be written by this user",
            "change its owner, or set GROUNDSWELL_DATA to another folder",
        )
        return
    free = shutil.disk_usage(there).free / 1e9
    name = f"{data}" if data.exists() else f"{data} (made at the first start)"
    said = f"{name}: {free:.1f} GB free on its disk"
    if free < LITTLE:
        told = fail if free < TOO_LITTLE else warn
        yield told(said, "free some, or set GROUNDSWELL_DATA to another disk", free_gb=free)
    else:
        yield ok(said, free_gb=round(free, 1))
