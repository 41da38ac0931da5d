"""The route on which a browser hears what happened."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from infra.page.asks import Caller
from infra.page.events import Hub
from infra.page.refused import Refused

router = APIRouter()
RETRY_MS = 2_000


@router.get("/events", response_class=EventSourceResponse)
async def events(request: Request, who: Caller) -> AsyncIterator[ServerSentEvent]:
    """Tell what is new: {brand, what, at}; an empty brand stands for all.

    `what`: posts, incident, judged, people, feeds, sent, labels.
    """
    hub: Hub = request.app.state.hub
    if hub.is_full:
        raise Refused(503, "too many listen", retry_after=30)
    await hub.begun.wait()
    yield ServerSentEvent(event="hello", raw_data="{}", retry=RETRY_MS)
    async for news in hub.listen(who.sees):
        for one, at in news.items():
            told: dict[str, Any] = {"brand": one.brand, "what": one.what, "at": at}
            yield ServerSentEvent(event="news", raw_data=msgspec.json.encode(told).decode())
