"""The embedded line on simulated posts, as fast as it goes or at a given rate."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from benchmarks.machine import cpu_seconds, resident_mb
from infra.brands import Brand
from infra.settings import Settings
from processors.records import RawPost
from processors.simulate import simulate
from processors.simulate_plan import LoadPlan, load_plan
from streams.session import Session, running
from streams.sources import FeedSpec, FileFeed, SimulatedFeed

FEED = "bench"
SEED = 11
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)


class LineRun(Struct, frozen=True, kw_only=True):
    """One run of the line."""

    posts: int
    seconds: float  # from when all stages take part to the last post on disk
    posts_per_second: float
    start_seconds: float  # from the command to the first post on disk
    peak_resident_mb: float
    cpu_seconds: dict[str, float]  # by process, over `seconds`


def plan_of(posts: int, *, reposts: float = 0.0, rate: float = 1_000.0) -> LoadPlan:
    """The posts of a run."""
    return load_plan(posts, start=START, rate=rate, reposts=reposts)


def texts_of(plan: LoadPlan) -> list[str]:
    """Their texts."""
    items = (arrival.item for arrival in simulate(plan, seed=SEED, feed=FEED))
    return [item.text for item in items if isinstance(item, RawPost)]


def run_line(
    plan: LoadPlan,
    *,
    speed: float | None = None,
    published_now: bool = False,
    even_from: datetime | None = None,
    model: str = "english",
    at_end: Callable[[Session], None] = lambda _session: None,
    look: Callable[[Session], None] = lambda _session: None,
) -> LineRun:
    """Send the plan's posts through the whole line and wait until all are on disk.

    At full speed they are read from a file, as `groundswell replay --speed max` does: making a post
    up costs more than any stage does with it. At a `speed` they are made as their time comes, and
    what the plan has before `even_from` goes as fast as it can. `look` is called many times a
    second while it runs, once every stage takes part.
    """
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        feed: FeedSpec = SimulatedFeed(
            name=FEED,
            plan=plan,
            seed=SEED,
            speed=speed,
            published_now=published_now,
            watch_from=even_from,
            watch_until=even_from and FOREVER,
        )
        if speed is None and not published_now:
            feed = _from_file(plan, Path(folder) / "posts.jsonl")
        settings = Settings(
            data=Path(folder) / "data",
            brands=tuple(Brand(name=b.name, aliases=b.aliases) for b in plan.brands),
            simulated=True,
            model=model,
            feed=msgspec.json.encode(feed).decode(),
        )
        began = time.monotonic()
        with running(settings, feed=FEED) as session:
            return _watch(session, plan.posts, began, at_end, look)


def _from_file(plan: LoadPlan, path: Path) -> FileFeed:
    """The plan's posts written to a file, in order of time."""
    items = (arrival.item for arrival in simulate(plan, seed=SEED, feed=FEED))
    posts = [item for item in items if isinstance(item, RawPost)]
    posts.sort(key=lambda post: post.published_at)
    path.write_bytes(msgspec.json.Encoder().encode_lines(posts))
    return FileFeed(name=FEED, path=str(path), mapping={})


def _watch(
    session: Session,
    posts: int,
    began: float,
    at_end: Callable[[Session], None],
    look: Callable[[Session], None],
) -> LineRun:
    ready = first_stored = 0.0
    peak = 0.0
    before: dict[str, float] = {}
    burnt: dict[str, float] = {}  # also of a feed that has ended meanwhile
    while True:
        session.supervisor.poll()
        pids = session.supervisor.pids
        peak = max(peak, resident_mb([os.getpid(), *pids.values()]))
        readings = session.supervisor.readings()
        now = time.monotonic()
        if not ready and session.supervisor.ready and readings["feed"].posts:
            ready = now
            before = _cpu_by_process(pids)
        if ready:
            burnt |= _cpu_by_process(pids)
            look(session)
        stored = readings["store"].posts if "store" in readings else 0
        if stored and not first_stored:
            first_stored = now
        if stored >= posts or session.supervisor.finished:  # a killed store counts anew
            break
        time.sleep(0.1)  # heartbeats come four times a second
    used = {name: at - before[name] for name, at in burnt.items()}
    at_end(session)
    seconds = now - ready
    return LineRun(
        posts=posts,
        seconds=round(seconds, 2),
        posts_per_second=round(posts / seconds, 1),
        start_seconds=round(first_stored - began, 2),
        peak_resident_mb=round(peak),
        cpu_seconds={name: round(one, 2) for name, one in used.items()},
    )


def _cpu_by_process(pids: Mapping[str, int]) -> dict[str, float]:
    every = {**pids, "supervisor": os.getpid()}
    return {name: cpu_seconds([pid]) for name, pid in every.items()}
