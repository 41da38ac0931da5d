"""What is asked of a brand's past by other rules, to look at or to take along."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from msgspec import Struct

from infra.page.asks import Caller, Here
from infra.page.newest import Newest
from infra.page.place import clock_of, span_of


class AskedBacktest(Struct, frozen=True, kw_only=True):
    """Of which brand, by which rules, up to when, and what there would have been."""

    brand: str
    sensitivity: str
    until: datetime
    told: Mapping[str, Any]


def backtest_asked(
    request: Request,
    place: Here,
    who: Caller,
    brand: Annotated[str, Query(min_length=1, max_length=256)],
    days: Annotated[int, Query(ge=1, le=365)] = 90,
    sensitivity: Literal["calm", "balanced", "keen"] = "balanced",
    until: datetime | None = None,
) -> AskedBacktest:
    """Raises Refused where the caller may not see the brand."""
    who.check_brand(brand)
    _, end = span_of(None, until, at=clock_of(place).at, length=timedelta(0))
    newest: Newest = request.app.state.newest
    told = newest.backtest(brand, days=days, sensitivity=sensitivity, until=end)
    return AskedBacktest(brand=brand, sensitivity=sensitivity, until=end, told=told)


Asked = Annotated[AskedBacktest, Depends(backtest_asked)]
