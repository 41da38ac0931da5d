"""What this process runs on."""

import os

from infra.machine import cores, machine


def test_only_cores_this_process_may_use_are_counted() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
        assert machine().endswith(", 1 core")
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)
