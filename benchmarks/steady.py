"""The line at an even rate: published to stored, memory over time, what bounds every queue."""

import time
from datetime import UTC, datetime, timedelta

from benchmarks.figures import Effort
from benchmarks.line import FEED, START, plan_of, run_line
from benchmarks.machine import resident_mb
from benchmarks.trend import trend
from infra.settings import Settings
from processors.read import LONGEST_READ, READ_TEXTS
from processors.score import CACHE_ENTRIES
from processors.sightings import BITS
from streams.feed import MOST_IN_FLIGHT
from streams.rebuild import REMEMBERED
from streams.score import PORTION
from streams.session import Session
from streams.sources import BATCH
from streams.store import MESSAGES
from streams.wire import MAX_BYTES, MAX_ITEMS

RATE = 200
SECONDS = 600
FILLING = 120_000  # posts sent before, as fast as they go: every memory of posts and texts is full
SETTLING = timedelta(seconds=30)  # after the last of them is on disk
EVERY = 2.0
BROKER_MB: int = Settings.model_fields["broker_memory_mb"].default
_LATENCY = (
    "SELECT quantilesExact(0.5, 0.99, 1)(date_diff('millisecond', published_at, stored_at))"
    " FROM counted_posts WHERE feed = {feed:String}"
    " AND published_at > fromUnixTimestamp64Milli({since:Int64}, 'UTC')"
)
BOUNDS: dict[str, object] = {
    "feed: rows read ahead of sending": BATCH,
    "feed: rows sent and not on disk": MOST_IN_FLIGHT,
    "wire: records, bytes of a message": f"{MAX_ITEMS}, {MAX_BYTES:,}",
    "broker: not acknowledged, in each topic": MOST_IN_FLIGHT,
    "broker: acknowledged, MB before the embedded one is changed for an empty one": BROKER_MB,
    "refine: posts remembered": REMEMBERED,
    "refine: texts remembered, characters of each": f"{READ_TEXTS:,}, {LONGEST_READ}",
    "score: posts a call": PORTION,
    "score: scores remembered": CACHE_ENTRIES,
    "store: messages of a batch": MESSAGES,
    "store: bits for the ids of all posts": BITS,
}


def measure(effort: Effort) -> dict[str, object]:
    """One long run: rounds would only shorten it."""
    seconds = effort.of(SECONDS, least=30)
    filling = effort.of(FILLING)
    memory: dict[str, list[tuple[float, float]]] = {}
    latency: list[float] = []
    since: datetime | None = None  # the even part, all memories full
    looked = 0.0

    def look(session: Session) -> None:
        nonlocal looked, since
        now = time.monotonic()
        if now - looked < EVERY:
            return
        looked = now
        stored = session.supervisor.readings().get("store")
        if since is None and stored is not None and stored.posts >= filling:
            since = datetime.now(UTC) + SETTLING
        if since is None or datetime.now(UTC) < since:
            return
        for name, pid in session.supervisor.pids.items():
            memory.setdefault(name, []).append((now, resident_mb([pid])))

    def read(session: Session) -> None:
        if since is None:
            raise RuntimeError("the even part never came")
        milliseconds = int(since.timestamp() * 1_000)
        rows = session.store.query(_LATENCY, {"feed": FEED, "since": milliseconds})
        latency.extend(ms / 1_000 for ms in rows[0][0])

    plan = plan_of(filling + RATE * seconds, rate=float(RATE))
    even_from = START + timedelta(seconds=filling / RATE)
    run_line(plan, speed=1.0, published_now=True, even_from=even_from, at_end=read, look=look)
    return {
        "posts_per_second": RATE,
        "posts_before": filling,
        "seconds": seconds,
        "published_to_stored": dict(zip(("p50_s", "p99_s", "max_s"), latency, strict=True)),
        "memory": {name: slope(samples) for name, samples in memory.items()},
        "bounds": BOUNDS,
    }


def slope(samples: list[tuple[float, float]]) -> dict[str, float]:
    """MB an hour, with the 95 % interval."""
    found = trend(samples)
    return {
        "mb": round(found.last, 1),
        "mb_an_hour": round(found.rise, 1),
        "low": round(found.low, 1),
        "high": round(found.high, 1),
    }
