"""Keeps the forecasts of every brand in the database fresh, off the way of alerts."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from forecasting.forecast import forecast
from forecasting.records import BUCKET, Forecast
from forecasting.watch import floor_bucket, starts
from infra.hours import shown
from infra.series import Memory, write_forecast
from infra.store import Store

HOUR = timedelta(hours=1)
HISTORY = timedelta(days=14)
AHEAD = {BUCKET: 24 * 12, HOUR: 48}
"""Buckets forecast by step: a day by five minutes, two days by the hour."""
LEAST_PAUSE = 20.0
"""Seconds between two rounds: a replay at full speed passes many hours in one."""


class Foreseer:
    """Forecasts volume and negative count of each brand once an hour of the line's clock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made_at: datetime | None = None
        self._last_round = float("-inf")

    def refresh(self, kept: Mapping[str, Memory]) -> None:
        """Forecast from the last full hour the watcher has passed, if that is a new one."""
        if "" not in kept or time.monotonic() - self._last_round < LEAST_PAUSE:
            return
        now = floor_bucket(kept[""].bucket, HOUR)
        if now == self._made_at:
            return
        found = shown(self._store, since=now - HISTORY, until=now, step=BUCKET)
        for brand, buckets in found.items():
            first = min(buckets)
            volumes, negatives = zip(
                *(buckets.get(at, (0, 0)) for at in starts(first, now)), strict=True
            )
            for series, values in {"volume": volumes, "negative": negatives}.items():
                for step, made in _forecasts(list(values), first, now).items():
                    write_forecast(self._store, brand, series=series, step=step, made=made, at=now)
        self._made_at = now
        self._last_round = time.monotonic()


def _forecasts(values: list[int], start: datetime, now: datetime) -> dict[timedelta, Forecast]:
    made = {BUCKET: forecast(values, start, BUCKET, AHEAD[BUCKET])}
    per_hour = HOUR // BUCKET
    hours = len(values) // per_hour
    if hours:
        kept = values[-hours * per_hour :]
        sums = [sum(kept[i : i + per_hour]) for i in range(0, len(kept), per_hour)]
        made[HOUR] = forecast(sums, now - hours * HOUR, HOUR, AHEAD[HOUR])
    return made
