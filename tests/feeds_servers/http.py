"""A small HTTP server on loopback, on the test's own event loop, with faults to order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Faults:
    """What the next requests get in place of an answer."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.requests: list[web.Request] = []

    def order(self, status: int, **headers: str) -> None:
        """The next request gets this status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(web.Response(status=status, headers=named))


@asynccontextmanager
async def serving(answer: Answer, faults: Faults) -> AsyncIterator[str]:
    """The address of a server that answers with `answer`, unless a fault was ordered."""

    async def handle(request: web.Request) -> web.StreamResponse:
        faults.requests.append(request)
        if faults.answers:
            return faults.answers.pop(0)
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def as_json(body: Any) -> web.Response:
    """An answer of JSON."""
    return web.json_response(body)
