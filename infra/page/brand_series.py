"""A brand over time: posts by sentiment, what was expected, what is missing, what was open."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from forecasting.records import BUCKET
from infra.page.expected import Band, told
from infra.page.incident_list import Asked, Head, heads
from infra.page.place import Place
from infra.page.refused import Refused
from infra.quality import read_quality
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

Step = Literal["5m", "1h", "1d"]
MINUTES: Final[dict[Step, int]] = {"5m": 5, "1h": 60, "1d": 1440}
MOST_POINTS: Final = 50_000
LONGEST: Final = timedelta(days=400)
NAMES: Final[dict[Step, str]] = {"5m": "5m", "1h": "60m", "1d": ""}
"""Of forecasts; of whole days there are none."""
Z90: Final = 1.6448536269514722


class Span(Struct, frozen=True, kw_only=True):
    """A brand in [since, until), by a step; days are those of `zone`."""

    brand: str
    since: datetime
    until: datetime
    step: Step
    zone: str = "UTC"


class Counts(Struct, frozen=True, kw_only=True):
    """Parallel arrays; steps without posts are there with zeros. A share of no posts is null.

    The share is counted: of the posts, those that the model calls negative, as the forecast of the
    share is. Its ends are those of the Wilson interval that holds it nine times in ten.
    """

    start: list[int]
    negative: list[int]
    neutral: list[int]
    positive: list[int]
    share: list[float | None]
    share_lower: list[float | None]
    share_upper: list[float | None]


class Bands(Struct, frozen=True, kw_only=True):
    """Parallel to `start` of the expectation."""

    lower: list[float | None]
    mean: list[float | None]
    upper: list[float | None]


class Expected(Struct, frozen=True, kw_only=True):
    """What was told before each step began; ahead, what is told now."""

    start: list[int]
    volume: Bands
    negative: Bands
    share: Bands


class Gap(Struct, frozen=True, kw_only=True):
    """A time whose counts are not what the crowd said, and why."""

    since: datetime
    until: datetime
    reason: str


class Compared(Struct, frozen=True, kw_only=True):
    """Another time or brand, moved onto the same axis."""

    label: str
    counts: Counts


def step_of(since: datetime, until: datetime) -> Step:
    """The step of a range: some hundred points."""
    length = until - since
    if length <= timedelta(hours=36):
        return "5m"
    return "1h" if length <= timedelta(days=21) else "1d"


def check(span: Span) -> None:
    """Refused for a range that is empty, or that has too many points."""
    length = span.until - span.since
    if length <= timedelta(0):
        raise Refused(422, "until has to be after since")
    if length > LONGEST or length / timedelta(minutes=MINUTES[span.step]) > MOST_POINTS:
        raise Refused(422, f"at most {MOST_POINTS:,} points and {LONGEST.days} days: a longer step")


def read_counts(store: Store, span: Span) -> Counts:
    """Read posts by sentiment. Raises StoreError."""
    asked: dict[str, Param] = {
        "brand": span.brand,
        "since": to_ms(span.since),
        "until": to_ms(span.until),
        "step": MINUTES[span.step],
        "zone": span.zone,
    }
    found = {row[0]: row[1:] for row in store.query(load("brand_series"), asked)}
    starts = starts_of(span)
    rows = [found.get(start, (0, 0, 0)) for start in starts]
    shares = [share_of(negative, sum(row)) for row in rows for negative in row[:1]]
    return Counts(
        start=starts,
        negative=[row[0] for row in rows],
        neutral=[row[1] for row in rows],
        positive=[row[2] for row in rows],
        share=[one[1] for one in shares],
        share_lower=[one[0] for one in shares],
        share_upper=[one[2] for one in shares],
    )


def starts_of(span: Span) -> list[int]:
    """Starts of the steps that the span touches, epoch seconds."""
    if span.step == "1d":
        return _days(span)
    size = 60 * MINUTES[span.step]
    first = int(span.since.timestamp() // size) * size
    last = span.until.timestamp()
    return list(range(first, -int(-last // 1), size))


def share_of(negative: int, posts: int) -> tuple[float, float, float] | tuple[None, None, None]:
    """Lower end, share and upper end, by Wilson's interval at 90 %.

    >>> [round(one, 2) for one in share_of(5, 10)]
    [0.27, 0.5, 0.73]
    """
    if not posts:
        return None, None, None
    share = negative / posts
    centre = share + Z90**2 / (2 * posts)
    spread = Z90 * sqrt(share * (1 - share) / posts + Z90**2 / (4 * posts**2))
    scale = 1 + Z90**2 / posts
    return (
        max(0.0, (centre - spread) / scale) if negative else 0.0,
        share,
        min(1.0, (centre + spread) / scale) if negative < posts else 1.0,
    )


def read_expected(store: Store, span: Span, *, ahead: timedelta) -> Expected | None:
    """What was expected, and `ahead` of the span's end what is. None for steps of a day."""
    name = NAMES[span.step]
    if not name:
        return None
    until = span.until + ahead
    starts = starts_of(Span(brand=span.brand, since=span.since, until=until, step=span.step))
    since = datetime.fromtimestamp(starts[0], UTC)
    found = told(store, since=since, until=until, step=name, brand=span.brand)
    of_brand = found.get(span.brand, {})
    return Expected(
        start=starts,
        volume=_bands(starts, of_brand.get("volume", {})),
        negative=_bands(starts, of_brand.get("negative", {})),
        share=_bands(starts, of_brand.get("negative_share", {})),
    )


