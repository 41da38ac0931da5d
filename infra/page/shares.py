"""Negative shares of many brands at once, as `groundswell share` tells each."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Final

from msgspec import Struct

from forecasting.recalibrate import SUREST
from forecasting.share import estimate_share
from forecasting.share_records import LabelledScore, ShareEstimate, Window
from infra.share import recent_labels, window_of
from infra.share_labels import Span
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

AT_ONCE: Final = 100
"""Estimates made for one answer, 10 ms each; brands beyond have none until the next one."""
KEPT: Final = 4_096


class Interval(Struct, frozen=True, kw_only=True):
    """A share with its 90 % interval. `counted`: posts that the model calls negative."""

    value: float
    lower: float
    upper: float
    method: str
    counted: float
    posts: int


def windows(
    store: Store, *, since: datetime, until: datetime, language: str = ""
) -> dict[str, Window]:
    """Brand -> its posts of the span by score. Raises StoreError."""
    asked: dict[str, Param] = {
        "since": to_ms(since),
        "until": to_ms(until),
        "language": language,
        "surest": SUREST,
    }
    rows: dict[str, list[Row]] = {}
    for brand, *row in store.query(load("brand_shares"), asked):
        rows.setdefault(brand, []).append(tuple(row))
    return {brand: window_of(some) for brand, some in rows.items()}


def labels_of(
    store: Store, brands: Iterable[str], *, since: datetime, until: datetime
) -> Mapping[str, tuple[LabelledScore, ...]]:
    """Random labels of each of the brands that have any, of the time before `until`."""
    labelled = {row[0] for row in store.query(load("labelled_brands"))}
    return {
        brand: recent_labels(store, Span(brand=brand, since=since, until=until))
        for brand in labelled & set(brands)
    }


class Estimates:
    """Makes estimates, and remembers what it made of the same posts and labels. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, ShareEstimate | None] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        found: Mapping[str, Window],
        labels: Mapping[str, Sequence[LabelledScore]],
        order: Iterable[str],
    ) -> dict[str, Interval]:
        """By brand; the first AT_ONCE of `order` that are not known yet are made."""
        left = AT_ONCE
        told: dict[str, Interval] = {}
        for brand in order:
            window = found.get(brand)
            if window is None:
                continue
            known = tuple(labels.get(brand, ()))
            key = (window, known)
            with self._lock:
                is_known = key in self._kept
            if not is_known and not left:
                continue
            left -= not is_known
            estimate = self._made(key, window, known)
            if estimate is not None:
                told[brand] = interval(estimate, window)
        return told

    def _made(
        self, key: object, window: Window, labels: tuple[LabelledScore, ...]
    ) -> ShareEstimate | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        estimate = estimate_share(window, labels)
        with self._lock:
            self._kept[key] = estimate
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return estimate


def interval(estimate: ShareEstimate, window: Window) -> Interval:
    """An estimate as it is shown."""
    return Interval(
        value=estimate.share,
        lower=estimate.lower,
        upper=estimate.upper,
        method=estimate.method,
        counted=window.counted_negative / window.posts,
        posts=window.posts,
    )
