"""Taking posts over HTTP, on a port of its own."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from infra.feeds.settings import PushSettings


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