def read_gaps(store: Store, span: Span) -> list[Gap]:
    """Times in which a feed stalled or counts changed, neighbours as one. Raises StoreError."""
    found = read_quality(store, span.brand, since=span.since, until=span.until)
    gaps: list[Gap] = []
    for start, quality in sorted(found.items()):
        last = gaps[-1] if gaps else None
        if last and last.reason == quality and last.until == start:
            gaps[-1] = Gap(since=last.since, until=start + BUCKET, reason=quality)
        elif quality != "ok":
            gaps.append(Gap(since=start, until=start + BUCKET, reason=quality))
    return gaps


def read_incidents(place: Place, span: Span) -> list[Head]:
    """Incidents that were open in the span."""
    asked = Asked(brands=(span.brand,), since=span.since, until=span.until)
    return heads(place.store, asked)


def read_compared(store: Store, span: Span, compare: str) -> Compared:
    """The week before, or another brand (`brand:NAME`), on the axis of the span."""
    if compare == "week":
        week = timedelta(days=7)
        before = Span(
            brand=span.brand,
            since=span.since - week,
            until=span.until - week,
            step=span.step,
            zone=span.zone,
        )
        counts = read_counts(store, before)
        moved = [start + round(week.total_seconds()) for start in counts.start]
        return Compared(label="week", counts=_with_start(counts, moved))
    kind, _, brand = compare.partition(":")
    if kind != "brand" or not brand:
        raise Refused(422, "compare is week or brand:NAME")
    other = Span(brand=brand, since=span.since, until=span.until, step=span.step, zone=span.zone)
    return Compared(label=brand, counts=read_counts(store, other))


def _with_start(counts: Counts, start: list[int]) -> Counts:
    return Counts(
        start=start,
        negative=counts.negative,
        neutral=counts.neutral,
        positive=counts.positive,
        share=counts.share,
        share_lower=counts.share_lower,
        share_upper=counts.share_upper,
    )


def _bands(starts: Sequence[int], found: Mapping[int, Band]) -> Bands:
    some = [found.get(start) for start in starts]
    return Bands(
        lower=[one.lower if one else None for one in some],
        mean=[one.mean if one else None for one in some],
        upper=[one.upper if one else None for one in some],
    )


def _days(span: Span) -> list[int]:
    zone = ZoneInfo(span.zone)
    day = span.since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = []
    while day < span.until:
        starts.append(round(day.timestamp()))
        day = (day.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return starts
