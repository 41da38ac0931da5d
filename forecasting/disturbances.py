"""What may go wrong with a planned line, played through its queues."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from forecasting.capacity import Plan, Stage
from forecasting.queueing import Outcome, Series, scaled, simulate

STEP = 1.0
BEFORE = 60
AFTER = 6 * 3600
# Until Kafka gives a lost worker's partitions to the others, and until there is a new one.
SESSION = 30
RESTART = 300
QUEUES = ("refine", "score", "store")


class Played(Struct, frozen=True, kw_only=True):
    """A disturbance in words, how long it took, in seconds, and what it did."""

    what: str
    seconds: int
    outcome: Outcome


def play(plan: Plan, *, burst: float = 20.0, burst_seconds: int = 300) -> tuple[Played, ...]:
    """Each disturbance by itself, on a line at the peak of its usual day."""
    return (
        _burst(plan, burst, burst_seconds),
        *_workers_lost(plan),
        _slow_shard(plan, factor=0.25, seconds=600),
        _down(plan, seconds=60),
    )


def _burst(plan: Plan, times: float, seconds: int) -> Played:
    """Over the average, while it is the average that comes."""
    average = plan.load.posts_per_second
    steps = _steps(seconds)
    arrivals = scaled(steps, average, factor=times, since=BEFORE, until=BEFORE + seconds)
    capacities = [(name, np.full(steps, most)) for name, most in _capacities(plan)]
    return _played(f"{times:g} times the average for {seconds} s", seconds, arrivals, capacities)


def _workers_lost(plan: Plan) -> Iterator[Played]:
    """One process of each stage. First its part waits, then the others do it, then it is back."""
    for stage in plan.stages:
        if stage.name not in QUEUES:
            continue
        yield _worker_lost(plan, stage)


def _worker_lost(plan: Plan, stage: Stage) -> Played:
    """Seen by the lost one's part of the posts: that of the others is served as ever at first."""
    seconds = SESSION + RESTART
    steps = _steps(seconds)
    arrivals = np.full(steps, _peak(plan) / stage.processes)
    capacities = []
    for name, most in _capacities(plan):
        part = np.full(steps, most / stage.processes)
        if name == stage.name:
            part[BEFORE : BEFORE + SESSION] = 0.0
            part[BEFORE + SESSION : BEFORE + seconds] *= 1 - 1 / stage.processes
        capacities.append((name, part))
    return _played(
        f"one {stage.name} process of {stage.processes} lost", seconds, arrivals, capacities
    )


def _slow_shard(plan: Plan, *, factor: float, seconds: int) -> Played:
    """An insert ends when its slowest shard has it, so all shards go at the pace of this one."""
    what = f"one shard of {plan.shards} at {factor:.0%} of its speed for {seconds} s"
    return _store_slowed(plan, what, factor=factor, seconds=seconds)


def _down(plan: Plan, *, seconds: int) -> Played:
    return _store_slowed(plan, f"ClickHouse away for {seconds} s", factor=0.0, seconds=seconds)


def _store_slowed(plan: Plan, what: str, *, factor: float, seconds: int) -> Played:
    steps = _steps(seconds)
    store = np.minimum(
        _constant(plan, "store", steps),
        scaled(
            steps,
            plan.database_capacity / plan.load.matched,
            factor=factor,
            since=BEFORE,
            until=BEFORE + seconds,
        ),
    )
    capacities = [
        (name, store if name == "store" else np.full(steps, most))
        for name, most in _capacities(plan)
    ]
    return _played(what, seconds, np.full(steps, _peak(plan)), capacities)


def _played(
    what: str, seconds: int, arrivals: Series, capacities: list[tuple[str, Series]]
) -> Played:
    outcome = simulate(arrivals, capacities, step=STEP, ends=float(BEFORE + seconds))
    return Played(what=what, seconds=seconds, outcome=outcome)


def _capacities(plan: Plan) -> Iterator[tuple[str, float]]:
    """Of each queue, in posts that come in: only some of them reach score and store."""
    for stage in plan.stages:
        if stage.name in QUEUES:
            share = plan.load.matched if stage.name != "refine" else 1.0
            yield stage.name, stage.capacity / share


def _constant(plan: Plan, name: str, steps: int) -> Series:
    return np.full(steps, dict(_capacities(plan))[name])


def _peak(plan: Plan) -> float:
    return plan.load.posts_per_second * plan.load.peak


def _steps(seconds: int) -> int:
    return BEFORE + seconds + AFTER
