"""Delivery: what a tick costs however much waits, how soon a message is there, a burst to one bot.

python -m benchmarks.delivery [--quick] [--json]
"""

import argparse
import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog
from msgspec.structs import replace
from pydantic import SecretStr

from benchmarks.delivery_hooks import Hooks, hooks
from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from forecasting.records import IncidentEvent
from infra.channels.channel import Limits
from infra.channels.open_channels import Channels
from infra.channels.sample import sample_event
from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import LISTEN, SWEEP, Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.outbox import Delivery, decide, record
from infra.deliver.recall import outstanding
from infra.deliver.records import Notice, Said
from infra.incidents import write_events
from infra.migrate import migrate
from infra.receivers import DingTalkReceiver, Receiver, WebhookReceiver
from infra.store import Store
from infra.store_chdb import ChdbStore

START = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BOT = Limits(entries=20, per_minute=20)


def event(incident: int, number: int = 1) -> IncidentEvent:
    """A change of an incident, with five posts to read."""
    sample = _sample()
    first = sample.evidence.examples[0]
    return replace(
        sample,
        change=replace(
            sample.change,
            incident_id=f"inc_{incident:06}",
            brand=f"Brand {incident % 100}",
            change="opened" if number == 1 else "updated",
            number=number,
            at=START + timedelta(minutes=5 * number),
            reason="new" if number == 1 else "grew",
            severity=1 + incident % 10,
        ),
        evidence=replace(
            sample.evidence,
            examples=tuple(replace(first, post_id=f"bluesky:{n}") for n in range(5)),
        ),
    )


@cache
def _sample() -> IncidentEvent:
    return sample_event(START)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def database() -> Iterator[Store]:
    """An embedded one for the time of the block."""
    with TemporaryDirectory(prefix="groundswell-bench-") as folder:
        store = ChdbStore(Path(folder))
        try:
            migrate(store)
            yield store
        finally:
            store.close()


def webhooks(names: Sequence[str], url: str = "https://example.com/{}") -> list[Receiver]:
    """Receivers of these names."""
    return [
        WebhookReceiver(name=name, url=url.format(name), secret=SecretStr(SECRET)) for name in names
    ]


# ---- what waits costs nothing


