"""One process with one or more stages, until it is told to stop."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any

import msgspec
import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from infra.metrics import Meter, Reading, show_disk
from infra.model_registry import FOLLOWS, Registry
from infra.settings import Settings
from infra.store import FolderInUse, Store, StoreUnavailable
from infra.traces import open_traces
from streams.stage import Place, Stage

Build = Callable[[Place], Stage]
COLLECTED_AFTER = (50_000, 20, 100)
"""When Python looks for cycles: a batch of posts makes thousands of objects and no cycle."""
log = structlog.get_logger()


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker tells its supervisor, a line of JSON at a time."""

    ready: bool
    readings: list[Reading]
    error: str = ""  # why it cannot run: starting it again will not help
    busy: bool = False  # has messages in hand: whether that takes too long is for its watchdog
    finished: bool = False  # its work is done: it ends and need not be started again


def _feed(place: Place) -> Stage:
    from streams.sources import feed_stage

    return feed_stage(place)


def _feeds(place: Place) -> Stage:
    from streams.feeds import feeds_stage

    return feeds_stage(place)


def _refine(place: Place) -> Stage:
    from streams.rebuild import rebuilt_refiner
    from streams.refine import refine_stage

    return refine_stage(place, rebuilt_refiner(place))


def _score(place: Place) -> Stage:
    from processors.score import load_scorer
    from streams.score import score_stage

    settings = place.settings
    load = partial(
        load_scorer,
        settings.model,
        threads=settings.score_threads,
        torch=settings.torch_options(log.bind(stage="score").info),
    )
    if settings.model not in FOLLOWS:
        return score_stage(place, load())
    from streams.swap import SwappingScorer

    scorer = SwappingScorer(
        Registry(settings.data), lambda english: load(english=english), place.meter
    )
    return score_stage(place, scorer)


def _store(place: Place) -> Stage:
    from streams.store import store_stage
    from streams.upkeep import UpkeptStage

    return UpkeptStage(store_stage(place), place)


def _watch(place: Place) -> Stage:
    from streams.announce import Announcer
    from streams.watch import WatchStage

    return WatchStage(place, Announcer(place.settings))


def _deliver(place: Place) -> Stage:
    from streams.deliver import DeliverStage

    return DeliverStage(place)


# Imported only when built: a process pays only for the stages it runs.
STAGES: Mapping[str, Build] = {
    "feed": _feed,
    "feeds": _feeds,
    "refine": _refine,
    "score": _score,
    "store": _store,
    "watch": _watch,
    "deliver": _deliver,
}


async def run_worker(names: Sequence[str], settings: Settings, *, status_fd: int | None) -> None:
    """Run the stages until SIGTERM or SIGINT; then stop them in the order given."""
    gc.set_threshold(*COLLECTED_AFTER)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    registry = CollectorRegistry()
    meters = {name: Meter(name, registry) for name in names}
    if settings.metrics_port:
        ProcessCollector(registry=registry)
        start_http_server(settings.metrics_port, registry=registry)
    traces = open_traces(os.environ)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, traces.close)
        store = await stack.enter_async_context(opened_store(settings, owner="store" in names))
        stages = [
            await asyncio.to_thread(STAGES[name], Place(settings, store, meters[name], traces))
            for name in names
        ]
        beat = asyncio.create_task(
            _beat(status_fd, list(meters.values()), stages, ready := asyncio.Event())
        )
        stack.callback(beat.cancel)
        if settings.metrics_port and not settings.clickhouse and settings.data.is_dir():
            show_disk(settings.data, registry)
        if settings.metrics_port and settings.kafka:
            stack.enter_context(lags_shown(names, settings, registry))
        from streams.watchdog import guarded

        guard = guarded(stages, settings, store)
        stack.callback(guard.stop)
        guard.start()
        starting = asyncio.gather(*(stage.start() for stage in stages))
        await _first(starting, stopping)
        if not stopping.is_set():
            ready.set()
            log.info("ready", stages=list(names))
            await _first(asyncio.ensure_future(_end_of(stages)), stopping)
        guard.stop()
        finished = not stopping.is_set()
        # Also where one of them gave up: consumers that nobody stops keep the process alive.
        for stage in stages:
            await stage.stop()
        if errors := [error for stage in stages if (error := getattr(stage, "error", None))]:
            raise errors[0]
        if finished:
            _say(status_fd, list(meters.values()), finished=True)
    log.info("stopped", stages=list(names))


