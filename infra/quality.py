"""Through which pipe counts came, and which of them are not what the crowd said; on disk."""

from collections.abc import Mapping
from datetime import datetime

from forecasting.counted_by import FlowCount
from forecasting.records import Quality
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

COLUMNS = ("brand", "bucket", "quality", "at")
PIPES_NOTE = "\0pipes"
"""Name in watch_state of what is remembered of the sources."""


def flow_counts(store: Store, *, since: datetime, until: datetime) -> list[FlowCount]:
    """Counts of the buckets in [since, until), in no order."""
    return [FlowCount(*row) for row in store.query(load("flow_counts"), _span(since, until))]


def write_quality(
    store: Store, found: Mapping[str, Mapping[datetime, Quality]], at: datetime
) -> None:
    """Keep the buckets of each brand that are not ok. Raises StoreError."""
    rows = [
        (brand, bucket, quality, at)
        for brand, some in found.items()
        for bucket, quality in some.items()
    ]
    if rows:
        store.insert("bucket_quality", COLUMNS, rows)


def read_quality(
    store: Store, brand: str, *, since: datetime, until: datetime
) -> dict[datetime, Quality]:
    """The brand's buckets in [since, until) that were not ok when they were judged."""
    params: dict[str, Param] = {"brand": brand, **_span(since, until)}
    return dict(store.query(load("bucket_quality"), params))


def unseen_hours(store: Store, *, since: datetime, until: datetime) -> dict[str, set[datetime]]:
    """Starts of the hours in [since, until) whose counts are not what the crowd said, by brand."""
    found: dict[str, set[datetime]] = {}
    for brand, hour in store.query(load("unseen_hours"), _span(since, until)):
        found.setdefault(brand, set()).add(hour)
    return found


def changed_counts(store: Store, *, since: datetime, until: datetime) -> dict[str, datetime]:
    """Brand -> the newest bucket in [since, until) from which on other posts are counted."""
    return dict(store.query(load("changed_counts"), _span(since, until)))


def noted_pipes(store: Store) -> str:
    """What was remembered of the sources last, empty before anything was."""
    rows = store.query(load("watch_note"), {"name": PIPES_NOTE})
    return str(rows[0][0]) if rows else ""


def _span(since: datetime, until: datetime) -> Mapping[str, Param]:
    return {"since": to_ms(since), "until": to_ms(until)}
