"""What can be done to a line, each with a name. All of it passes; then the line is left alone.

A fault begins where it is called and is over when it returns.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from tests.faults.between import Mood
from tests.faults.disk import SmallDisk, protect, unprotect
from tests.faults.replay_line import WORKERS, ReplayLine
from tests.faults.stage_line import EmbeddedServers, StageLine
from tests.waiting import wait_until


class Line(Protocol):
    """A run that things are done to."""

    told: list[str]

    def ended(self) -> bool: ...
    def stored(self) -> int: ...
    def kill(self, name: str) -> None: ...
    def signal(self, name: str, number: signal.Signals) -> None: ...


Fault = Callable[[Any], None]
"""Done to one kind of line."""


LONGEST_WAIT = 1.2
"""Seconds from the moment at which something may happen until it does, at most."""
SLOWEST_START = 90.0
LONGEST_PAUSE = 20.0
"""Seconds without a row more after which a line counts as stuck by what was done to it before."""


def hold(line: Line, seconds: float) -> None:
    """Let time pass, up to the end of the run."""
    end = time.monotonic() + seconds
    wait_until(lambda: line.ended() or time.monotonic() > end, seconds=seconds + 5)


def kill(name: str, line: Line) -> None:
    """SIGKILL."""
    line.kill(name)


def freeze(name: str, seconds: float, line: Line) -> None:
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
    while not line.ended() and time.monotonic() < end:
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


def fill_disk(disk: SmallDisk, seconds: float, line: Line) -> None:
    """The disk is full for a while."""
    disk.fill()
    try:
        hold(line, seconds)
    finally:
        disk.make_room()


def spoil_store(servers: EmbeddedServers, mood: Mood, seconds: float, line: StageLine) -> None:
    """The database refuses, hangs or takes no writes for a while, for all but its owner.

    Refine is killed at the same time: it reads what it must know when it starts.
    """
    servers.store.turn(mood)
    try:
        line.kill("refine")
        hold(line, seconds)
    finally:
        servers.store.turn("well")


def spoil_broker(servers: EmbeddedServers, mood: Mood, seconds: float, line: StageLine) -> None:
    """Nobody reaches the broker for a while."""
    servers.broker.turn(mood)
    try:
        hold(line, seconds)
    finally:
        servers.broker.turn("well")


def freeze_broker(servers: EmbeddedServers, seconds: float, line: StageLine) -> None:
    """The broker itself stands still, and with it every clock of its groups."""
    os.kill(servers.broker_pid, signal.SIGSTOP)
    try:
        hold(line, seconds)
    finally:
        os.kill(servers.broker_pid, signal.SIGCONT)


def join_and_leave(every: float, times: int, line: StageLine) -> None:
    """Processes come to help and go without a word, with messages in flight."""
    for number in range(times):
        name = ("refine", "score")[number % 2]
        line.join(f"{name} {number}", (name,))
        hold(line, every)
        line.leave(f"{name} {number}")


def wake_a_zombie(seconds: float, line: StageLine) -> None:
    """A process is frozen while another one takes over its partitions, and then goes on."""
    line.join("score again", ("score",))
    freeze("score", seconds, line)
    hold(line, seconds / 2)
    line.leave("score again")


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


def stage_faults(
    names: Sequence[str], seconds: float, servers: EmbeddedServers | None = None
) -> Mapping[str, Fault]:
    """Every fault for stages by themselves; some need servers of ours, which can be spoilt."""
    faults: dict[str, Fault] = {f"kill {name}": partial(kill, name) for name in names}
    for name in names:
        faults[f"freeze {name} for {seconds:.0f} s"] = partial(freeze, name, seconds)
    faults["workers join and leave"] = partial(join_and_leave, 5.0, 2)
    faults["a zombie wakes"] = partial(wake_a_zombie, seconds)
    if servers is None:
        return faults
    moods: Sequence[Mood] = ("refuse", "hang", "read_only")
    for mood in moods:
        faults[f"store: {mood} for {seconds:.0f} s"] = partial(spoil_store, servers, mood, seconds)
    for mood in moods[:2]:
        name = f"broker: {mood} for {seconds:.0f} s"
        faults[name] = partial(spoil_broker, servers, mood, seconds)
    faults[f"freeze broker for {seconds:.0f} s"] = partial(freeze_broker, servers, seconds)
    return faults


def do(name: str, fault: Fault, line: Line, *, once: int) -> None:
    """Do it once so many rows are on disk, or soon if that number does not rise any more."""
    most, end = 0, time.monotonic() + SLOWEST_START

    def is_time() -> bool:
        nonlocal most, end
        stored = line.stored()
        if stored > most:
            most, end = stored, time.monotonic() + LONGEST_PAUSE
        return line.ended() or stored >= once or time.monotonic() > end

    wait_until(is_time, seconds=300, what=f"the moment to {name}")
    # Not just after a batch was written, when there is least in hand.
    hold(line, random.Random(f"{name} {once}").uniform(0, LONGEST_WAIT))
    if not line.ended():
        line.told.append(name)
        fault(line)


def uncertain(told: Sequence[str]) -> frozenset[str]:
    """Figures that these faults may change.

    One refiner of several does not know what the others pass: a text may have two first voices.
    """
    return frozenset({"voices"} if any("join" in name for name in told) else ())


def sequence(seed: int, faults: Mapping[str, Fault], *, rows: int) -> list[tuple[str, int]]:
    """Three to five faults, each with the number of rows on disk from which it may happen."""
    chance = random.Random(f"violence {seed}")
    names = chance.choices(sorted(faults), k=chance.randrange(3, 6))
    moments = sorted(chance.randrange(rows // 20, rows * 4 // 5) for _ in names)
    return list(zip(names, moments, strict=True))
