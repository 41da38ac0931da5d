"""What is in the database, in figures."""

from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from infra.audit import AuditRow, read_audit
from infra.sql import load
from infra.store import Store

Figures = TypeVar("Figures", bound=Struct)


class BrandFigures(Struct, frozen=True, kw_only=True):
    """Posts that count, of one brand."""

    brand: str
    posts: int
    negative: int
    neutral: int
    positive: int
    backfill: int
    first: datetime
    last: datetime
    kept_days: int  # the most of any of its posts


class FeedFigures(Struct, frozen=True, kw_only=True):
    """How far a feed has come."""

    feed: str
    clock: datetime
    sent: int
    durable: int
    state: str
    updated_at: datetime


class StageFigures(Struct, frozen=True, kw_only=True):
    """What a stage did to heal itself."""

    kind: str
    stage: str
    times: int
    last: datetime


class ScoringFigures(Struct, frozen=True, kw_only=True):
    """The scoring of history that counts for a brand."""

    brand: str
    number: int
    model: str
    at: datetime


class TableFigures(Struct, frozen=True, kw_only=True):
    """A table on disk; rows that will merge away are counted."""

    table: str
    rows: int
    bytes: int


class Stats(Struct, frozen=True, kw_only=True):
    """All figures. read = stored + repeat + dropped + dead + what else `receipts` names."""

    brands: tuple[BrandFigures, ...]
    models: dict[str, int]  # posts that count, by the model that scored them
    scorings: tuple[ScoringFigures, ...]
    receipts: dict[str, int]  # by outcome
    dropped: dict[str, int]  # by reason
    dead_letters: dict[str, int]  # by reason, without those that got another outcome since
    waiting: int  # in the outbox without an outcome
    feeds: tuple[FeedFigures, ...]
    stage_events: tuple[StageFigures, ...]
    erasures: dict[str, int]  # posts and authors
    tables: tuple[TableFigures, ...]
    bytes_on_disk: int
    bytes_per_post: float  # of the table of posts, a row that counts; 0 without any
    audit: tuple[AuditRow, ...]  # the newest first


def read_stats(store: Store, *, audit: int = 5) -> Stats:
    """Count everything. Seconds on ten million posts. Raises StoreError."""
    brands = _rows(store, "stats_brands", BrandFigures)
    tables = _rows(store, "stats_disk", TableFigures)
    receipts, reasons = _receipts(store)
    posts = sum(brand.posts for brand in brands)
    size = sum(table.bytes for table in tables if table.table == "posts")
    return Stats(
        brands=brands,
        models=_counts(store, "stats_models"),
        scorings=_rows(store, "stats_scorings", ScoringFigures),
        receipts=receipts,
        dropped=reasons["dropped"],
        dead_letters=reasons["dead"],
        waiting=store.query(load("stats_waiting"))[0][0],
        feeds=_rows(store, "stats_feeds", FeedFigures),
        stage_events=_rows(store, "stats_events", StageFigures),
        erasures=_counts(store, "stats_erasures"),
        tables=tables,
        bytes_on_disk=sum(table.bytes for table in tables),
        bytes_per_post=round(size / posts, 1) if posts else 0.0,
        audit=tuple(read_audit(store, limit=audit)),
    )


def _rows(store: Store, query: str, kind: type[Figures]) -> tuple[Figures, ...]:
    """Rows of a query as records; columns are in the order of the fields."""
    names = kind.__struct_fields__
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in store.query(load(query)))


def _counts(store: Store, query: str) -> dict[str, int]:
    return dict(store.query(load(query)))


def _receipts(store: Store) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Receipts by outcome; and by reason of those that have reasons."""
    outcomes: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {"dropped": {}, "dead": {}}
    for outcome, reason, count in store.query(load("stats_receipts")):
        outcomes[outcome] = outcomes.get(outcome, 0) + count
        if outcome in reasons:
            reasons[outcome][reason] = count
    return outcomes, reasons
