"""What `groundswell plan` says, as lines for people and as JSON."""

import math
from collections.abc import Iterator, Sequence

import msgspec

from forecasting.capacity import Plan, Rates, limits
from forecasting.disturbances import Played

HEAD = ("stage", "processes", "cores", "GPUs", "posts/s", "busy")


def as_lines(plan: Plan, played: Sequence[Played], rates: Rates) -> Iterator[str]:
    """The plan, what it cannot hold, and what disturbances would do to it."""
    load = plan.load
    yield (
        f"{load.posts_per_second:,.0f} posts/s on average, {load.peak:g} times that at the peak of "
        f"a usual day; {load.brands:,} brands, named in {load.matched:.0%} of posts"
    )
    yield f"rates: {rates.measured}" + ("" if rates.gpu_measured else "; that of a GPU is assumed")
    yield ""
    yield from _table([HEAD, *_stages(plan)], right=range(1, 6))
    yield ""
    yield f"Kafka       {plan.partitions} partitions a topic, {_size(plan.kafka_bytes)} on disk"
    shards = "1 shard" if plan.shards == 1 else f"{plan.shards:,} shards"
    yield (
        f"ClickHouse  {shards} of {load.replicas} replicas, "
        f"{plan.database_cores // plan.shards} cores each; {_size(plan.database_bytes_a_month)} a "
        f"month, {_size(plan.database_bytes)} after {load.kept_days:g} days"
    )
    yield f"network     {_size(plan.network_bytes_per_second)}/s through Kafka at the peak"
    yield f"what costs  {_drivers(plan)}"
    for limit in limits(plan, rates):
        yield f"note: {limit}"
    yield ""
    head = ("at the peak", "waits most", "backlog", "worst lag", "recovered after")
    yield from _table([head, *map(_disturbance, played)], right=range(2, 5))


def as_json(plan: Plan, played: Sequence[Played], rates: Rates) -> str:
    """All of it, for a program; what has no bound is null."""
    said = {
        "plan": plan,
        "cores": plan.cores,
        "gpus": plan.gpus,
        "limits": limits(plan, rates),
        "disturbances": played,
        "rates": rates,
    }
    return msgspec.json.encode(said).decode()


def _stages(plan: Plan) -> Iterator[tuple[str, ...]]:
    for stage in plan.stages:
        busy = "" if math.isinf(stage.capacity) else f"{stage.arriving / stage.capacity:.0%}"
        yield (
            stage.name,
            f"{stage.processes:,}",
            f"{stage.cores:,.4g}",
            f"{stage.gpus:,}" if stage.gpus else "",
            f"{stage.arriving:,.0f}",
            busy,
        )
    yield ("together", "", f"{plan.cores:,.0f}", f"{plan.gpus:,}" if plan.gpus else "", "", "")


def _disturbance(one: Played) -> tuple[str, ...]:
    outcome = one.outcome
    after = "not within six hours" if outcome.recovery is None else _time(outcome.recovery)
    waiting = outcome.waiting or "nothing"
    return (one.what, waiting, f"{outcome.backlog:,.0f}", _time(outcome.worst_lag), after)


def _drivers(plan: Plan) -> str:
    """Who takes the cores, ClickHouse's included, the largest first."""
    cores = {stage.name: stage.cores for stage in plan.stages}
    cores["ClickHouse"] = plan.database_cores * plan.load.replicas
    whole = sum(cores.values())
    largest = sorted(cores, key=lambda name: -cores[name])[:3]
    told = ", ".join(f"{name} {cores[name] / whole:.0%}" for name in largest)
    gpus = f"; {plan.gpus:,} GPUs" if plan.gpus else ""
    return f"{whole:,.0f} cores, of which {told}{gpus}"


def _table(rows: Sequence[Sequence[str]], *, right: range) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _size(count: float) -> str:
    """In decimal units, as disks are sold.

    >>> _size(1.5e12), _size(2.04e9)
    ('1.5 TB', '2 GB')
    """
    for unit, one in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= one:
            return (
                f"{count / one:,.3g} {unit}" if count / one < 10 else f"{count / one:,.0f} {unit}"
            )
    return f"{count / 1e3:,.0f} kB"


def _time(seconds: float) -> str:
    """
    >>> _time(0.0), _time(65.0), _time(4000.0)
    ('0 s', '65 s', '67 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
