"""The whole line without its model: what each stage costs, beside the same work in one loop."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Effort, spread
from benchmarks.hop import broker_with, plain_loop
from benchmarks.line import plan_of, run_line
from benchmarks.posts import ARRIVED, messages, raw_posts, refiner, scored
from infra.migrate import migrate
from infra.posts import write_batch
from infra.store import Store
from infra.store_chdb import ChdbStore
from infra.store_owned import OwnedStore
from processors.decode import decode
from processors.records import RawPost

POSTS = 40_000


def measure(effort: Effort) -> dict[str, object]:
    """Posts a CPU-second over all processes, and who spends it."""
    posts = effort.of(POSTS)
    plan = plan_of(posts)
    line, shares, plain = [], [], []
    for _ in range(effort.rounds):
        run = run_line(plan, model="py:benchmarks.constant:constant")
        spent = sum(run.cpu_seconds.values())
        line.append(posts / spent)
        shares.append({name: one / spent for name, one in run.cpu_seconds.items()})
        plain.append(posts / _in_one_loop(posts))
        told = ", ".join(f"{name} {share:.0%}" for name, share in shares[-1].items())
        print(f"  {line[-1]:,.0f} posts/CPU-s ({told}); one loop {plain[-1]:,.0f}", flush=True)
    return {
        "posts": posts,
        "posts_per_cpu_second": spread(line),
        "share": {name: spread([one[name] for one in shares]) for name in shares[0]},
        "one_loop_posts_per_cpu_second": spread(plain),
        "ratio": spread([a / b for a, b in zip(line, plain, strict=True)]),
    }


def _in_one_loop(posts: int) -> float:
    """CPU seconds of an aiokafka loop that refines, scores and writes to the same tables."""
    given = messages(raw_posts(posts))
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        store = ChdbStore(Path(folder))
        try:
            migrate(store)
            with broker_with(given) as address:
                return asyncio.run(_loop(address, len(given), OwnedStore(store)))
        finally:
            store.close()


async def _loop(address: str, expected: int, store: Store) -> float:
    refine = refiner()

    def write(batch: Sequence[tuple[int, bytes]]) -> None:
        posts = [
            item
            for _, value in batch
            for item in decode(value, arrived_at=ARRIVED, feed="raw", position=0)
            if isinstance(item, RawPost)
        ]
        refined = refine.refine_all(posts, [ARRIVED] * len(posts))
        write_batch(store, [*map(scored, refined)], datetime.now(UTC))

    async def work(batch: Sequence[tuple[int, bytes]]) -> list[tuple[str, int, bytes]]:
        await asyncio.to_thread(write, batch)
        return []

    return await plain_loop(address, expected, work)
