"""Routes of the overview, a brand's series and incidents."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query, Request
from msgspec import Struct
from starlette.responses import Response

from infra.page.asks import BrandName, Caller, Here, IncidentId, Text
from infra.page.brand_series import (
    Compared,
    Counts,
    Expected,
    Gap,
    Span,
    Step,
    check,
    read_compared,
    read_counts,
    read_expected,
    read_gaps,
    read_incidents,
    step_of,
)
from infra.page.incident import read_story
from infra.page.incident_list import Asked, Head, heads
from infra.page.newest import Newest
from infra.page.overview import MOST_HOURS, seen_by
from infra.page.overview_records import Overview
from infra.page.place import clock_of, span_of
from infra.page.refused import Refused
from infra.page.replies import reply

router = APIRouter()
DAY = timedelta(days=1)
AHEAD = timedelta(days=2)


class SeriesReply(Struct, frozen=True, kw_only=True):
    """A brand over time."""

    at: datetime
    since: datetime
    until: datetime
    step_seconds: int
    start: list[int]
    negative: list[int]
    neutral: list[int]
    positive: list[int]
    share: list[float | None]
    share_lower: list[float | None]
    share_upper: list[float | None]
    share_method: str
    expected: Expected | None
    gaps: list[Gap]
    incidents: list[Head]
    compare: Compared | None


@router.get("/overview")
def overview(
    request: Request,
    who: Caller,
    hours: Annotated[int, Query(ge=1, le=MOST_HOURS)] = 24,
    language: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """One row a brand, sorted by need for attention."""
    newest: Newest = request.app.state.newest
    whole: Overview = newest.overview(hours=hours, language=language)
    return reply(seen_by(who, whole))


@router.get("/brands/{brand:path}/series")
def series(
    brand: BrandName,
    place: Here,
    who: Caller,
    since: datetime | None = None,
    until: datetime | None = None,
    step: Step | None = None,
    zone: Text = "UTC",
    compare: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Posts by sentiment over time, what was expected, what is forecast, incidents and gaps."""
    who.check_brand(brand)
    at = clock_of(place).at
    begin, end = span_of(since, until, at=at, length=DAY)
    span = Span(
        brand=brand,
        since=begin,
        until=end,
        step=step or step_of(begin, end),
        zone=_zone(zone),
    )
    check(span)
    if compare.startswith("brand:"):
        who.check_brand(compare.removeprefix("brand:"))
    counts: Counts = read_counts(place.store, span)
    ahead = min((end - begin) / 4, AHEAD) if end >= at else timedelta(0)
    return reply(
        SeriesReply(
            at=at,
            since=begin,
            until=end,
            step_seconds={"5m": 300, "1h": 3600, "1d": 86400}[span.step],
            start=counts.start,
            negative=counts.negative,
            neutral=counts.neutral,
            positive=counts.positive,
            share=counts.share,
            share_lower=counts.share_lower,
            share_upper=counts.share_upper,
            share_method="counted",
            expected=read_expected(place.store, span, ahead=ahead),
            gaps=read_gaps(place.store, span),
            incidents=read_incidents(place, span),
            compare=read_compared(place.store, span, compare) if compare else None,
        )
    )


@router.get("/incidents")
def incidents(
    place: Here,
    who: Caller,
    brand: Text = "",
    open: bool | None = None,  # noqa: A002 - the name in the address
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Response:
    """Incidents, newest first; by default those of the last 90 days."""
    if brand:
        who.check_brand(brand)
    brands = (brand,) if brand else who.brands
    at = clock_of(place).at
    begin, _ = span_of(since, None, at=at, length=90 * DAY)
    asked = Asked(brands=brands, open=open, since=begin, limit=limit)
    return reply({"at": at, "incidents": heads(place.store, asked)})


@router.get("/incidents/{incident_id}")
def incident(incident_id: IncidentId, place: Here, who: Caller) -> Response:
    """The whole story of one."""
    return reply(read_story(place, incident_id, who))


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(422, f"no time zone {name!r}") from error
