"""Arrivals at the right wall time, on a clock that the test owns."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.pace import Limits, Speed, Stretch, paced, speeds
from processors.arrivals import Arrival, BadRow

START = datetime(2026, 3, 4, tzinfo=UTC)


class Batch(NamedTuple):
    wall: float
    positions: list[int]
    clock: datetime


class Wall:
    """A wall clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


def arrivals_at(seconds: Sequence[float]) -> list[Arrival]:
    return [
        Arrival(
            at=START + timedelta(seconds=second),
            position=position,
            item=BadRow(reason="x", detail="", payload=b""),
        )
        for position, second in enumerate(seconds)
    ]


def run(
    seconds: Sequence[float],
    speed_at: Callable[[datetime], Speed],
    *,
    limits: Limits = Limits(),  # noqa: B008
    work: float = 0.0,
) -> list[Batch]:
    wall = Wall()

    async def collect() -> list[Batch]:
        found = []
        arrivals = arrivals_at(seconds)
        stream = paced(arrivals, speed_at=speed_at, clock=wall, sleep=wall.sleep, limits=limits)
        async for batch, line in stream:
            found.append(Batch(wall.now - 100.0, [arrival.position for arrival in batch], line))
            wall.now += work
        return found

    return asyncio.run(collect())


def walls(batches: list[Batch]) -> dict[int, float]:
    return {position: batch.wall for batch in batches for position in batch.positions}


def test_each_arrival_comes_when_it_is_due() -> None:
    seconds = [0, 10, 60, 61, 600]
    found = walls(run(seconds, speeds(60.0)))
    for position, second in enumerate(seconds):
        assert -1e-6 < found[position] - second / 60 < 0.06


def test_the_clock_goes_on_while_nothing_arrives() -> None:
    batches = run([0, 2700], speeds(120.0))
    empty = [batch for batch in batches if not batch.positions]
    assert len(empty) > 80  # 22.5 s of wall time, one a quarter of a second
    assert all(two.wall - one.wall <= 0.27 for one, two in pairwise(batches))
    middle = next(batch for batch in empty if batch.wall > 10)
    assert (middle.clock - START).total_seconds() == pytest.approx(1200, abs=40)
    assert batches[-1].clock == START + timedelta(seconds=2700)


def test_no_speed_means_at_once_in_full_batches() -> None:
    limits = Limits(max_batch=100)
    batches = run(range(0, 250_000, 1000), speeds(None), limits=limits)
    assert [len(batch.positions) for batch in batches] == [100, 100, 50]
    assert batches[-1].wall == 0


def test_quiet_hours_are_rushed_through_and_the_rest_is_not() -> None:
    hour = 3600
    rush = Stretch(START, START + timedelta(hours=8), None)
    found = walls(run([n * hour for n in range(11)], speeds(3600.0, [rush])))
    assert found[7] == 0
    assert found[10] == pytest.approx(found[8] + 2, abs=0.05)


def test_a_rush_in_the_middle_at_a_speed_of_its_own() -> None:
    rush = Stretch(START + timedelta(seconds=100), START + timedelta(seconds=1100), 1000.0)
    found = walls(run([0, 50, 99, 1100, 1110], speeds(10.0, [rush])))
    assert found[2] == pytest.approx(9.9, abs=0.05)
    assert 10 < found[3] < 11.5
    assert found[4] < 12.5


def test_a_slow_consumer_gets_larger_batches_and_keeps_the_schedule() -> None:
    batches = run(range(100), speeds(1.0), limits=Limits(max_batch=20), work=5.0)
    assert max(len(batch.positions) for batch in batches) in range(5, 21)
    assert walls(batches)[99] < 99 + 5.1


def test_a_backlog_never_exceeds_a_batch() -> None:
    batches = run([n / 100 for n in range(1000)], speeds(1.0), limits=Limits(20), work=1.0)
    assert max(len(batch.positions) for batch in batches) == 20
    assert sum(len(batch.positions) for batch in batches) == 1000


def test_nothing_to_read_yields_nothing() -> None:
    assert run([], speeds(1.0)) == []


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        speeds(speed)
    with pytest.raises(ValueError, match="above 0"):
        speeds(1.0, [Stretch(START, START, speed)])


@given(
    seconds=st.lists(st.integers(0, 50).map(float), max_size=40).map(sorted),
    speed=st.sampled_from([None, 0.5, 7.0, 1e9]),
    rush=st.tuples(st.integers(0, 50), st.integers(0, 50), st.sampled_from([None, 100.0])),
    limits=st.builds(Limits, st.integers(1, 5), st.sampled_from([0.1, 1.0])),
    work=st.sampled_from([0.0, 0.5, 30.0]),
)
def test_the_clock_never_passes_what_is_still_to_come(
    seconds: list[float],
    speed: Speed,
    rush: tuple[int, int, Speed],
    limits: Limits,
    work: float,
) -> None:
    begin, end, fast = rush
    stretch = Stretch(START + timedelta(seconds=begin), START + timedelta(seconds=end), fast)
    batches = run(seconds, speeds(speed, [stretch]), limits=limits, work=work)
    order = [position for batch in batches for position in batch.positions]
    assert order == list(range(len(seconds)))
    assert all(one.clock <= two.clock for one, two in pairwise(batches))
    assert all(len(batch.positions) <= limits.max_batch for batch in batches)
    given_so_far = 0
    for batch in batches:
        given_so_far += len(batch.positions)
        due = sum(START + timedelta(seconds=second) <= batch.clock for second in seconds)
        assert due <= given_so_far
    if seconds:
        assert batches[-1].clock == START + timedelta(seconds=seconds[-1])
