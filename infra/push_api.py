"""`POST /v1/posts`: posts over HTTP, one source a token. What is answered 202 is durable.

The body is an object, an array of objects, or lines of JSON (`application/x-ndjson`), gzip or not.
Each item gets its own result; only items that are refused need mending and sending again. The same
id twice is one post.
"""

import asyncio
import secrets
import socket
import zlib
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal, Protocol

import msgspec
import uvicorn
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from msgspec import Struct
from pydantic import BaseModel

from infra.feeds.settings import PushSettings

MOST_BODY = 8 << 20
"""Bytes of a body, unpacked."""
MOST_ITEMS = 4_096
NDJSON = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
)


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


class _Refused(Exception):
    def __init__(self, status: int, error: str, detail: str, *, wait: int = 0) -> None:
        super().__init__(detail)
        self.status, self.error, self.wait = status, error, wait


def push_app(settings: PushSettings, take: TakeItems, *, schema: dict[str, Any]) -> FastAPI:
    """The application; `schema`: of one item, for the OpenAPI document at /openapi.json."""
    app = FastAPI(
        title="Groundswell: posts over HTTP",
        version="1",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )

    @app.exception_handler(_Refused)
    async def refused(_request: Request, error: _Refused) -> JSONResponse:
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
        openapi_extra=_described(schema),
    )
    async def posts(request: Request, authorization: Annotated[str, Header()] = "") -> Results:
        """Hand over posts, edits and erasures."""
        source = _source(settings, authorization)
        body = await _body(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        items = _items(body, is_lines=kind in NDJSON)
        try:
            taken = await asyncio.to_thread(take, source, items)
        except Busy as error:
            status, name = (429, "too_many_posts") if error.full else (503, "unavailable")
            raise _Refused(status, name, str(error), wait=error.wait) from None
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
        raise _Refused(401, "unauthorized", "send `Authorization: Bearer TOKEN`")
    return found


async def _body(request: Request) -> bytes:
    """The body, unpacked. Raises _Refused."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise _Refused(415, "unsupported_encoding", f"{encoding!r}: gzip is taken")
    unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            part = unpack.decompress(chunk, MOST_BODY + 1 - size) if unpack else chunk
            size += len(part)
            if size > MOST_BODY:
                raise _Refused(413, "too_large", f"more than {MOST_BODY} bytes")
            parts.append(part)
    except zlib.error as error:
        raise _Refused(422, "not_gzip", str(error)) from None
    if unpack and (not unpack.eof or unpack.unused_data):
        raise _Refused(422, "not_gzip", "it ends early, or something follows it")
    return b"".join(parts)


def _items(body: bytes, *, is_lines: bool) -> list[bytes]:
    """Items as they were sent. Raises _Refused."""
    if is_lines:
        items = [line for line in body.split(b"\n") if line.strip()]
    elif body.lstrip(b" \t\r\n")[:1] == b"[":
        try:
            items = [bytes(one) for one in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _Refused(422, "not_json", str(error)) from None
    else:
        items = [body]
        try:
            msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _Refused(422, "not_json", str(error)) from None
    if len(items) > MOST_ITEMS:
        raise _Refused(413, "too_many_items", f"{len(items)} items, at most {MOST_ITEMS}")
    if not items:
        raise _Refused(422, "empty", "no posts in it")
    return items


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """The body for the OpenAPI document: FastAPI can't know it, as it is read by hand."""
    one_or_many = {"oneOf": [schema, {"type": "array", "items": schema, "maxItems": MOST_ITEMS}]}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": one_or_many},
                NDJSON[0]: {"schema": {"type": "string", "description": "one item a line"}},
            },
        }
    }


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Any:
        """The process has its own way to stop."""
        yield


class PushServer:
    """The application on its port, on the event loop it is run on."""

    def __init__(self, settings: PushSettings, app: FastAPI, told: Callable[[str], None]) -> None:
        """`told` hears where it listens."""
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            limit_concurrency=64,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
        self._config = config
        self._told = told

    async def run(self) -> None:
        """Serve until cancelled; requests in hand are finished. Raises OSError: port taken."""
        config = self._config
        listening = socket.create_server((config.host, config.port))
        server = _Server(config)
        host, port = listening.getsockname()[:2]
        self._told(f"http://{host}:{port}")
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving
            listening.close()
