"""The store across processes: one owns the embedded database, the others ask it over a socket."""

import contextlib
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from infra.store import Param, Row, Store, StoreError, StoreUnavailable
from infra.store_frames import (
    Answer,
    Request,
    encode_answer,
    encode_request,
    error_of,
    receive,
    send,
)


class StoreServer:
    """Answers for `store` on a unix socket that only this user can open.

    A thread a connection, so a slow query holds up no one else. Closing it leaves `store` open.
    """

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._path = path
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._closed = False
        self._socket = _listen(path)
        self._thread = threading.Thread(target=self._accept, name="store-socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering; a call that runs is finished, its answer may be lost. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            connections = dict(self._connections)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # close alone leaves accept() waiting
        self._thread.join()
        self._socket.close()
        self._path.unlink(missing_ok=True)
        for connection, thread in connections.items():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="store-client", daemon=True
            )
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections[connection] = thread
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        decoder = msgspec.msgpack.Decoder(Request)
        # A client that went away, or that sends no frame of ours, loses its connection.
        with connection, contextlib.suppress(OSError):
            while frame := receive(connection):
                send(connection, encode_answer(self._answer(decoder, frame)))
        with self._lock:
            self._connections.pop(connection, None)

    def _answer(self, decoder: "msgspec.msgpack.Decoder[Request]", frame: bytes) -> Answer:
        try:
            request = decoder.decode(frame)
            if request.what == "query":
                return Answer(rows=self._store.query(request.sql, request.params))
            if request.what == "insert":
                self._store.insert(request.sql, request.columns, request.rows)
            else:
                self._store.command(request.sql, request.params)
            return Answer()
        except StoreError as error:
            return Answer(error=type(error).__name__, message=str(error))
        except Exception as error:  # noqa: BLE001  a bug: the caller must hear it and stop
            return Answer(error="StoreRejected", message=f"{type(error).__name__}: {error}")


def serve_store(store: Store, path: Path) -> StoreServer:
    """Serve `store` on a unix socket at `path`. Raises StoreUnavailable if it can't be made there.

    The caller owns the database folder, so a socket left at `path` is a dead process's.
    """
    return StoreServer(store, path)


class SocketStore:
    """A `Store` that asks the process behind `path`. Thread-safe: a connection a call at a time.

    While that process is away every call raises StoreUnavailable, and works again once it is back.
    A lost connection leaves it open whether an insert or command took place: repeat it.
    """

    def __init__(self, path: Path, timeout: float = 300.0) -> None:
        self._path = path
        self._timeout = timeout  # seconds without a byte
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._call(Request("insert", table, list(columns), [list(row) for row in rows]))

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self._call(Request("query", sql, params=dict(params or {})))

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._call(Request("command", sql, params=dict(params or {})))

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _call(self, request: Request) -> list[Row]:
        frame = encode_request(request)
        connection: socket.socket | None = None
        try:
            connection = self._take()
            send(connection, frame)
            payload = receive(connection)
            if not payload:
                raise ConnectionError("it closed the connection")
        except OSError as lost:
            if connection is not None:
                connection.close()
            self.close()  # what else is idle leads to the same lost process
            raise StoreUnavailable(f"the database at {self._path} is away: {lost}") from lost
        with self._lock:
            self._idle.append(connection)
        answer = msgspec.msgpack.decode(payload, type=Answer)
        error = error_of(answer)
        if error is not None:
            raise error
        return answer.rows

    def _take(self) -> socket.socket:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self._timeout)
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            raise
        return connection


def _listen(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_socket():
            path.unlink()
        os.fchmod(server.fileno(), 0o600)  # before it has a name: never open to others
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(64)
    except OSError as error:
        server.close()
        raise StoreUnavailable(f"no socket can be made at {path}: {error}") from error
    return server
