"""Routes of a brand's posts and of what a time is about."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from infra.page.asks import BrandName, Caller, Here, Text
from infra.page.place import clock_of, span_of
from infra.page.posts import Asked, read_posts
from infra.page.refused import Refused
from infra.page.replies import reply
from infra.page.selection import read_selection

router = APIRouter()
Label = Literal["negative", "neutral", "positive"]
DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=92)


@router.get("/brands/{brand:path}/posts")
def posts(
    brand: BrandName,
    place: Here,
    who: Caller,
    since: datetime | None = None,
    until: datetime | None = None,
    label: Label | None = None,
    language: Text = "",
    source: Text = "",
    author: Text = "",
    text: Text = "",
    cluster_id: Annotated[str, Query(max_length=20, pattern="^[0-9]*$")] = "",
    post_id: Annotated[str, Query(max_length=1_024)] = "",
    before: Annotated[str, Query(max_length=2_048)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Posts to read, the newest first; `next` of a page is `before` of the one after it."""
    who.check_brand(brand)
    begin, end = _span(since, until, at=clock_of(place).at)
    return reply(
        read_posts(
            place,
            Asked(
                brand=brand,
                since=begin,
                until=end,
                label=label or "",
                language=language,
                source=source,
                author=author,
                text=text,
                cluster_id=cluster_id,
                post_id=post_id,
                before=before,
                limit=limit,
            ),
        )
    )


@router.get("/brands/{brand:path}/selection")
def selection(
    brand: BrandName,
    place: Here,
    who: Caller,
    since: datetime | None = None,
    until: datetime | None = None,
    label: Literal["negative"] | None = None,
) -> Response:
    """Terms that grew, sources, languages, clusters and authors; of negative posts, or of all."""
    who.check_brand(brand)
    begin, end = _span(since, until, at=clock_of(place).at)
    return reply(read_selection(place, brand, since=begin, until=end, negative=label == "negative"))


def _span(
    since: datetime | None, until: datetime | None, *, at: datetime
) -> tuple[datetime, datetime]:
    begin, end = span_of(since, until, at=at, length=DAY)
    if not begin < end <= begin + LONGEST:
        raise Refused(422, f"until has to be after since, and {LONGEST.days} days at most")
    return begin, end
