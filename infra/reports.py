"""What was told of buckets, and what has to be told anew.

A bucket's numbers are told when it is judged (number 0) and again whenever they have changed. Rows
are only ever added; telling the same again is the same row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from infra.series import EPOCH
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

Reason = Literal["judged", "erased", "edited", "rescored", "backfill", "late"]
COLUMNS = ("brand", "bucket", "number", "volume", "negative", "at", "reason")
HOURS: Final = 500
"""Hours asked about at once."""
NOTE: Final = "\0restated"
"""Name in watch_state of how far rows were looked at."""

Place = tuple[str, datetime]
"""A brand and a bucket's start."""


class Report(Struct, frozen=True, kw_only=True):
    """What was told of a bucket at `at`, on the wall clock."""

    brand: str
    bucket: datetime
    number: int
    volume: int
    negative: int
    at: datetime
    reason: Reason


class Told(Struct, frozen=True):
    """The last numbers told; the default is a bucket of which nothing was, since it was empty."""

    number: int = 0
    volume: int = 0
    negative: int = 0
    at: datetime = EPOCH


def write_reports(store: Store, reports: Iterable[Report]) -> None:
    """Keep reports. Raises StoreError."""
    rows = [tuple(getattr(report, name) for name in COLUMNS) for report in reports]
    store.insert("bucket_reports", COLUMNS, rows)


def write_judged(store: Store, reports: Sequence[Report]) -> None:
    """Keep what is told of buckets as they are judged; one that was told stays as it was."""
    if not reports:
        return
    span: dict[str, Param] = {
        "since": to_ms(min(report.bucket for report in reports)),
        "until": to_ms(max(report.bucket for report in reports)) + 1,
    }
    known = set(store.query(load("judged_buckets"), span))
    write_reports(store, [each for each in reports if (each.brand, each.bucket) not in known])


def first_report(store: Store) -> tuple[datetime, datetime] | None:
    """The first bucket of which anything was told, and when the first thing was."""
    bucket, at, count = store.query(load("first_report"))[0]
    return (bucket, at) if count else None


def looked_at(store: Store) -> datetime | None:
    """Until when rows were looked at for what has to be told anew."""
    rows = store.query(load("watch_note"), {"name": NOTE})
    return datetime.fromisoformat(rows[0][0]) if rows else None


def note_looked_at(store: Store, at: datetime) -> None:
    """Remember it; an earlier moment than the one remembered is forgotten."""
    row = (NOTE, at, at.isoformat(), "")
    store.insert("watch_state", ("brand", "bucket", "state", "verdict"), [row])


def touched(
    store: Store, *, stored: datetime, since: datetime, until: datetime
) -> dict[Place, dict[Reason, datetime]]:
    """Buckets of the span that rows were written to since `stored`: why, and when last."""
    found: dict[Place, dict[Reason, datetime]] = {}
    params: dict[str, Param] = {
        "stored": to_ms(stored),
        "since": to_ms(since),
        "until": to_ms(until),
    }
    for brand, bucket, reason, at in store.query(load("touched_buckets"), params):
        found.setdefault((brand, bucket), {})[reason] = at
    return found


def reported_buckets(store: Store, brand: str) -> list[datetime]:
    """Buckets of the brand of which anything was told."""
    return [bucket for (bucket,) in store.query(load("reported_buckets"), {"brand": brand})]


def told_and_shown(
    store: Store, hours: Iterable[datetime]
) -> Iterator[tuple[dict[Place, Told], dict[Place, tuple[int, int]]]]:
    """What was told last of the buckets of some hours, and their volume and negative posts now.

    Some hours at a time. Buckets without a report, or without posts, are left out.
    """
    asked = sorted(hours)
    for start in range(0, len(asked), HOURS):
        some = asked[start : start + HOURS]
        params: dict[str, Param] = {
            "since": to_ms(some[0]),
            "until": to_ms(some[-1]) + 3_600_000,
            "hours": ",".join(str(to_ms(hour) // 1000) for hour in some),
        }
        told = {
            (brand, bucket): Told(*numbers)
            for brand, bucket, *numbers in store.query(load("newest_reports"), params)
        }
        shown = {
            (brand, bucket): (volume, negative)
            for brand, bucket, volume, negative in store.query(load("shown_counts"), params)
        }
        yield told, shown


def reports_of(store: Store, brand: str, *, since: datetime = EPOCH) -> list[Report]:
    """All that was told of the brand's buckets that changed after they were judged, in order."""
    rows = store.query(load("bucket_reports"), {"brand": brand, "since": to_ms(since)})
    return [Report(brand=brand, **dict(zip(COLUMNS[1:], row, strict=True))) for row in rows]
