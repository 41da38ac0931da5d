"""A brand's past as buckets: as it was counted, or as another query would have counted it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from forecasting.records import BUCKET, Bucket
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

PAGE_BYTES: Final = 8 << 20
"""Posts of so much text are read at once: an answer has a limit, and each costs a statement."""
HOUR = timedelta(hours=1)
FAR = datetime(2200, 1, 1, tzinfo=UTC)


class Said(NamedTuple):
    """A stored post, and how it counts."""

    text: str
    bucket: datetime
    is_negative: bool
    is_voice: bool


def brand_span(store: Store, brand: str) -> tuple[datetime, datetime] | None:
    """When its first and its last post were published; None without any."""
    first, last, count = store.query(load("brand_span"), {"brand": brand})[0]
    return (first, last) if count else None


def brand_buckets(
    store: Store, brand: str, *, since: datetime, until: datetime, backfilled: bool = False
) -> dict[datetime, Bucket]:
    """The buckets of [since, until) that have posts about the brand.

    `backfilled`: what was fetched later counts as if it had come in time.
    """
    names = Bucket.__struct_fields__
    asked = {"brand": brand, "all": int(backfilled), **_span(since, until)}
    rows = store.query(load("brand_buckets"), asked)
    return {row[0]: Bucket(**dict(zip(names, row, strict=True))) for row in rows}


def posts_of_span(
    store: Store,
    *,
    since: datetime,
    until: datetime,
    backfilled: bool = False,
    page_bytes: int = PAGE_BYTES,
) -> Iterator[Said]:
    """Posts of all brands published in [since, until), each once; `backfilled` as above.

    Read in pages of `page_bytes` of text at most, but of five minutes at least.
    """
    every = {"all": int(backfilled)}
    weights = store.query(load("bytes_of_span"), {**every, **_span(since, until)})
    for start, end in _pages(weights, page_bytes):
        asked = {**every, **_span(max(start, since), min(end, until))}
        for text, bucket, is_negative, is_voice in store.query(load("posts_of_span"), asked):
            yield Said(text, bucket, bool(is_negative), bool(is_voice))


def _pages(weights: Sequence[Row], most: int) -> Iterator[tuple[datetime, datetime]]:
    """Spans of neighbouring buckets (start, bytes) that together have no more than `most`."""
    page: list[datetime] = []
    held = 0
    for start, weight in weights:
        if page and held + weight > most:
            yield page[0], page[-1] + BUCKET
            page, held = [], 0
        page.append(start)
        held += weight
    if page:
        yield page[0], page[-1] + BUCKET


class Stored(NamedTuple):
    """A stored post, and what was said of it when it came."""

    post_id: str
    text: str
    lang: str
    source: str
    author: str  # as stored
    published_at: datetime
    is_negative: bool
    brands: list[str]
    given: list[str]  # of the brands those that no query found: its feed named them


def stored_posts(store: Store, *, since: datetime, until: datetime) -> Iterator[Stored]:
    """Posts of all brands published in [since, until), those fetched later too; each once."""
    while since < until:
        end = min(since + HOUR, until)
        yield from (Stored(*row) for row in store.query(load("preview_posts"), _span(since, end)))
        since = end


def newest_post(store: Store) -> datetime | None:
    """When the newest stored post was published; None without any."""
    [(newest, count)] = store.query(load("latest_post"), {"until": to_ms(FAR)})
    return newest if count else None


def _span(since: datetime, until: datetime) -> dict[str, Param]:
    return {"since": to_ms(since), "until": to_ms(until)}
