"""Doubles that stand between a process and what it asks: they pass on, refuse, hang or say no."""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Literal

import msgspec

from infra.store_frames import Answer, Request, encode_answer, receive, send

Mood = Literal["well", "refuse", "hang", "read_only"]


class StoreBetween:
    """A store's socket in front of another. `read_only`: whatever would write is refused."""

    def __init__(self, path: Path, behind: Path) -> None:
        self._behind = behind
        self._path = path
        self._well = threading.Event()
        self._well.set()
        self._mood: Mood = "well"
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def turn(self, mood: Mood) -> None:
        """From now on it is like this. `refuse` also ends the connections there are."""
        self._mood = mood
        if mood == "hang":
            self._well.clear()
        else:
            self._well.set()
        if mood == "refuse":
            self._drop()

    def close(self) -> None:
        """Let go of everybody."""
        self._closed = True
        self._well.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._drop()
        self._thread.join(5)

    def _drop(self) -> None:
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._mood == "refuse":
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._connections.add(client)
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(str(self._behind))
            while frame := receive(client):
                self._well.wait()
                if self._mood == "read_only" and _would_write(frame):
                    answer = Answer(error="StoreUnavailable", message="Code: 242. read-only")
                    send(client, encode_answer(answer))
                    continue
                send(server, frame)
                answered = receive(server)
                if not answered:
                    break
                self._well.wait()
                send(client, answered)
        with self._lock:
            self._connections.discard(client)


def _would_write(frame: bytes) -> bool:
    return msgspec.msgpack.decode(frame, type=Request).what != "query"


class TcpBetween:
    """A TCP port in front of another; `refuse` closes it, `hang` keeps what it is given."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self._behind = behind
        self._flows = threading.Event()
        self._flows.set()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._listen()

    def turn(self, mood: Mood) -> None:
        """From now on it is like this."""
        if mood == "hang":
            self._flows.clear()
        else:
            self._flows.set()
        if mood == "refuse":
            self._stop_listening()
        elif self._listener is None:
            self._listen()

    def close(self) -> None:
        """Let go of everybody."""
        self._flows.set()
        self._stop_listening()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._behind), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._connections |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                self._flows.wait()
                target.sendall(chunk)
        # Each direction ends both: the two threads may close the same socket, which is harmless.
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()
        with self._lock:
            self._connections.discard(source)
