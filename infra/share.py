"""A brand's posts by score, and the labels its share is corrected by, as they count now."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from forecasting.share_records import LabelledScore, ScoreBin, Window
from infra.share_labels import Span
from infra.sql import load
from infra.store import Row, Store

LABELS_LAST = timedelta(days=28)
"""Labels of posts older than this say nothing of today: four whole weeks, so that each weekday
weighs the same. Within it, `forecasting.share` allows for drift."""


class ShareData(Struct, frozen=True, kw_only=True):
    """What an estimate is made from, all read under one rule: the posts that count."""

    window: Window
    labels: tuple[LabelledScore, ...]
    unlabelled: Mapping[int, int]  # bin of the score -> posts that can be drawn


def newest_post(store: Store, brand: str) -> datetime | None:
    """Return when the newest post was published, None without any. Raises StoreError."""
    at, posts = store.query(load("share_span"), {"brand": brand})[0]
    return at if posts else None


def read_share(store: Store, span: Span) -> ShareData:
    """Read a span, and the random labels of the LABELS_LAST before its end. Raises StoreError."""
    asked = span.asked()
    rows = store.query(load("share_bins"), asked)
    return ShareData(
        window=window_of(rows),
        labels=recent_labels(store, span),
        unlabelled={place: posts for place, said, posts, _, _ in rows if not said},
    )


def window_of(rows: Iterable[Row]) -> Window:
    """The posts of a span, from rows of share_bins.sql."""
    rows = list(rows)
    return Window(
        bins=tuple(
            ScoreBin(mean=min(1.0, chances / posts), posts=posts)
            for _, said, posts, chances, _ in rows
            if not said
        ),
        known=sum(posts for _, said, posts, _, _ in rows if said),
        known_negative=sum(posts for _, said, posts, _, _ in rows if said == "negative"),
        counted_negative=sum(row[-1] for row in rows),
    )


def recent_labels(store: Store, span: Span) -> tuple[LabelledScore, ...]:
    """The random labels of the LABELS_LAST before the span's end. Raises StoreError."""
    recent = Span(brand=span.brand, since=span.until - LABELS_LAST, until=span.until)
    return tuple(
        LabelledScore(
            p_negative=p_negative, negative=bool(negative), in_window=published_at >= span.since
        )
        for _, published_at, p_negative, negative in store.query(
            load("share_labels"), recent.asked()
        )
    )
