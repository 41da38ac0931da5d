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


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any that is free. Raises OSError, which names the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from error


class PageServer:
    """Serves on a socket that listens, and closes it at the end."""

    def __init__(self, app: FastAPI, listening: socket.socket) -> None:
        self._listening = listening
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
        return address_of(self._listening)

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


def address_of(listening: socket.socket) -> str:
    """The address of a socket that listens."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


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
