"""What is exported, read a page at a time in the order of the tables' keys: memory is bounded."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from forecasting.records import BUCKET, IncidentEvent
from forecasting.watch import floor_bucket
from infra.export_columns import What
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

EVENTS: Final = 100
"""Incident changes of a page: each may quote four posts of 64 KiB."""
STRETCH: Final = timedelta(days=30)
"""Time whose counts are read together."""
HOUR: Final = timedelta(hours=1)
MOMENT: Final = timedelta(milliseconds=1)


class Page(Struct, frozen=True, kw_only=True):
    """The most in one answer of the database: posts, and bytes of their words."""

    posts: int = 4_000
    bytes: int = 8 << 20


PAGE: Final = Page()


class Span(Struct, frozen=True, kw_only=True):
    """Part of what is known of a brand: [since, until), and how many posts that is, if counted."""

    brand: str
    since: datetime
    until: datetime
    posts: int = 0

    @property
    def params(self) -> dict[str, Param]:
        """As queries take it."""
        return {"brand": self.brand, "since": to_ms(self.since), "until": to_ms(self.until)}


def spans(
    store: Store, *, since: datetime | None = None, until: datetime | None = None
) -> list[Span]:
    """What there is of each brand, cut to the time asked for, by brand. Raises StoreError."""
    found = []
    for brand, first, last in store.query(load("export_brands")):
        start = max(first, since) if since else first
        end = min(last + MOMENT, until or last + HOUR)
        found.append(Span(brand=brand, since=start, until=max(start, end)))
    return found


def parts(store: Store, span: Span, what: What, page: Page) -> list[Span]:
    """The span in parts of whole hours with about a page of posts each, or of STRETCH."""
    if what == "incidents":
        return [span]
    if what == "counts":
        return _stretches(span)
    found: list[Span] = []
    for hour, posts in store.query(load("export_hours"), span.params):
        last = found[-1] if found else None
        if last is not None and last.posts + posts <= page.posts:
            found[-1] = Span(
                brand=span.brand, since=last.since, until=hour + HOUR, posts=last.posts + posts
            )
        else:
            found.append(Span(brand=span.brand, since=hour, until=hour + HOUR, posts=posts))
    return [
        msgspec.structs.replace(
            part, since=max(part.since, span.since), until=min(part.until, span.until)
        )
        for part in found
    ]


def rows_of(what: What, page: Page) -> Callable[[Store, Span], Iterator[Sequence[Row]]]:
    """How the pages of a part are read: rows in the order of `export_columns`."""
    if what == "posts":
        return lambda store, part: _posts(store, part, page)
    return {"counts": _counts, "incidents": _incidents}[what]


def _stretches(span: Span) -> list[Span]:
    """Whole buckets: half of one would be told as if it were all."""
    found = []
    start, end = floor_bucket(span.since), floor_bucket(span.until - MOMENT) + BUCKET
    while start < end:
        found.append(Span(brand=span.brand, since=start, until=min(start + STRETCH, end)))
        start += STRETCH
    return found


def _posts(store: Store, part: Span, page: Page) -> Iterator[Sequence[Row]]:
    hour, post_id = 0, ""  # nothing is as old
    while True:
        after: dict[str, Param] = {
            "hour": hour,
            "post_id": post_id.encode("utf-8", "replace").hex(),
            "limit": page.posts,
            "bytes": page.bytes,
        }
        rows = store.query(load("export_posts"), {**part.params, **after})
        if rows:
            yield [row[1:-1] for row in rows]
            hour, post_id = rows[-1][0], rows[-1][1]
        if not rows or (len(rows) == rows[0][-1] < page.posts):
            return


def _counts(store: Store, part: Span) -> Iterator[Sequence[Row]]:
    rows = store.query(load("export_counts"), part.params)
    if rows:
        yield [(part.brand, *row[:-4], *(row[-4:] if row[-5] else (None,) * 4)) for row in rows]


def _incidents(store: Store, part: Span) -> Iterator[Sequence[Row]]:
    at, event_id = part.since, ""
    while True:
        after: dict[str, Param] = {"after": to_ms(at), "event_id": event_id, "limit": EVENTS}
        rows = store.query(load("export_incidents"), {**part.params, **after})
        if rows:
            yield [_incident(fired_at, body) for _, _, fired_at, body in rows]
            at, event_id = rows[-1][0], rows[-1][1]
        if len(rows) < EVENTS:
            return


def _incident(fired_at: datetime, body: str) -> Row:
    event = msgspec.json.decode(body, type=IncidentEvent)
    change, evidence = event.change, event.evidence
    return (
        change.event_id,
        change.incident_id,
        change.brand,
        change.number,
        change.change,
        change.reason,
        change.kind,
        change.opened_at,
        change.since,
        change.at,
        fired_at,
        change.severity,
        change.score,
        change.observed,
        change.expected,
        change.expected_lower,
        change.expected_upper,
        change.share,
        change.share_expected,
        change.total_negative,
        change.peak_observed,
        evidence.authors,
        evidence.reposts,
        [term.text for term in evidence.terms],
        event.simulated,
        event.headline,
        event.message,
    )