def pending(store: Store, rows: int, *, receivers: int = 50, ticks: int = 100) -> dict[str, object]:
    """CPU of a tick while `rows` notices wait for their next attempt; of the start before it.

    A tick looks at everything: changes, what people say, what is due. Every tenth also tells a new
    change to all receivers; that is counted apart.
    """
    _empty(store)
    told = webhooks([f"r{number}" for number in range(receivers)])
    _fill(store, told, rows // receivers)
    clock, ways = Clock(), ScriptedChannels()
    deliverer = Deliverer(store, ways, Setup(told), Around(clock=clock, random=Random(1)))

    async def run() -> tuple[float, list[float], list[float]]:
        began = time.process_time()
        await deliverer.tick()
        start = time.process_time() - began
        idle, busy = [], []
        for number in range(ticks):
            clock.now += max(SWEEP, LISTEN)
            if number % 10 == 9:
                write_events(store, [event(900_000 + number)], clock.now)
            began = time.process_time()
            await deliverer.tick()
            (busy if number % 10 == 9 else idle).append(1000 * (time.process_time() - began))
        return start, idle, busy

    start, idle, busy = asyncio.run(run())
    assert deliverer.waiting == rows // receivers * receivers
    assert len(ways.sent) == receivers * len(busy)
    return {
        "rows": deliverer.waiting,
        "start_cpu_s": round(start, 2),
        "tick_cpu_ms": {name: percentile(idle, share) for name, share in _SHARES.items()},
        f"tick_that_tells_{receivers}_cpu_ms": {
            name: percentile(busy, share) for name, share in _SHARES.items()
        },
    }


_SHARES = {"median": 0.5, "p99": 0.99}


def _fill(store: Store, told: Sequence[Receiver], incidents: int) -> None:
    """Everything decided, attempted once and to be attempted again in ten hours."""
    for first in range(0, incidents, 200):
        some = [event(n) for n in range(first, min(first + 200, incidents))]
        write_events(store, some, START)
        notices = [_opened(one.change.event_id, receiver.name) for one in some for receiver in told]
        decide(store, notices)
        record(store, [_retry(each) for each in notices])
    for name in ("incident_events", "notices", "deliveries"):
        # What waits was written hours ago. Otherwise the database, in this process, would be at
        # work on it during some of the ticks.
        store.command(f"OPTIMIZE TABLE {name} FINAL")


def _opened(event_id: str, receiver: str) -> Notice:
    return Notice(
        notice_id=event_id,
        receiver=receiver,
        group="",
        said=(Said(kind="opened", event_id=event_id),),
        decided_at=START,
        due_at=START,
    )


def _retry(notice: Notice) -> Delivery:
    return Delivery(
        event_id=notice.notice_id,
        receiver=notice.receiver,
        attempt=1,
        at=START,
        outcome="retry",
        status=500,
        detail="",
        next_at=START + timedelta(hours=10),
    )


def _empty(store: Store) -> None:
    for name in ("incident_events", "notices", "deliveries", "receivers"):
        store.command(f"TRUNCATE TABLE {name} SYNC")


# ---- how soon a message is there


def latency(store: Store, *, changes: int, every: float = 0.5) -> dict[str, object]:
    """Fired to received, 50 receivers of which 10 hang, by the real ways out; seconds."""
    _empty(store)
    with hooks() as there:
        return asyncio.run(_told(store, there, changes, every))


async def _told(store: Store, there: Hooks, changes: int, every: float) -> dict[str, object]:
    names = [f"r{n}" for n in range(40)] + [f"hangs{n}" for n in range(10)]
    told = webhooks(names, there.url("{}"))
    ways = Channels(["127.0.0.1"])
    around = Around(clock=lambda: datetime.now(UTC), random=Random(1))
    deliverer = Deliverer(store, ways, Setup(told), around)
    running = asyncio.create_task(deliverer.run())
    fired: dict[str, float] = {}

    async def fire(number: int) -> None:
        at = datetime.now(UTC)
        fired[event(number).change.event_id] = at.timestamp()
        await asyncio.to_thread(write_events, store, [event(number)], at)
        deliverer.look()

    async def come(messages: int) -> None:
        async with asyncio.timeout(60):
            while len(_first(there)) < messages:
                await asyncio.sleep(0.2)

    await fire(changes)  # it has begun, and the hanging ones hang
    await come(40)
    cpu, began = time.process_time(), time.perf_counter()
    for number in range(changes):
        await fire(number)
        await asyncio.sleep(every)
    await come(40 * (changes + 1))
    spent = time.process_time() - cpu
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await ways.close()
    first = event(changes).change.event_id
    seconds = [at - fired[by] for (_, by), at in _first(there).items() if by != first]
    return {
        "messages": len(seconds),
        "p50_s": percentile(seconds, 0.5),
        "p99_s": percentile(seconds, 0.99),
        "max_s": max(seconds),
        "cpu_share": spent / (time.perf_counter() - began),
    }


def _first(there: Hooks) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for path, notice_id, at in there.received():
        if not path.startswith("hangs"):
            found.setdefault((path, notice_id), at)
    return found


# ---- a burst to one bot


def burst(store: Store, incidents: int) -> dict[str, object]:
    """So many openings at once to a bot that takes 20 messages a minute, by a clock that jumps."""
    _empty(store)
    bot = DingTalkReceiver(name="bot", type="dingtalk", url=SecretStr("https://example.com/robot"))
    write_events(store, [event(number) for number in range(incidents)], START)
    clock, ways = Clock(), ScriptedChannels(limits={"dingtalk": BOT})
    deliverer = Deliverer(store, ways, Setup([bot]), Around(clock=clock, random=Random(1)))

    async def run() -> None:
        while True:
            await deliverer.tick()
            if not outstanding(store, [bot], clock.now + timedelta(days=1)):
                return
            clock.now += timedelta(seconds=1)
            assert clock.now - START < timedelta(hours=1), "it does not end"

    asyncio.run(run())
    told = Counter(
        entry.event.change.incident_id for _, letter in ways.sent for entry in letter.entries
    )
    busiest = max(
        sum(1 for at in ways.at if begun <= at < begun + timedelta(minutes=1)) for begun in ways.at
    )
    return {
        "changes": incidents,
        "messages": len(ways.sent),
        "digests": sum(len(letter.entries) > 1 for _, letter in ways.sent),
        "lost": incidents - len(told),
        "told_twice": sum(count - 1 for count in told.values()),
        "most_messages_a_minute": busiest,
        "seconds_until_all_is_told": (ways.at[-1] - START).total_seconds(),
    }


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--json", action="store_true", help="JSON in place of a table")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    share = 10 if arguments.quick else 1
    with database() as store:
        found: dict[str, object] = {
            "machine": describe(),
            "nothing waits": pending(store, 0),
            "much waits": pending(store, 100_000 // share),
            "50 receivers, 10 of them hang": latency(store, changes=60 // share),
            "a burst to one bot, 20 a minute": burst(store, 1_000 // share),
        }
    print(json.dumps(found, indent=1) if arguments.json else table("delivery", found))


if __name__ == "__main__":
    main()
