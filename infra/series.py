"""What watch reads and remembers in ClickHouse."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from forecasting.records import Bucket, Forecast
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE_BYTES = 8 << 20
"""Text in one answer about recent posts, give or take a post: an answer has a limit."""
ROWS_A_POST = 4
"""Rows looked at for each recent post: one a brand. Fewer are remembered where posts name more."""


class Clock(Struct, frozen=True):
    """How far the line has come on its own clock."""

    at: datetime
    running: bool  # some feed is not finished


class Memory(Struct, frozen=True):
    """What a watcher keeps of one brand; of itself under the empty name."""

    brand: str
    bucket: datetime
    state: str
    verdict: str


def line_clock(store: Store, feed: str = "") -> Clock | None:
    """The clock of the line, None before any feed has reported."""
    rows = store.query(load("clock"), {"feed": feed})
    return Clock(at=rows[0][0], running=bool(rows[0][1])) if rows else None


def earliest_post(store: Store, *, since: datetime = EPOCH) -> datetime | None:
    """When the earliest post that was published at or after `since` was, None if there is none."""
    earliest, count = store.query(load("earliest_post"), {"since": to_ms(since)})[0]
    return earliest if count else None


def latest_post(store: Store, *, until: datetime) -> datetime | None:
    """When the latest post that was published before `until` was, None if there is none."""
    latest, count = store.query(load("latest_post"), {"until": to_ms(until)})[0]
    return latest if count else None


def counts(store: Store, *, since: datetime, until: datetime) -> dict[str, dict[datetime, Bucket]]:
    """Brand -> bucket start -> counts, for buckets that have posts."""
    found: dict[str, dict[datetime, Bucket]] = {}
    rows = store.query(load("counts"), {"since": to_ms(since), "until": to_ms(until)})
    for brand, start, *numbers in rows:
        volume, negative, voices, negative_voices, backfilled, backfilled_negative = numbers
        found.setdefault(brand, {})[start] = Bucket(
            start=start,
            volume=volume,
            negative=negative,
            voices=voices,
            negative_voices=negative_voices,
            backfilled=backfilled,
            backfilled_negative=backfilled_negative,
        )
    return found


def memories(store: Store) -> dict[str, Memory]:
    """What was remembered last, by brand."""
    return {row[0]: Memory(*row) for row in store.query(load("watch_states"))}


def remember(store: Store, kept: Iterable[Memory]) -> None:
    """Remember; a later bucket replaces an earlier one."""
    rows = [(each.brand, each.bucket, each.state, each.verdict) for each in kept]
    store.insert("watch_state", ("brand", "bucket", "state", "verdict"), rows)


def write_forecast(
    store: Store, brand: str, *, series: str, step: timedelta, made: Forecast, at: datetime
) -> None:
    """Keep a forecast made at `at`."""
    name = f"{round(step.total_seconds() / 60)}m"
    rows = [
        (brand, series, name, start, at, mean, lower, upper, made.model)
        for start, mean, lower, upper in zip(
            made.starts, made.mean, made.lower, made.upper, strict=True
        )
    ]
    columns = ["brand", "series", "step", "bucket", "made_at", "mean", "lower", "upper", "model"]
    store.insert("forecasts", columns, rows)


class KnownPost(Struct, frozen=True):
    """A stored post as refine remembers it."""

    post_id: str
    feed: str
    position: int
    key_text: str
    cluster_id: int
    is_duplicate: bool
    first_said_by: int


def recent_posts(store: Store, *, limit: int) -> Iterator[KnownPost]:
    """The newest stored posts, oldest first, read in pages: together they may be gigabytes."""
    sizes: dict[str, Param] = {"limit": limit, "rows": limit * ROWS_A_POST, "bytes": PAGE_BYTES}
    for since, first, until, last in store.query(load("recent_pages"), sizes):
        page: dict[str, Param] = {"since": since, "first": first, "until": until, "last": last}
        for post_id, feed, position, key_text, cluster_id, is_duplicate, said_by in store.query(
            load("recent_posts"), page
        ):
            yield KnownPost(
                post_id=post_id,
                feed=feed,
                position=position,
                key_text=key_text,
                cluster_id=cluster_id,
                is_duplicate=bool(is_duplicate),
                first_said_by=said_by,
            )
