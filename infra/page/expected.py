"""What was expected of a brand: forecasts as they were told before, in arrays and over hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

HOUR: Final = 3600


class Band(Struct, frozen=True, kw_only=True):
    """A count that is expected, and the 95 % interval."""

    mean: float
    lower: float
    upper: float


Told = dict[str, dict[str, dict[int, Band]]]
"""Brand -> series (volume, negative, negative_share) -> start in epoch seconds."""


def told(
    store: Store, *, since: datetime, until: datetime, step: str = "60m", brand: str = ""
) -> Told:
    """What was last said of each bucket before it began. Raises StoreError."""
    asked: dict[str, Param] = {
        "brand": brand,
        "step": step,
        "since": to_ms(since),
        "until": to_ms(until),
    }
    found: Told = {}
    for of_brand, series, start, mean, lower, upper in store.query(load("forecasts_told"), asked):
        band = Band(mean=mean, lower=lower, upper=upper)
        found.setdefault(of_brand, {}).setdefault(series, {})[start] = band
    return found


def over_hour(hours: Mapping[int, Band], end: datetime) -> Band | None:
    """Of the hour up to `end`: of the two clock hours that it is in, each by its part.

    None where nothing was forecast for one of them.
    """
    finish = end.timestamp()
    begin = finish - HOUR
    mean = lower = upper = 0.0
    start = int(begin // HOUR) * HOUR
    while start < finish:
        part = (min(finish, start + HOUR) - max(begin, start)) / HOUR
        band = hours.get(start)
        if band is None:
            return None
        mean += part * band.mean
        lower += part * band.lower
        upper += part * band.upper
        start += HOUR
    return Band(mean=mean, lower=lower, upper=upper)
