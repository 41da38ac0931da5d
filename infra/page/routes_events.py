"""The route on which a browser hears what happened."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from infra.page.asks import Caller
from infra.page.events import Hub
from infra.page.refused import Refused

router = APIRouter()
KIND: Final = "text/event-stream"
HELLO: Final = b"event: hello\nretry: 2000\ndata: {}\n\n"
PING: Final = b": ping\n\n"
PING_EVERY: Final = 15.0
"""Seconds of silence after which what stands in between might cut the connection."""


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {KIND: {"schema": {"type": "string"}}}}},
)
async def events(request: Request, who: Caller) -> StreamingResponse:
    """Tell what is new, as server-sent events `news`: {brand, what, at}; an empty brand stands for
    all.

    `what`: posts, incident, judged, people, feeds, sent, labels.
    """
    hub: Hub = request.app.state.hub
    if hub.is_full:
        raise Refused(503, "too many listen", retry_after=30)
    await hub.begun.wait()
    return StreamingResponse(_told(hub, who.sees), media_type=KIND)


async def _told(hub: Hub, sees: Callable[[str], bool]) -> AsyncIterator[bytes]:
    with hub.viewing(sees) as viewer:
        yield HELLO
        while not viewer.closed:
            try:
                news = await asyncio.wait_for(viewer.next(), PING_EVERY)
            except TimeoutError:
                yield PING
                continue
            if news:
                yield b"".join(
                    b"event: news\ndata: "
                    + msgspec.json.encode({"brand": one.brand, "what": one.what, "at": at})
                    + b"\n\n"
                    for one, at in news.items()
                )
