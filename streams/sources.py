"""What a feed reads, as its settings say: a file or the simulator."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from infra.pace import Limits, Stretch, paced, speeds
from infra.replay import ReplayFile, read, scan
from processors.arrivals import Arrival
from processors.simulate import simulate
from processors.simulate_plan import DayPlan, LoadPlan
from streams.feed import Batches, FeedStage
from streams.stage import Place

BATCH = 400


class FileFeed(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file of posts, at `speed` times its own pace; None is as fast as the line goes."""

    name: str
    path: str
    mapping: dict[str, str]
    speed: float | None = None


class SimulatedFeed(msgspec.Struct, frozen=True, kw_only=True, tag="simulated"):
    """The simulator's posts, the same for the same plan and seed.

    Outside [watch_from, watch_until) a day passes as fast as the line goes.
    """

    name: str
    plan: DayPlan | LoadPlan
    seed: int
    speed: float | None = None
    watch_from: datetime | None = None
    watch_until: datetime | None = None


FeedSpec = FileFeed | SimulatedFeed


def feed_stage(place: Place) -> FeedStage:
    """The feed stage for the feed that the settings describe."""
    spec = msgspec.json.decode(place.settings.feed, type=FeedSpec)

    def source(is_done: Callable[[int], bool]) -> Batches:
        arrivals = (arrival for arrival in arrivals_of(spec) if not is_done(arrival.position))
        return paced(
            arrivals,
            speed_at=speeds(spec.speed, stretches_of(spec)),
            clock=time.monotonic,
            sleep=asyncio.sleep,
            limits=Limits(max_batch=BATCH),
        )

    return FeedStage(place, spec.name, source)


def arrivals_of(spec: FeedSpec) -> Iterator[Arrival]:
    """Arrivals in order, with positions 0, 1, 2, ... in that order."""
    if isinstance(spec, SimulatedFeed):
        yield from simulate(spec.plan, seed=spec.seed, feed=spec.name)
        return
    file = file_of(spec)
    for position, arrival in enumerate(read(file, scan(file))):
        yield msgspec.structs.replace(arrival, position=position)


def file_of(spec: FileFeed) -> ReplayFile:
    """The file to read, as of now."""
    return ReplayFile(
        path=Path(spec.path), now=datetime.now(UTC), mapping=spec.mapping, feed=spec.name
    )


def stretches_of(spec: FeedSpec) -> tuple[Stretch, ...]:
    """The times that pass as fast as the line goes."""
    if isinstance(spec, FileFeed) or spec.watch_from is None or spec.watch_until is None:
        return ()
    whole = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return Stretch(whole[0], spec.watch_from, None), Stretch(spec.watch_until, whole[1], None)
