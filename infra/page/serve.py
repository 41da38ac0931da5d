"""The page on its port: in the foreground, or in a thread beside other work."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

import uvicorn
from fastapi import FastAPI

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class _Server(uvicorn.Server):
    """Ends when it is told to; signals are the process's own business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals as they are."""
        yield


class PageServer:
    """Listens from the moment it is made, so that the address is known. Raises OSError."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        """`port` 0: any that is free."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=1024)
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=3,
                proxy_headers=False,
            )
        )
        self._app = app

    @property
    def address(self) -> str:
        """Where it listens, as a browser is told."""
        host, port = self._listening.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def run(self) -> None:
        """Serve until `stop`."""
        try:
            self._server.run(sockets=[self._listening])
        finally:
            self._listening.close()

    def stop(self) -> None:
        """End soon. Who listens for news is let go first: a stream never ends by itself."""
        self._app.state.hub.close_soon()
        self._server.should_exit = True


@contextmanager
def beside(server: PageServer) -> Iterator[Thread]:
    """Serve in a thread while the block runs."""
    thread = Thread(target=server.run, name="page", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        server.stop()
        thread.join(10)


def names_for(host: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a server on `host` answers under; empty: any."""
    if host in LOOPBACK or given:
        return (*LOOPBACK, *given)
    return ()
