"""`POST /v1/posts`: posts over HTTP, one source a token. What is answered 202 is durable.

The body is an object, an array of objects, or lines of JSON (`application/x-ndjson`), gzip or not.
Each item gets its own result; only items that are refused need mending and sending again. The same
id twice is one post.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from msgspec import Struct
from pydantic import BaseModel

from infra.feeds.settings import PushSettings
from infra.push_body import PushRefused, described, read_items


class Taken(Struct, frozen=True, kw_only=True):
    """What became of one item: `post_id` where it is taken, `reason` and `detail` where not."""

    post_id: str = ""
    reason: str = ""
    detail: str = ""


class Busy(Exception):
    """Nothing was taken: try again in `wait` seconds."""

    def __init__(self, message: str, *, wait: int, full: bool) -> None:
        """`full`: too much waits already; otherwise what keeps posts is away."""
        super().__init__(message)
        self.wait = wait
        self.full = full


class TakeItems(Protocol):
    """Where posts go. Blocks."""

    def __call__(self, source: str, items: Sequence[bytes]) -> Sequence[Taken]:
        """A result for each item, once those that are taken are durable. Raises Busy."""
        ...


class ItemResult(BaseModel):
    """What became of one item of the body."""

    index: int
    status: Literal["accepted", "rejected"]
    id: str = ""  # `source:native_id`
    reason: str = ""
    detail: str = ""


class Results(BaseModel):
    """What became of the body, item by item."""

    accepted: int
    rejected: int
    results: list[ItemResult]


class Problem(BaseModel):
    """Why nothing was taken."""

    error: str
    detail: str


def push_app(settings: PushSettings, take: TakeItems, *, schema: dict[str, Any]) -> FastAPI:
    """The application; `schema`: of one item, for the OpenAPI document at /openapi.json."""
    app = FastAPI(
        title="Groundswell: posts over HTTP",
        version="1",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )

    @app.exception_handler(PushRefused)
    async def refused(_request: Request, error: PushRefused) -> JSONResponse:
        headers = {"retry-after": str(error.wait)} if error.wait else {}
        if error.status == 401:
            headers["www-authenticate"] = "Bearer"
        return JSONResponse(
            {"error": error.error, "detail": str(error)}, status_code=error.status, headers=headers
        )

    @app.post(
        "/v1/posts",
        status_code=202,
        response_model=Results,
        responses={
            401: {"model": Problem, "description": "no token, or an unknown one"},
            413: {"model": Problem, "description": "more bytes or items than are taken at once"},
            415: {"model": Problem, "description": "an encoding other than gzip"},
            422: {"model": Problem, "description": "no JSON of posts"},
            429: {"model": Problem, "description": "too much waits already: see Retry-After"},
            503: {"model": Problem, "description": "what keeps posts is away: see Retry-After"},
        },
        openapi_extra=described(schema),
    )
    async def posts(request: Request, authorization: Annotated[str, Header()] = "") -> Results:
        """Hand over posts, edits and erasures."""
        source = _source(settings, authorization)
        items = await read_items(request)
        try:
            taken = await asyncio.to_thread(take, source, items)
        except Busy as error:
            status, name = (429, "too_many_posts") if error.full else (503, "unavailable")
            raise PushRefused(status, name, str(error), wait=error.wait) from None
        return _told(taken)

    return app


def _told(taken: Sequence[Taken]) -> Results:
    results = [
        ItemResult(
            index=index,
            status="rejected" if one.reason else "accepted",
            id=one.post_id,
            reason=one.reason,
            detail=one.detail,
        )
        for index, one in enumerate(taken)
    ]
    rejected = sum(bool(one.reason) for one in taken)
    return Results(accepted=len(taken) - rejected, rejected=rejected, results=results)


def _source(settings: PushSettings, authorization: str) -> str:
    scheme, _, given = authorization.partition(" ")
    found = ""
    for one in settings.tokens:  # all of them: how long it takes tells nothing
        wanted = one.token.get_secret_value().encode()
        if secrets.compare_digest(given.strip().encode(), wanted) and scheme.lower() == "bearer":
            found = one.source
    if not found:
        raise PushRefused(401, "unauthorized", "send `Authorization: Bearer TOKEN`")
    return found
