"""Whether the clocks agree: posts are put into minutes by them.

Kafka has no way to ask for its time. What it does tell is whether there are messages from later
than now, which somebody's clock wrote.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from infra.doctor.finding import NotLooked, Said, fail, ok, warn
from infra.doctor.kafka import Open, reached
from infra.kafka_admin import KafkaRefused
from infra.sql import load
from infra.store import Store, StoreUnavailable

NEAR, FAR = 2.0, 30.0
"""Seconds apart from which it is told, and from which minutes are wrong."""
SET = "let both machines set their clocks by NTP"


def of_database(open_store: Callable[[], Store], now: Callable[[], datetime]) -> Iterator[Said]:
    """ClickHouse's time beside ours."""
    try:
        store = open_store()
        before = now()
        ((theirs,),) = store.query(load("doctor_clock"))
        after = now()
    except StoreUnavailable as error:
        raise NotLooked("the database cannot be reached") from error
    ours = before + (after - before) / 2
    unsure = (after - before).total_seconds() / 2
    apart = (datetime.fromtimestamp(theirs / 1000, UTC) - ours).total_seconds()
    yield _judged(apart, max(0.0, abs(apart) - unsure), "ClickHouse")


def of_writers(
    open_admin: Open, topics: Sequence[str], now: Callable[[], datetime]
) -> Iterator[Said]:
    """Messages from later than now."""
    at = now()
    limit = round((at.timestamp() + NEAR) * 1000)
    try:
        ahead = reached(open_admin).ahead(topics, limit)
    except KafkaRefused as error:
        raise NotLooked(f"times of messages may not be asked for: {error}") from error
    for topic, time in sorted(ahead.items()):
        seconds = time / 1000 - at.timestamp()
        yield _judged(seconds, seconds, f"whoever writes to {topic}")
    if not ahead:
        yield ok("no message is dated later than now")


def _judged(apart: float, surely: float, who: str) -> Said:
    way = "ahead of" if apart > 0 else "behind"
    text = f"the clock of {who} is {abs(apart):.1f} s {way} ours"
    if surely < NEAR:
        return ok(f"the clock of {who} and ours agree", seconds=round(apart, 3))
    told = fail if surely >= FAR else warn
    return told(text, SET, seconds=round(apart, 3))
