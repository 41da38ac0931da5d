"""One fault at a time, in the middle of a run: it changes no count."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.disk import small_disk
from tests.faults.replay_line import ReplayLine
from tests.faults.violence import (
    KILLS,
    do,
    fill_disk,
    forbid_writing,
    freezes,
    kill_in_an_insert,
    uncertain,
)

Replay = Callable[..., ReplayLine]
MIDDLE = 600
MOMENTS = (300, 700, 1_100)
LONG = 60.0
FREEZES = freezes(30)


def test_undisturbed(replay: Replay) -> None:
    """The truth is the truth, and the line is left alone."""
    line = replay(seed=1, seconds=5)
    line.check()


def test_killed_in_an_insert(replay: Replay) -> None:
    line = replay(seed=2)
    do("kill keep in an insert", kill_in_an_insert, line, once=MIDDLE)
    line.check()
    assert "starting again" in line.command.err


def test_a_disk_that_is_full_for_a_while(replay: Replay, short_folder: Path) -> None:
    with small_disk(short_folder / "disk", megabytes=96) as disk:
        line = replay(seed=3, data=short_folder / "disk" / "data", within=disk.within)
        do("fill the disk", lambda line: fill_disk(disk, 6, line), line, once=MIDDLE)
        line.check()
        line.stop()


def test_a_broker_that_is_full_is_changed_for_an_empty_one(replay: Replay) -> None:
    line = replay(seed=8, settings={"GROUNDSWELL_BROKER_MEMORY_MB": "21"})
    line.check()
    assert "the broker is full" in line.command.err
    assert "starting again" not in line.command.err


@pytest.mark.faults
@pytest.mark.parametrize("name", KILLS)
def test_killed(name: str, replay: Replay) -> None:
    line = replay(seed=4)
    for moment in MOMENTS:
        do(name, KILLS[name], line, once=moment)
    line.check(but=uncertain(line.told))


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FREEZES)
def test_frozen_for_half_a_minute(name: str, replay: Replay) -> None:
    line = replay(seed=5, seconds=25)
    do(name, FREEZES[name], line, once=MIDDLE)
    line.check()


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_disk_that_is_full_for_a_minute(replay: Replay, short_folder: Path) -> None:
    with small_disk(short_folder / "disk", megabytes=96) as disk:
        line = replay(seed=6, data=short_folder / "disk" / "data", within=disk.within)
        do("fill the disk", lambda line: fill_disk(disk, LONG, line), line, once=MIDDLE)
        line.check()
        line.stop()


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_folder_that_cannot_be_written_to_for_a_minute(replay: Replay) -> None:
    line = replay(seed=7)
    do("forbid writing", lambda line: forbid_writing(LONG, line), line, once=MIDDLE)
    line.check()
