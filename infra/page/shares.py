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


class _Made(Struct, frozen=True):
    """The newest estimate of a brand."""

    of: tuple[Window, tuple[LabelledScore, ...]]
    turn: int  # when it was still true
    interval: Interval | None


class Estimates:
    """Makes estimates, and remembers the newest of each brand and span. Thread-safe.

    Of more brands than AT_ONCE whose posts have changed, half of those that are made anew are the
    first ones and half those that waited longest.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], _Made] = OrderedDict()
        self._turn = 0
        self._lock = Lock()

    @property
    def kept(self) -> int:
        """How many are in memory."""
        return len(self._made)

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
            known = {
                brand: (found[brand], tuple(labels.get(brand, ())))
                for brand in order
                if brand in found
            }
            anew = set(self._chosen(which, known))
            told: dict[str, Interval] = {}
            for brand, of in known.items():
                last = self._made.get((which, brand))
                if brand in anew:
                    estimate = estimate_share(*of)
                    shown = interval(estimate, of[0]) if estimate is not None else None
                    last = _Made(of, self._turn, shown)
                elif last is not None and last.of == of:
                    last = _Made(of, self._turn, last.interval)
                if last is not None:
                    self._made[which, brand] = last
                    self._made.move_to_end((which, brand))
                    if last.interval is not None:
                        told[brand] = last.interval
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return told

    def _chosen(
        self, which: str, known: Mapping[str, tuple[Window, tuple[LabelledScore, ...]]]
    ) -> list[str]:
        """Brands whose estimates are made now."""
        made = {brand: self._made.get((which, brand)) for brand in known}
        wanted = [brand for brand, last in made.items() if last is None or last.of != known[brand]]
        if len(wanted) <= AT_ONCE:
            return wanted
        first, rest = wanted[: AT_ONCE // 2], wanted[AT_ONCE // 2 :]
        rest.sort(key=lambda brand: last.turn if (last := made[brand]) is not None else 0)
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
