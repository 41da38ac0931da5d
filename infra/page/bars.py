"""Curves of the overview: how many negative posts there were, hour by hour."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from infra.hours import Shown, shown
from infra.page.expected import Band, over_hour
from infra.page.overview_records import Spark
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
FEW: Final = 48
"""Hours up to which the bars of a curve end now; beyond they are clock hours."""


class Bars(Struct, frozen=True):
    """Bars of an hour that end at the quarter after now, or, of many, with the clock hour."""

    since: datetime
    grain: timedelta
    count: int

    @classmethod
    def of(cls, at: datetime, hours: int) -> "Bars":
        """So many hours of them, up to `at`."""
        grain = QUARTER if hours <= FEW else HOUR
        late = at.replace(minute=0, second=0, microsecond=0)
        while late < at:
            late += grain
        return cls(late - hours * HOUR, grain, hours)

    def spark(self, found: Mapping[datetime, Shown], hours: Mapping[int, Band]) -> Spark:
        """The bars of one brand."""
        negative = [0] * self.count
        for at, (_, count) in found.items():
            place = (at - self.since) // HOUR
            if 0 <= place < self.count:
                negative[place] += count
        bands = [over_hour(hours, self.since + (i + 1) * HOUR) for i in range(self.count)]
        has_band = any(bands)
        return Spark(
            start=round(self.since.timestamp()),
            step_seconds=3600,
            negative=tuple(negative),
            lower=tuple(one.lower if one else None for one in bands) if has_band else None,
            upper=tuple(one.upper if one else None for one in bands) if has_band else None,
        )


def counts(
    store: Store, language: str, *, since: datetime, until: datetime, step: timedelta
) -> Mapping[str, Mapping[datetime, Shown]]:
    """All and negative posts of brands by step; empty: of all languages. Raises StoreError."""
    if not language:
        return shown(store, since=since, until=until, step=step)
    found: dict[str, dict[datetime, Shown]] = {}
    asked: dict[str, Param] = {
        "since": to_ms(since),
        "until": to_ms(until),
        "step": round(step / timedelta(minutes=1)),
        "language": language,
    }
    for brand, start, volume, negative in store.query(load("language_counts"), asked):
        found.setdefault(brand, {})[datetime.fromtimestamp(start, UTC)] = volume, negative
    return found
