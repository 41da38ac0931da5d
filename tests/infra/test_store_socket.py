"""What the contract suite does not reach: frames of the wrong size and kind."""

import socket
from pathlib import Path

import msgspec
import pytest

from infra.store import (
    FolderInUse,
    Store,
    StoreDamaged,
    StoreError,
    StoreRejected,
    StoreUnavailable,
)
from infra.store_frames import MAX_FRAME, Answer, error_of, receive, send
from infra.store_socket import SocketStore, serve_store


def test_every_error_keeps_its_class_and_message() -> None:
    for kind in (StoreError, StoreUnavailable, StoreRejected, FolderInUse, StoreDamaged):
        error = error_of(Answer(kind.__name__, "why"))
        assert type(error) is kind
        assert str(error) == "why"
    assert error_of(Answer()) is None


def test_calls_and_answers_have_a_limit(store: Store, tmp_path: Path) -> None:
    server = serve_store(store, tmp_path / "s")
    client = SocketStore(tmp_path / "s")
    with pytest.raises(StoreRejected, match=str(MAX_FRAME)):
        client.insert("receipts", ("reason",), [("x" * MAX_FRAME,)])
    with pytest.raises(StoreRejected, match=str(MAX_FRAME)):
        client.query("SELECT repeat('x', 1000000) FROM numbers(70)")
    assert client.query("SELECT length(repeat('x', 1000000))") == [(1000000,)]
    client.close()
    server.close()


def test_what_cannot_travel_is_rejected(store: Store, tmp_path: Path) -> None:
    server = serve_store(store, tmp_path / "s")
    client = SocketStore(tmp_path / "s")
    for value in (object(), 2**70):
        with pytest.raises(StoreRejected):
            client.insert("receipts", ("position",), [(value,)])
    client.close()
    server.close()


def ended(connection: socket.socket) -> bool:
    try:
        return receive(connection) == b""
    except ConnectionResetError:
        return True


def test_a_stranger_on_the_socket_harms_no_one(store: Store, tmp_path: Path) -> None:
    server = serve_store(store, tmp_path / "s")
    for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\xff\xff\xff\xff", b"\0\0"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(tmp_path / "s"))
            stranger.sendall(sent)
            stranger.shutdown(socket.SHUT_WR)
            assert ended(stranger)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(tmp_path / "s"))
        send(stranger, b"no msgpack")
        answer = msgspec.msgpack.decode(receive(stranger), type=Answer)
    assert answer.error == "StoreRejected"
    client = SocketStore(tmp_path / "s")
    assert client.query("SELECT 1") == [(1,)]
    client.close()
    server.close()
    server.close()


def test_a_path_too_long_for_a_socket_is_said_so(store: Store, tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120)
    with pytest.raises(StoreUnavailable, match="too long"):
        serve_store(store, path)
    with pytest.raises(StoreUnavailable, match="too long"):
        SocketStore(path).query("SELECT 1")