@contextmanager
def lags_shown(
    names: Sequence[str], settings: Settings, registry: CollectorRegistry
) -> Iterator[None]:
    """While in the block the lags of these stages are among the metrics."""
    from infra.lag import LagMeter
    from streams.lags import lag_readers

    meter = LagMeter(lag_readers(settings, names), registry)
    meter.start()
    try:
        yield
    finally:
        meter.stop()


@asynccontextmanager
async def opened_store(settings: Settings, *, owner: bool) -> AsyncIterator[Store]:
    """The database; the embedded one is opened and served to the others by its one owner."""
    from infra.migrate import migrate, refuse_newer
    from infra.open_store import open_store
    from infra.store_socket import serve_store

    embedded = not settings.clickhouse
    mine = settings.model_copy(update={"socket": None}) if owner and embedded else settings
    store = await _once_free(partial(open_store, mine))
    if owner and embedded:
        from infra.store_owned import OwnedStore

        store = OwnedStore(store)
    try:
        await reachable(store)
        await asyncio.to_thread(migrate if owner else refuse_newer, store)
        if owner and embedded and settings.socket:
            server = serve_store(store, settings.socket)
            try:
                yield store
            finally:
                server.close()
        else:
            yield store
    finally:
        store.close()


async def _once_free(open_it: Callable[[], Store], *, patience: float = 10.0) -> Store:
    """Open the folder, which a process that was just killed may still hold for a moment.

    Raises FolderInUse after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return await asyncio.to_thread(open_it)
        except FolderInUse:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def reachable(store: Store, *, patience: float = 60.0) -> None:
    """Wait until the database answers. Raises StoreUnavailable after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            await asyncio.to_thread(store.query, "SELECT 1")
        except StoreUnavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def _end_of(stages: Sequence[Stage]) -> list[None]:
    """Returns when all have finished, or one has given up."""
    waits = {asyncio.create_task(_finished(stage)) for stage in stages}
    try:
        while waits and not any(getattr(stage, "error", None) for stage in stages):
            _, waits = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    return []


async def _finished(stage: Stage) -> None:
    """Returns when a stage that can end has ended; most never do."""
    await getattr(stage, "finished", asyncio.Event()).wait()


async def _first(work: "asyncio.Future[list[None]]", stopping: asyncio.Event) -> None:
    """Wait for the work or the wish to stop; failures of the work come through."""
    stop = asyncio.create_task(stopping.wait())
    both: list[asyncio.Future[Any]] = [work, stop]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()
    work.cancel()
    stop.cancel()


async def _beat(
    fd: int | None, meters: "Sequence[Meter]", stages: Sequence[Stage], ready: asyncio.Event
) -> None:
    pulses = [pulse for stage in stages if (pulse := getattr(stage, "pulse", None))]
    while fd is not None:
        _say(fd, meters, ready=ready.is_set(), busy=any(pulse.in_hand for pulse in pulses))
        await asyncio.sleep(0.25)


def _say(
    fd: int | None,
    meters: "Sequence[Meter]",
    *,
    ready: bool = True,
    busy: bool = False,
    finished: bool = False,
) -> None:
    if fd is None:
        return
    readings = [meter.reading() for meter in meters]
    beat = Heartbeat(ready=ready, readings=readings, busy=busy, finished=finished)
    with suppress(BlockingIOError):  # the supervisor is behind: it wants the newest, not all
        os.write(fd, msgspec.json.encode(beat) + b"\n")
