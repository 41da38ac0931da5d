"""The application: routes, files, and who may come in."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from infra.page import (
    routes_acts,
    routes_events,
    routes_export,
    routes_health,
    routes_labels,
    routes_posts,
    routes_session,
    routes_view,
)
from infra.page.chores import Chore, repeat
from infra.page.documents import document
from infra.page.events import Hub, Poller, follow
from infra.page.gate import Gate
from infra.page.headers import SecureHeaders
from infra.page.newest import Newest
from infra.page.place import Place
from infra.page.prefix import Prefix
from infra.page.refused import Refused
from infra.page.replies import refusal
from infra.page.traffic import Traffic
from infra.store import StoreError, StoreUnavailable
from infra.times import rising

STATIC: Final = Path(__file__).parent / "static"
API: Final = "/api/v1"
REFUSAL: Final = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}
ROUTES: Final = (
    routes_session,
    routes_events,
    routes_view,
    routes_posts,
    routes_acts,
    routes_labels,
    routes_health,
    routes_export,
)
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": words, "content": {"application/json": {"schema": REFUSAL}}}
    for status, words in {
        400: "the body cannot be read",
        401: "nobody has logged in",
        403: "not allowed, or not from the page itself",
        404: "not there, or not to be seen",
        413: "too long",
        421: "another host's name",
        422: "what was asked does not fit",
        429: "too often",
        503: "the database does not answer",
    }.items()
}
# Messages link to /incidents/ID.
VIEWS: Final = (
    "/",
    "/login",
    "/health",
    "/backtest",
    "/label",
    "/brands/{name:path}",
    "/incidents/{name}",
)
log = structlog.get_logger()


def page_app(
    place: Place, gate: Gate, *, hosts: Collection[str] = (), chores: Sequence[Chore] = ()
) -> FastAPI:
    """The page over a database. `hosts`: the names it answers under; empty: any.

    While it runs one task looks for news, whatever the number of viewers; `chores` are done beside.
    """
    hub, traffic = Hub(), Traffic(time.monotonic)
    newest = Newest(place, traffic)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        poller = Poller(place.store, traffic)
        task = asyncio.create_task(follow(poller, hub, place.now, newest.forget))
        warming = asyncio.create_task(_warm(newest))
        doing = [asyncio.create_task(repeat(one)) for one in (newest.chore, *chores)]
        try:
            yield
        finally:
            hub.close()
            for one in (task, *doing):
                one.cancel()
            await asyncio.gather(task, warming, *doing, return_exceptions=True)

    app = FastAPI(
        title="Groundswell",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # their script would come from elsewhere
        redoc_url=None,
        lifespan=living,
    )
    app.state.place, app.state.gate, app.state.hub = place, gate, hub
    app.state.newest, app.state.hosts = newest, _small(hosts)
    app.state.rising = rising(place.now)
    app.state.exports = BoundedSemaphore(routes_export.AT_ONCE)
    app.state.passwords = asyncio.Semaphore(routes_session.AT_ONCE)
    for routes in ROUTES:
        app.include_router(routes.router, prefix=API, responses=REFUSALS)
    app.add_api_route("/enter", routes_session.enter, include_in_schema=False)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(StoreError, _no_store)
    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(GZipMiddleware, minimum_size=2_048, compresslevel=4)
    app.add_middleware(SecureHeaders, hosts=lambda: app.state.hosts)
    app.add_middleware(Prefix, gate=gate)
    _add_files(app)
    app.openapi = lambda: document(app, API)  # type: ignore[method-assign]  # as FastAPI has it
    return app


def renew(app: FastAPI, place: Place, *, hosts: Collection[str]) -> None:
    """From the next request on the page reads by these settings. From any thread.

    Who listens for news comes again, as they may be let in no more. Raises StoreError, when all
    that is done.
    """
    app.state.place, app.state.hosts = place, _small(hosts)
    app.state.hub.let_go_soon()
    app.state.newest.take(place)


def _small(hosts: Collection[str]) -> frozenset[str]:
    return frozenset(host.lower() for host in hosts)


async def _warm(newest: Newest) -> None:
    """The first to come shall not wait for what is imported and planned at the first time only."""
    with suppress(StoreError):  # whoever asks is told
        await asyncio.to_thread(newest.overview, hours=24, language="")


def _add_files(app: FastAPI) -> None:
    """One document for every address of the page: what it shows it takes from the address."""

    async def document(request: Request) -> Response:
        text = (STATIC / "index.html").read_text(encoding="utf-8")
        under = f'="{request.scope["root_path"]}/'  # of plain letters: infra.page.prefix
        return HTMLResponse(text.replace('="/', under), headers={"cache-control": "no-cache"})

    for path in VIEWS:
        app.add_api_route(path, document, include_in_schema=False)
    app.mount("/static", _Files(directory=STATIC), name="static")


class _Files(StaticFiles):
    """Files that a browser asks about again each time: an update is there at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return refusal(error)


async def _no_store(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, StoreUnavailable):
        return refusal(Refused(503, "the database does not answer", retry_after=2))
    log.error("page", error=f"{type(error).__name__}: {error}")
    return JSONResponse({"detail": "the database could not answer this; the log says why"}, 500)


async def _other(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": str(error.detail)}, error.status_code, error.headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """What does not fit, without what was given: it may be a password."""
    assert isinstance(error, RequestValidationError)
    told = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()]
    return JSONResponse({"detail": "; ".join(told)}, 422)
