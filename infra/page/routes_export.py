"""The route of what a person takes along."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from threading import BoundedSemaphore
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from infra.export_pages import Span
from infra.page.asks import Caller, Here
from infra.page.asks_backtest import Asked
from infra.page.export import csv_of, parquet_of, plan
from infra.page.export_backtest import backtest_file
from infra.page.export_health import health_file
from infra.page.export_overview import overview_file
from infra.page.export_table import Kind
from infra.page.health import seen_by as health_seen_by
from infra.page.newest import Newest
from infra.page.overview import MOST_HOURS, seen_by
from infra.page.place import clock_of, span_of
from infra.page.refused import Refused

router = APIRouter()
AT_ONCE: Final = 2
LONGEST: Final = timedelta(days=400)
TYPES: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in TYPES.values()}}
}


@router.get("/export/overview.{kind}", response_class=Response, responses=FILES)
def export_overview(
    request: Request,
    kind: Kind,
    who: Caller,
    hours: Annotated[int, Query(ge=1, le=MOST_HOURS)] = 24,
    language: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """A file of the overview: one row a brand, of the last hour."""
    newest: Newest = request.app.state.newest
    whole = seen_by(who, newest.overview(hours=hours, language=language))
    return _whole(overview_file(kind, whole), f"overview-{whole.at:%Y%m%d-%H%M}", kind)


@router.get("/export/health.{kind}", response_class=Response, responses=FILES)
def export_health(request: Request, kind: Kind, who: Caller) -> Response:
    """A file of the line's health: one row a figure."""
    newest: Newest = request.app.state.newest
    health = newest.health()
    made = health_file(kind, health_seen_by(health, who))
    return _whole(made, f"health-{health.at:%Y%m%d-%H%M}", kind)


@router.get("/export/backtest.{kind}", response_class=Response, responses=FILES)
def export_backtest(kind: Kind, asked: Asked) -> Response:
    """A file of the incidents there would have been, as `GET /backtest` tells of them."""
    made = backtest_file(kind, asked.told, brand=asked.brand, sensitivity=asked.sensitivity)
    return _whole(made, f"backtest-{asked.sensitivity}-{asked.until:%Y%m%d-%H%M}", kind)


@router.get("/export/{what}.{kind}", response_class=Response, responses=FILES)
def export(
    request: Request,
    what: Literal["posts", "counts", "incidents"],
    kind: Kind,
    place: Here,
    who: Caller,
    brand: Annotated[str, Query(min_length=1, max_length=256)],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Response:
    """A file of a brand's posts, counts or incidents, by default of the last day."""
    who.check_brand(brand)
    begin, end = span_of(since, until, at=clock_of(place).at, length=timedelta(days=1))
    if not begin < end <= begin + LONGEST:
        raise Refused(422, f"until has to be after since, and {LONGEST.days} days at most")
    slots: BoundedSemaphore = request.app.state.exports
    span = Span(brand=brand, since=begin, until=end)
    parts = plan(place.store, span, what)
    if not slots.acquire(blocking=False):
        raise Refused(429, "others are exporting: again in a moment", retry_after=5)
    if kind == "csv":
        chunks = csv_of(place.store, parts, what)
    else:
        chunks = parquet_of(place.store, span, what)
    name = f"groundswell-{what}-{begin:%Y%m%d}-{end:%Y%m%d}.{kind}"
    held = _held(slots, chunks)
    # Begun here: what goes wrong has a status, and one that is left gives its slot back.
    begun = chain([next(held)], held)
    return StreamingResponse(
        begun,
        media_type=TYPES[kind],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _whole(made: bytes, name: str, kind: Kind) -> Response:
    headers = {"content-disposition": f'attachment; filename="groundswell-{name}.{kind}"'}
    return Response(made, media_type=TYPES[kind], headers=headers)


def _held(slots: BoundedSemaphore, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give the slot back whatever ends it."""
    try:
        yield from chunks
    finally:
        slots.release()
