"""What can be done to a line, each with a name. All of it passes: afterwards the line is left alone.

A fault begins where it is called and is over when it returns.
"""

import random
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.faults.disk import SmallDisk, protect, unprotect
from tests.faults.replay_line import WORKERS, ReplayLine
from tests.waiting import wait_until

Fault = Callable[[ReplayLine], None]


def hold(line: ReplayLine, seconds: float) -> None:
    """Let time pass, up to the end of the run."""
    end = time.monotonic() + seconds
    wait_until(lambda: line.over or time.monotonic() > end, seconds=seconds + 5)


def kill(name: str, line: ReplayLine) -> None:
    """SIGKILL."""
    line.kill(name)


def freeze(name: str, seconds: float, line: ReplayLine) -> None:
    """SIGSTOP, and after a while SIGCONT: to others it was dead, and does not know it."""
    line.signal(name, signal.SIGSTOP)
    hold(line, seconds)
    line.signal(name, signal.SIGCONT)


def kill_in_an_insert(line: ReplayLine) -> None:
    """SIGKILL the owner of the database with a part of a table half written."""
    if caught_writing(line):
        line.kill("keep")


def caught_writing(line: ReplayLine) -> bool:
    """Whether the owner of the database is stopped in the middle of an insert now."""
    end = time.monotonic() + 30
    while not line.over and time.monotonic() < end:
        if not half_written(line.data):
            continue
        line.signal("keep", signal.SIGSTOP)
        if half_written(line.data):
            return True
        line.signal("keep", signal.SIGCONT)
    return False


def half_written(data: Path) -> bool:
    """Whether there is a part that does not have its name yet."""
    return any(data.glob("database/store/*/*/tmp_insert_*"))


def forbid_writing(seconds: float, line: ReplayLine) -> None:
    """The folder of the database can't be written to for a while."""
    protect(line.data / "database")
    try:
        hold(line, seconds)
    finally:
        unprotect(line.data / "database")


def fill_disk(disk: SmallDisk, seconds: float, line: ReplayLine) -> None:
    """The disk is full for a while."""
    disk.fill()
    try:
        hold(line, seconds)
    finally:
        disk.make_room()


KILLS: Mapping[str, Fault] = {
    f"kill {name}": partial(kill, name) for name in (*WORKERS, "broker", "supervisor")
}


def freezes(seconds: float) -> Mapping[str, Fault]:
    """One for each process that can be frozen."""
    return {
        f"freeze {name} for {seconds:.0f} s": partial(freeze, name, seconds)
        for name in (*WORKERS, "broker")
    }


def all_faults(seconds: float) -> Mapping[str, Fault]:
    """Every fault that needs nothing but a line; what lasts, lasts `seconds`."""
    return {
        **KILLS,
        "kill keep in an insert": kill_in_an_insert,
        **freezes(seconds),
        f"forbid writing for {seconds:.0f} s": partial(forbid_writing, seconds),
    }


def do(name: str, fault: Fault, line: ReplayLine, *, once: int) -> None:
    """Do it once so many rows are on disk, or soon if that number does not rise."""
    end = time.monotonic() + 20
    wait_until(
        lambda: line.over or line.stored() >= once or time.monotonic() > end,
        seconds=30,
    )
    if not line.over:
        line.told.append(name)
        fault(line)


def sequence(seed: int, faults: Mapping[str, Fault], *, rows: int) -> list[tuple[str, int]]:
    """Three to five faults, each with the number of rows on disk from which it may happen."""
    chance = random.Random(f"violence {seed}")
    names = chance.choices(sorted(faults), k=chance.randrange(3, 6))
    moments = sorted(chance.randrange(rows // 20, rows * 4 // 5) for _ in names)
    return list(zip(names, moments, strict=True))
