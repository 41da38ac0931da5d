"""What a feed reads, as its settings say: a file, the simulator or the outbox."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from infra.pace import Limits, Stretch, paced, speeds
from infra.replay import ReplayFile, read, scan
from processors.arrivals import Arrival
from processors.faults import EARLIEST
from processors.records import RawPost
from processors.simulate import simulate
from processors.simulate_plan import DayPlan, LoadPlan
from streams.feed import Batches, FeedStage
from streams.outbox import OutboxFeed, OutboxStage
from streams.stage import Place, Stage

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
    published_now: bool = False  # posts are published as they are read, to measure latency


FeedSpec = FileFeed | SimulatedFeed


def feed_stage(place: Place) -> Stage:
    """The feed stage for the feed that the settings describe."""
    spec = msgspec.json.decode(place.settings.feed, type=FeedSpec | OutboxFeed)
    if isinstance(spec, OutboxFeed):
        return OutboxStage(place)

    async def source(is_done: Callable[[int], bool]) -> Batches:
        # A file that is not in order of time is read whole first: not on the event loop.
        arrivals = await asyncio.to_thread(arrivals_of, spec)
        last: datetime | None = None

        def pending() -> Iterator[Arrival]:
            nonlocal last
            for arrival in arrivals:
                last = arrival.at
                if not is_done(arrival.position):
                    yield arrival

        batches = paced(
            pending(),
            speed_at=speeds(spec.speed, stretches_of(spec)),
            clock=time.monotonic,
            sleep=asyncio.sleep,
            limits=Limits(max_batch=BATCH),
        )
        async for batch in batches:
            yield batch
        if last is not None:  # the clock also passes rows that needed no sending
            yield [], last

    return FeedStage(place, spec.name, source)


def arrivals_of(spec: FeedSpec) -> Iterator[Arrival]:
    """Arrivals in order, with positions 0, 1, 2, ... in that order."""
    if isinstance(spec, SimulatedFeed):
        arrivals = simulate(spec.plan, seed=spec.seed, feed=spec.name)
        return map(_published_now, arrivals) if spec.published_now else arrivals
    file = file_of(spec)
    return (
        msgspec.structs.replace(arrival, position=position)
        for position, arrival in enumerate(read(file, scan(file)))
    )


def _published_now(arrival: Arrival) -> Arrival:
    assert isinstance(arrival.item, RawPost)
    now = datetime.now(UTC)
    item = msgspec.structs.replace(arrival.item, published_at=now, observed_at=now)
    return msgspec.structs.replace(arrival, item=item)


def file_of(spec: FileFeed) -> ReplayFile:
    """The file to read.

    What it holds is no younger than the file: that bounds its times, the same at every start, so
    that rows keep their order and their positions.
    """
    path = Path(spec.path)
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    now = changed if changed >= EARLIEST else datetime.now(UTC)
    return ReplayFile(path=path, now=now, mapping=spec.mapping, feed=spec.name)


def stretches_of(spec: FeedSpec) -> tuple[Stretch, ...]:
    """The times that pass as fast as the line goes."""
    if isinstance(spec, FileFeed) or spec.watch_from is None or spec.watch_until is None:
        return ()
    whole = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return Stretch(whole[0], spec.watch_from, None), Stretch(spec.watch_until, whole[1], None)
