"""The parts that need no server; tests/contract/test_store.py runs on one where it is named."""

import socket
from datetime import UTC, datetime, timedelta, timezone

import pytest
from clickhouse_driver import errors

from infra.store import StoreError, StoreRejected, StoreUnavailable
from infra.store_clickhouse import PAUSES, ClickhouseStore, in_utc, to_columns, translated


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.ServerException("no", 62), StoreRejected),  # SYNTAX_ERROR
        (errors.ServerException("no", 60), StoreRejected),  # UNKNOWN_TABLE
        (errors.ServerException("no", 516), StoreRejected),  # AUTHENTICATION_FAILED
        (errors.ServerException("no", 241), StoreUnavailable),  # MEMORY_LIMIT_EXCEEDED
        (errors.ServerException("no", 243), StoreUnavailable),  # NOT_ENOUGH_SPACE
        (errors.ServerException("no", 252), StoreUnavailable),  # TOO_MANY_PARTS
        (errors.ServerException("no", 242), StoreUnavailable),  # TABLE_IS_READ_ONLY
        (errors.NetworkError("gone"), StoreUnavailable),
        (errors.SocketTimeoutError("slow"), StoreUnavailable),
        (errors.UnexpectedPacketFromServerError("odd"), StoreUnavailable),
        (errors.PartiallyConsumedQueryError(), StoreUnavailable),
        (EOFError("Unexpected EOF while reading bytes"), StoreUnavailable),
        (ConnectionResetError(), StoreUnavailable),
        (errors.TypeMismatchError("str for int"), StoreRejected),
        (AttributeError("'int' object has no attribute 'encode'"), StoreRejected),
    ],
    ids=repr,
)
def test_errors_say_whether_to_try_again(error: Exception, expected: type[StoreError]) -> None:
    assert type(translated(error)) in {expected, *expected.__subclasses__()}


def test_a_server_error_comes_without_its_stack() -> None:
    error = errors.ServerException("DB::Exception: no such thing. Stack trace:\n\n0. main", 60)
    assert str(translated(error)) == "DB::Exception: no such thing."


def test_rows_become_columns() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert to_columns(("a", "b"), [(1, at), (2, at)]) == [[1, 2], [at, at]]
    assert to_columns(("a", "b"), [("\ud800", ["\ud800"])]) == [["\ufffd"], [["\ufffd"]]]
    for columns, rows in (
        (("a",), [(1, 2)]),
        (("a", "b"), [(1, 2), (1,)]),
        (("a",), [(datetime(2026, 3, 1),)]),  # noqa: DTZ001
    ):
        with pytest.raises(StoreRejected):
            to_columns(columns, rows)


def test_times_are_in_utc() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert in_utc(at.astimezone(timezone(timedelta(hours=9))), "UTC") == at
    assert in_utc(datetime(2026, 3, 1, 13), "Europe/Paris") == at  # noqa: DTZ001
    assert in_utc("2026", "UTC") == "2026"


def test_no_server_is_unavailable_at_every_call() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waited: list[float] = []
    address = f"clickhouse://ann:secret@127.0.0.1:{port}/x?connect_timeout=1"
    store = ClickhouseStore(address, pause=waited.append)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="does not answer") as caught:
            store.query("SELECT 1")
        assert "secret" not in str(caught.value)
    assert waited == [*PAUSES, *PAUSES]
    with pytest.raises(StoreUnavailable, match="does not answer"):
        store.command("DROP TABLE x")
    assert waited == [*PAUSES, *PAUSES]
    store.close()
    with pytest.raises(StoreUnavailable, match="were closed"):
        store.query("SELECT 1")
