"""A clock that jumps back an hour in one process, and stays there: no count changes."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.clocks import Clocks
from tests.faults.replay_line import ReplayLine
from tests.faults.violence import do, uncertain

Replay = Callable[..., ReplayLine]
MIDDLE = 500


def test_the_double_turns_back_only_the_clock_it_is_told_to(short_folder: Path) -> None:
    clocks = Clocks(short_folder)
    script = (
        "import time, datetime; input(); print(time.time(), datetime.datetime.now().timestamp())"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [
        subprocess.Popen([sys.executable, "-c", script], env=dict(clocks.settings), **pipes)  # type: ignore[call-overload]
        for _ in range(2)
    ]
    clocks.turn_back(both[0].pid)
    now = datetime.now(UTC).timestamp()
    said = [[float(word) for word in process.communicate("\n")[0].split()] for process in both]
    assert said[0] == pytest.approx([now - 3600] * 2, abs=30)
    assert said[1] == pytest.approx([now] * 2, abs=30)


def turned_back(name: str, replay: Replay, folder: Path) -> ReplayLine:
    clocks = Clocks(folder)
    line = replay(seed=21, settings=clocks.settings)
    do(
        f"turn back the clock of {name}",
        lambda line: clocks.turn_back(line.process(name)),
        line,
        once=MIDDLE,
    )
    return line


@pytest.mark.faults
@pytest.mark.parametrize("name", ["feed", "keep", "refine", "score", "supervisor", "broker"])
def test_back_an_hour(name: str, replay: Replay, short_folder: Path) -> None:
    turned_back(name, replay, short_folder).check()


@pytest.mark.faults
@pytest.mark.parametrize("name", ["feed", "keep"])
def test_back_an_hour_and_killed(name: str, replay: Replay, short_folder: Path) -> None:
    line = turned_back(name, replay, short_folder)
    do(f"kill {name}", lambda line: line.kill(name), line, once=2 * MIDDLE)
    line.check(but=uncertain(line.told))
