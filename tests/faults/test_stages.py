"""Stages as processes of their own, in groups, on servers that fail: no count changes."""

from collections.abc import Callable

import pytest

from tests.faults.between import Mood
from tests.faults.deliver import an_hour_again, carelessly
from tests.faults.stage_line import EmbeddedServers, StageLine
from tests.faults.violence import (
    do,
    join_and_leave,
    spoil_broker,
    spoil_store,
    stage_faults,
    uncertain,
)

Stages = Callable[..., StageLine]
MIDDLE = 400
MOMENTS = (200, 500, 800)
LONG = 60.0
NAMES = ("keep", "refine", "score")
FAULTS = stage_faults(NAMES, 6)


def test_every_message_one_to_five_times_in_another_order(stages: Stages) -> None:
    stages(seed=11, plan=carelessly).check()


def test_an_hour_that_comes_again_a_day_later(stages: Stages) -> None:
    stages(seed=12, plan=an_hour_again).check()


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FAULTS)
def test_alone(name: str, stages: Stages) -> None:
    line = stages(seed=13, seconds=20)
    for moment in MOMENTS:
        do(name, FAULTS[name], line, once=moment)
    line.check(but=uncertain(line.told))


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mood", ["refuse", "hang"])
def test_a_broker_nobody_reaches_for_a_minute(
    mood: Mood, stages: Stages, servers: EmbeddedServers
) -> None:
    line = stages(seed=14)
    do(f"broker: {mood}", lambda line: spoil_broker(servers, mood, LONG, line), line, once=MIDDLE)
    line.check()


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mood", ["refuse", "hang", "read_only"])
def test_a_store_that_fails_for_a_minute(
    mood: Mood, stages: Stages, servers: EmbeddedServers
) -> None:
    line = stages(seed=15)
    do(f"store: {mood}", lambda line: spoil_store(servers, mood, LONG, line), line, once=MIDDLE)
    line.check(but=uncertain(line.told))


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_workers_that_come_and_go_every_five_seconds(stages: Stages) -> None:
    line = stages(seed=16, seconds=25)
    do("join and leave", lambda line: join_and_leave(5, 6, line), line, once=MIDDLE // 2)
    line.check(but=uncertain(line.told))
