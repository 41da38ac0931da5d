"""How a story spread from its first post: who had spoken of it by when, and what was passed on."""

from datetime import datetime
from itertools import accumulate
from typing import Final

from msgspec import Struct

from forecasting.evidence import Example
from forecasting.records import BUCKET
from infra.page.brand_series import MINUTES, Span, starts_of
from infra.page.incident_list import Head
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

OF_MOOD: Final = ("negative_surge", "mood_shift")


class Spread(Struct, frozen=True, kw_only=True):
    """Parallel arrays: up to the end of each step, from the first post on."""

    since: datetime
    step_seconds: int
    start: list[int]
    authors: list[int]  # distinct accounts
    posts: list[int]
    repeats: list[int]  # of the posts: reposts and copies


def spread_of(
    store: Store, head: Head, first: Example | None, *, curve: Span, at: datetime
) -> Spread:
    """From the story's first post, where the curve shows it, to the incident's end or now."""
    since = min(head.since, first.published_at) if first and not first.is_erased else head.since
    begin = max(since, curve.since)
    until = max(min(at, head.resolved_at or at), begin + BUCKET)
    span = Span(brand=head.brand, since=begin, until=until, step=curve.step)
    return read_spread(store, span, of_mood=head.kind in OF_MOOD)


def read_spread(store: Store, span: Span, *, of_mood: bool) -> Spread:
    """Read it. `of_mood`: negative posts only. Raises StoreError."""
    asked: dict[str, Param] = {
        "brand": span.brand,
        "since": to_ms(span.since),
        "until": to_ms(span.until),
        "step": MINUTES[span.step],
        "all": 0 if of_mood else 1,
    }
    found = {row[0]: row[1:] for row in store.query(load("incident_spread"), asked)}
    starts = starts_of(span)
    rows = [found.get(start, (0, 0, 0)) for start in starts]
    posts, repeats, authors = (list(accumulate(row[n] for row in rows)) for n in range(3))
    return Spread(
        since=span.since,
        step_seconds=60 * MINUTES[span.step],
        start=starts,
        authors=authors,
        posts=posts,
        repeats=repeats,
    )
