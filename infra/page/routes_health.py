"""Routes of the line's own health, of deliveries, and of a brand's past by other rules."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from infra.deliver.delivery_log import Wanted, decisions
from infra.page.asks import Caller, Here, Text
from infra.page.asks_backtest import Asked
from infra.page.health import seen_by
from infra.page.incident import head_of
from infra.page.newest import Newest
from infra.page.replies import reply

router = APIRouter()


@router.get("/health")
def health(request: Request, who: Caller) -> Response:
    """Stages, delays, feeds, dead letters, models, forecasts, receivers."""
    newest: Newest = request.app.state.newest
    return reply(seen_by(newest.health(), who))


@router.get("/deliveries")
def deliveries(
    place: Here,
    who: Caller,
    incident_id: Annotated[str, Query(max_length=64)] = "",
    receiver: Text = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Who was told what, what became of it, and why not; of one incident, or of all."""
    if incident_id:
        head_of(place.store, incident_id, who)
    else:
        who.check_all()
    wanted = Wanted(incident_id=incident_id, receiver=receiver)
    return reply({"deliveries": decisions(place.store, wanted, most=limit)})


@router.get("/backtest")
def backtest(asked: Asked) -> Response:
    """The incidents there would have been, by the rules that judge the present."""
    return reply(asked.told)
