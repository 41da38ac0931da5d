"""What this process runs on."""

import os
import shutil
from pathlib import Path

from infra.machine import cores, free_disk_mb, machine


def test_only_cores_this_process_may_use_are_counted() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
        assert machine().endswith(", 1 core")
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)


def test_the_room_on_a_disk(tmp_path: Path) -> None:
    assert 0 < free_disk_mb(tmp_path) <= shutil.disk_usage(tmp_path).total // 1_000_000
