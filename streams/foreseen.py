"""What came of forecasts: counts as they are read to histories, and scores of what was told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

import msgspec
import numpy as np

from forecasting.accuracy import Score, judged, score
from forecasting.calendar import HOUR, floor_hour
from forecasting.conformal import corrected, no_offsets
from forecasting.errors import BANDS
from forecasting.foretell import BrandFit, Recent, Series, Trust
from forecasting.history import History, history, without_gaps
from forecasting.records import BUCKET
from infra.forecasts import Due, score_row, step_name

Counted = dict[datetime, tuple[int, int]]
"""Start -> posts and negative posts."""
HOURLY: Final = step_name(HOUR)
STANDING_BAND: Final = 24
"""Hours ahead up to which errors decide whether a model is told."""


def history_of(
    counted: Mapping[datetime, tuple[int, int]],
    *,
    start: datetime,
    until: datetime,
    step: timedelta,
) -> tuple[History, History]:
    """Volume and negative count from `start` on; what has no row had no posts."""
    both = [counted.get(start + i * step, (0, 0)) for i in range((until - start) // step)]
    volume, negative = zip(*both, strict=True) if both else ((), ())
    return history(volume, start), history(negative, start)


def recent_of(
    counted: Counted, *, since: datetime, until: datetime, unseen: Collection[datetime] = ()
) -> Recent:
    """Counts by the hour from the brand's first one in the span, gaps taken out.

    `unseen` are hours in which a feed was known to stall; of those before that was kept, long runs
    of zeros are taken for gaps.
    """
    start = max(since, min(counted, default=until))
    volume, negative = history_of(counted, start=start, until=until, step=HOUR)
    # In UTC: a guess about zeros needs the same hour of other days, whatever it is called.
    of_day = (start.hour + np.arange(len(volume))) % 24
    volume = without_gaps(volume, of_day)
    seen = volume.seen.copy()
    for hour in unseen:
        if start <= hour < until:
            seen[(hour - start) // HOUR] = False
    if start > since and len(seen) > 1:
        seen[0] = False  # it began somewhere within
    return Recent(
        volume=msgspec.structs.replace(volume, seen=seen),
        negative=msgspec.structs.replace(negative, seen=seen),
    )


def scored(
    brand: str,
    due: Sequence[Due],
    *,
    fit: BrandFit,
    trusts: Mapping[Series, Trust],
    recent: Recent,
    parts: Mapping[datetime, tuple[int, int]],
) -> tuple[list[tuple[object, ...]], dict[Series, Trust]]:
    """Rows of scores of the forecasts that are due, and the trust after them, hour by hour."""
    rows: list[tuple[object, ...]] = []
    after = dict(trusts)
    unknown = {
        recent.volume.start + i * HOUR for i, seen in enumerate(recent.volume.seen) if not seen
    }
    hours = {
        recent.volume.start + i * HOUR: (int(volume), int(negative))
        for i, (volume, negative) in enumerate(
            zip(recent.volume.counts, recent.negative.counts, strict=True)
        )
    }

    def order(each: Due) -> tuple[datetime, Series, str, int]:
        return floor_hour(each.bucket), each.series, each.step, each.band

    errors: dict[tuple[datetime, Series], list[tuple[float, float]]] = {}
    for (hour, series, step, band), group in groupby(sorted(due, key=order), key=order):
        if hour in unknown or hour < recent.volume.start:
            continue
        told = list(group)
        found = _score(told, series, fit, hours if step == HOURLY else parts)
        if found is None:
            continue
        model = told[0].model
        rows.append(
            score_row(
                brand, series=series, step=step, band=band, bucket=hour, score=found, model=model
            )
        )
        after[series] = _corrected(after[series], step, band, found)
        if step == HOURLY and band <= STANDING_BAND:
            errors.setdefault((hour, series), []).append((found.own_error, found.naive_error))
    for (_, series), pairs in sorted(errors.items()):
        own, naive = (float(np.mean(each)) for each in zip(*pairs, strict=True))
        after[series] = _judged(after[series], own, naive)
    return rows, after


def _score(
    told: Sequence[Due],
    series: Series,
    fit: BrandFit,
    counted: Mapping[datetime, tuple[int, int]],
) -> Score | None:
    truth = [_value(series, *counted.get(each.bucket, (0, 0))) for each in told]
    one = fit.share if series == "negative_share" else getattr(fit, series)
    hourly = told[0].step == HOURLY
    return score(
        np.asarray(truth),
        np.asarray([each.quantiles for each in told], dtype=np.float64),
        own=np.asarray([each.own for each in told]),
        naive=np.asarray([each.naive for each in told]),
        scale=one.scale if hourly else one.fine_scale,
    )


def _value(series: Series, volume: int, negative: int) -> float:
    if series == "negative_share":
        return negative / volume if volume else float("nan")
    return float(volume if series == "volume" else negative)


def _corrected(trust: Trust, step: str, band: int, found: Score) -> Trust:
    index = BANDS.index(band)
    above = np.asarray(found.above) / found.count
    if step == HOURLY:
        return msgspec.structs.replace(trust, hour=corrected(trust.hour, index, above))
    assert step == step_name(BUCKET)
    return msgspec.structs.replace(trust, bucket=corrected(trust.bucket, index, above))


def _judged(trust: Trust, own: float, naive: float) -> Trust:
    standing = judged(trust.standing, own, naive)
    if standing.replaced == trust.standing.replaced:
        return msgspec.structs.replace(trust, standing=standing)
    # What the other one's intervals were corrected by says nothing of these.
    return Trust(standing=standing, hour=no_offsets(), bucket=no_offsets())
