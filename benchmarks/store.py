"""The store: rows a CPU-second, and what a dashboard waits while posts come in."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from benchmarks.figures import Effort, percentile, spread
from benchmarks.machine import folder_mb
from benchmarks.posts import items, raw_posts
from infra.evidence import newest_posts
from infra.hours import HourCounter, shown
from infra.migrate import migrate
from infra.posts import write_batch
from infra.sql import load
from infra.store import Param, Store
from infra.store_chdb import ChdbStore
from infra.store_owned import OwnedStore
from infra.times import to_ms
from processors.known import OnDisk
from processors.records import ScoredPost
from processors.store import POST_COLUMNS, Item, plan_writes
from streams.hours import Hours
from streams.worker import COLLECTED_AFTER

POSTS = 40_000
BATCH = 4_000
SIZES = (1_000_000, 10_000_000)
ASKED = 300
FILLED = 100_000
NOW = datetime(2026, 6, 28, 12, tzinfo=UTC)
BRANDS = 20  # of fill.sql
BRAND = "brand 7"
MONTH = timedelta(days=30)
LIVE = timedelta(minutes=10)
"""How old the posts are that come in while queries are asked."""
_FILL = Path(__file__).parent / "fill.sql"
_BUCKETS = """
SELECT {what}, count(), countIf(sentiment = 'negative') FROM counted_posts
WHERE {where} published_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({{until:Int64}}, 'UTC')
GROUP BY ALL ORDER BY ALL
"""
_DAY = _BUCKETS.format(
    what="toStartOfFiveMinutes(published_at) AS at", where=f"brand = '{BRAND}' AND"
)
_NEWEST = f"""
SELECT post_id, text, published_at, sentiment FROM counted_posts
WHERE brand = '{BRAND}' AND published_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
ORDER BY published_at DESC LIMIT 50
"""


def measure(effort: Effort) -> dict[str, object]:
    """Rows into the tables, then queries over a million and ten million posts."""
    gc.set_threshold(*COLLECTED_AFTER)  # as in the process that writes
    found = items(raw_posts(effort.of(POSTS, least=BATCH)))
    return {"write": writes(effort, found), "queries": _queries(effort, found)}


def writes(effort: Effort, found: list[Item]) -> dict[str, object]:
    whole, rows, bare = [], [], []
    for _ in range(effort.rounds):
        with _opened() as store:
            posts, written, seconds = _write_all(OwnedStore(store), found)
            whole.append(posts / seconds)
            rows.append(written / seconds)
        with _opened() as store:
            plans = [
                plan_writes(found[at : at + BATCH], OnDisk(), NOW).posts
                for at in range(0, len(found), BATCH)
            ]
            began = time.process_time()
            for plan in plans:
                store.insert("posts", POST_COLUMNS, plan)
            bare.append(sum(map(len, plans)) / (time.process_time() - began))
    return {
        "posts_per_cpu_second": spread(whole),
        "rows_of_all_tables_per_cpu_second": spread(rows),
        "bare_insert_rows_per_cpu_second": spread(bare),
        "ratio": spread([a / b for a, b in zip(rows, bare, strict=True)]),
    }


def _write_all(store: Store, found: list[Item]) -> tuple[int, int, float]:
    began = time.process_time()
    for at in range(0, len(found), BATCH):
        write_batch(store, found[at : at + BATCH], NOW)
    seconds = time.process_time() - began
    tables = ("post_keys", "posts", "receipts")
    rows = sum(store.query(f"SELECT count() FROM {table}")[0][0] for table in tables)
    return len(found), rows, seconds


def _queries(effort: Effort, found: list[Item]) -> dict[str, object]:
    by_size: dict[str, dict[str, object]] = {}
    asked = effort.of(ASKED, least=10)
    with _opened() as store:
        there = 0
        live = _live(found)
        for usual in SIZES:
            size = effort.of(usual)
            _fill(store, there, size)
            there = size
            counter = HourCounter(store)
            while counter.step():  # as watch has done long before there are so many
                pass
            alone = {name: _asked(ask, store, asked) for name, ask in QUERIES.items()}
            with _Beside(_ingest(OwnedStore(store), live)), _Beside(_watch(store)):
                busy = {name: _asked(ask, store, asked) for name, ask in QUERIES.items()}
            _check(store)
            by_size[f"{size:,} posts"] = {
                "ingesting": busy,
                "at rest": alone,
                "disk_bytes_a_post": round(folder_mb(store.folder) * 2**20 / size),
            }
    small, large = (by_size[f"{effort.of(size):,} posts"]["ingesting"] for size in SIZES)
    assert isinstance(small, dict)
    assert isinstance(large, dict)
    growth = {name: round(large[name]["p99_ms"] / small[name]["p99_ms"], 2) for name in QUERIES}
    return {**by_size, "growth_of_p99": growth}


def bytes_a_post(size: int) -> float:
    """On disk, of a post of fill.sql with all that is kept of it."""
    with _opened() as store:
        _fill(store, 0, size)
        return folder_mb(store.folder) * 2**20 / size


def _fill(store: ChdbStore, there: int, size: int) -> None:
    for first in range(there, size, FILLED):
        count = min(FILLED, size - first)
        store.command(_FILL.read_text(), {"first": first, "count": count, "now": to_ms(NOW)})


def _asked(ask: Callable[[Store], object], store: Store, times: int) -> dict[str, float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask(store)
        taken.append(1_000 * (time.perf_counter() - began))
    return {"p50_ms": round(percentile(taken, 0.5), 1), "p99_ms": round(percentile(taken, 0.99), 1)}


def _span(length: timedelta) -> dict[str, Param]:
    return {"since": to_ms(NOW - length), "until": to_ms(NOW)}


QUERIES: dict[str, Callable[[Store], object]] = {
    "a brand, 24 h by 5 min": lambda store: store.query(_DAY, _span(timedelta(hours=24))),
    "all brands, 30 d by hour": lambda store: shown(store, since=NOW - MONTH, until=NOW),
    "newest posts": lambda store: store.query(_NEWEST, _span(timedelta(days=1))),
    "evidence of an incident": lambda store: newest_posts(
        store, BRAND, since=NOW - timedelta(hours=3), until=NOW, of_mood=True
    ),
}


def _live(found: list[Item]) -> list[Item]:
    """Posts as they come in now, about all brands."""
    live: list[Item] = []
    for number, item in enumerate(found):
        if isinstance(item, ScoredPost):
            post = replace(
                item.post,
                brands=(f"brand {number % BRANDS}",),
                published_at=NOW - LIVE * (1 - number / len(found)),
            )
            live.append(replace(item, post=post))
    return live


def _check(store: Store) -> None:
    """Fast and right: the month is what counts."""
    span: dict[str, Param] = {**_span(MONTH), "step": 60}
    whole = sum(row[2] for row in store.query(load("posts_shown"), span))
    month = shown(store, since=NOW - MONTH, until=NOW)
    assert sum(volume for hours in month.values() for volume, _ in hours.values()) == whole


def _ingest(store: Store, found: list[Item]) -> Iterator[float]:
    """Writes batches half of the time."""
    at = 0
    while True:
        began = time.perf_counter()
        write_batch(store, found[at : at + BATCH // 4], NOW)
        at = (at + BATCH // 4) % len(found)
        yield time.perf_counter() - began


def _watch(store: Store) -> Iterator[float]:
    """Counts hours as the watch stage does."""
    hours = Hours(store)
    while True:
        hours.refresh()
        yield 0.3


class _Beside:
    """Runs `work`, which yields how long it rests, while the block runs."""

    def __init__(self, work: Iterator[float]) -> None:
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        for rest in self._work:
            if self._stop.wait(rest):
                return


@contextmanager
def _opened() -> Iterator[ChdbStore]:
    """A new database in a temporary folder."""
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        store = ChdbStore(Path(folder))
        try:
            migrate(store)
            yield store
        finally:
            store.close()
