"""What a detector would have said of a brand's past: the same fold that judges the present."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.incident import IncidentState, judge
from forecasting.records import (
    BUCKET,
    Bucket,
    IncidentChange,
    IncidentKind,
    Moment,
    Policy,
    Quality,
    Verdict,
)
from forecasting.watch import empty_bucket, starts

HOUR: Final = timedelta(hours=1)


class PastIncident(Struct, frozen=True, kw_only=True):
    """An incident as it would have been; `closed_at` is None while it would be open at the end."""

    kind: IncidentKind
    opened_at: Moment
    since: Moment
    closed_at: Moment | None
    severity: int  # the worst
    peak: int  # most posts of its kind in an hour
    total_negative: int
    alerts: bool


class Point(Struct, frozen=True, kw_only=True):
    """An hour that ended at `at`: negative posts, and the band they were expected in."""

    at: Moment
    negative: int
    lower: float
    upper: float
    learning: bool


class Backtest(Struct, frozen=True, kw_only=True):
    """A brand's past by one policy."""

    brand: str
    policy: Policy
    since: Moment
    until: Moment
    posts: int
    left_out: int  # posts that were fetched later: they are no reason for an alert
    false_a_week: float  # to expect by the policy
    incidents: tuple[PastIncident, ...]
    hours: tuple[Point, ...]


def backtest(
    brand: str,
    found: Mapping[datetime, Bucket],
    *,
    warm: datetime,
    since: datetime,
    until: datetime,
    quality: Mapping[datetime, Quality] | None = None,
    policy: Policy,
) -> Backtest:
    """Judge all buckets from `warm` to `until`; report incidents that open from `since` on.

    All three are starts of buckets. Before the brand's first post nothing is judged, as when it
    was live. A brand without posts has no incidents and no hours.
    """
    open_ones: dict[str, PastIncident] = {}
    closed: list[PastIncident] = []
    hours: list[Point] = []
    verdict: Verdict | None = None
    for at, verdict, changes in _judged(brand, found, warm, until, quality, policy):
        for change in changes:
            past = _past(change, open_ones.pop(change.incident_id, None))
            if change.change == "resolved":
                closed.append(past)
            else:
                open_ones[change.incident_id] = past
        if at > since and (at - since) % HOUR == timedelta(0):
            hours.append(_point(at, verdict))
    inside = [bucket for start, bucket in found.items() if since <= start < until]
    incidents = sorted((*closed, *open_ones.values()), key=lambda one: (one.opened_at, one.kind))
    return Backtest(
        brand=brand,
        policy=policy,
        since=since,
        until=until,
        posts=sum(bucket.volume for bucket in inside),
        left_out=sum(bucket.backfilled for bucket in inside),
        false_a_week=verdict.false_a_week if verdict else 0.0,
        incidents=tuple(one for one in incidents if one.opened_at > since),
        hours=tuple(hours),
    )


def _judged(
    brand: str,
    found: Mapping[datetime, Bucket],
    warm: datetime,
    until: datetime,
    quality: Mapping[datetime, Quality] | None,
    policy: Policy,
) -> Iterator[tuple[datetime, Verdict, tuple[IncidentChange, ...]]]:
    """The end of each bucket, its verdict and what changed."""
    state = IncidentState()
    first = min((start for start in found if start >= warm), default=until)
    for start in starts(first, until):
        known = None if quality is None else quality.get(start, "ok")
        bucket = found.get(start) or empty_bucket(start)
        state, verdict, changes = judge(state, brand, bucket, quality=known, policy=policy)
        yield start + BUCKET, verdict, changes


def _past(change: IncidentChange, before: PastIncident | None) -> PastIncident:
    past = before or PastIncident(
        kind=change.kind,
        opened_at=change.opened_at,
        since=change.since,
        closed_at=None,
        severity=change.severity,
        peak=0,
        total_negative=0,
        alerts=change.alerts,
    )
    return replace(
        past,
        closed_at=change.at if change.change == "resolved" else None,
        severity=max(past.severity, change.severity),
        peak=max(past.peak, change.peak_observed),
        total_negative=change.total_negative,
        alerts=past.alerts or change.alerts,
    )


def _point(at: datetime, verdict: Verdict) -> Point:
    return Point(
        at=at,
        negative=verdict.hour_negative,
        lower=verdict.share_lower * verdict.hour_volume,
        upper=verdict.share_upper * verdict.hour_volume,
        learning=verdict.learning,
    )
