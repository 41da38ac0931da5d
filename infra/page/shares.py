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

AT_ONCE: Final = 20
"""Estimates made for one answer, 10 ms each; the rest are shown as they were last made."""
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
    """Makes estimates, and remembers what it made. Thread-safe.

    Of more brands than AT_ONCE whose posts have changed, half of those that are made anew are the
    first ones and half those that waited longest.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[object, ShareEstimate | None] = OrderedDict()
        self._last: dict[tuple[str, str], tuple[int, Interval]] = {}
        self._turn = 0
        self._lock = Lock()

    def of(
        self,
        which: str,
        found: Mapping[str, Window],
        labels: Mapping[str, Sequence[LabelledScore]],
        order: Iterable[str],
    ) -> dict[str, Interval]:
        """By brand, the most important first in `order`; `which` names the span that it is of."""
        with self._lock:
            self._turn += 1
            keys = {
                brand: (found[brand], tuple(labels.get(brand, ())))
                for brand in order
                if brand in found
            }
            for brand in self._chosen(which, keys):
                window, known = keys[brand]
                self._made[window, known] = estimate_share(window, known)
            told: dict[str, Interval] = {}
            for brand, key in keys.items():
                last = self._last.get((which, brand))
                if key in self._made:
                    self._made.move_to_end(key)
                    estimate = self._made[key]
                    if estimate is not None:
                        told[brand] = interval(estimate, key[0])
                        self._last[which, brand] = self._turn, told[brand]
                elif last is not None:
                    told[brand] = last[1]
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return told

    def _chosen(
        self, which: str, keys: Mapping[str, tuple[Window, tuple[LabelledScore, ...]]]
    ) -> list[str]:
        """Brands whose estimates are made now."""
        wanted = [brand for brand, key in keys.items() if key not in self._made]
        if len(wanted) <= AT_ONCE:
            return wanted
        first, rest = wanted[: AT_ONCE // 2], wanted[AT_ONCE // 2 :]
        never = (0, None)
        rest.sort(key=lambda brand: self._last.get((which, brand), never)[0])
        return first + rest[: AT_ONCE // 2]


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
