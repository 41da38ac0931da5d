"""A receiver of our own webhooks, on this machine only: for the demo, and to try a set-up with."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError, WebhookVerificationError

MAX_BODY = 64 * 1024
REMEMBERED = 10_000
"""Ids kept to tell a repeat."""

OnEvent = Callable[[dict[str, Any]], None]


class LocalReceiver:
    """Listens on 127.0.0.1 from a thread of its own while the `with` block lasts.

    Calls `on_event` from that thread with the body of each verified webhook, once for an id; an
    exception there is answered 500, so the sender comes again. Answers 401 to a signature that
    does not fit, 413 over MAX_BODY, 400 to a body that is no JSON object.
    """

    def __init__(self, secret: str, on_event: OnEvent, *, port: int = 0) -> None:
        """Port 0 takes a free one. Raises ValueError for a secret of no use."""
        try:
            self._verifier = Webhook(secret)
        except EmptyWebhookSecretError as error:
            raise ValueError("the secret is empty") from error
        self._on_event = on_event
        self._port = port
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], None] = lambda: None
        self.url = ""

    def __enter__(self) -> Self:
        """Start; `url` is set on return. Raises OSError if the port is taken."""
        ready: Future[tuple[str, Callable[[], None]]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)), name="receiver", daemon=True
        )
        self._thread.start()
        try:
            self.url, self._stop = ready.result()
        except OSError:
            self._thread.join()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        if self._thread is not None:
            self._thread.join()

    async def _serve(self, ready: "Future[tuple[str, Callable[[], None]]]") -> None:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/webhook", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await runner.cleanup()
            ready.set_exception(error)
            return
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        host, port = runner.addresses[0][:2]

        def stop() -> None:
            loop.call_soon_threadsafe(stopped.set)

        ready.set_result((f"http://{host}:{port}/webhook", stop))
        await stopped.wait()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()  # answers 413 by itself
        try:
            self._verifier.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: no base64, no comma, no UTF-8
            return web.Response(status=401, text="the signature does not fit")
        message_id = request.headers["webhook-id"]
        if message_id in self._seen:
            return web.Response(text="known")
        try:
            event = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError:
            return web.Response(status=400, text="not a JSON object")
        self._on_event(event)
        self._seen[message_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return web.Response(text="thanks")
