"""A ClickHouse server, over its native protocol.

Address: `clickhouse://user:password@host:9000/database`, or `clickhouses://` for TLS (port 9440).
A `?name=value` behind it is an option of clickhouse-driver, such as `connect_timeout=5`.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from infra.store import Param, Row, StoreError, StoreRejected, StoreUnavailable
from infra.store_errors import store_error
from infra.well_formed import well_formed

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
INSERT = {"async_insert": 0, "max_partitions_per_insert_block": 0}
# Every partition key is part of its table's sort key, so that partitions can be merged one by one.
SELECT = {"readonly": 2, "do_not_merge_across_partitions_select_final": 1}


class ClickhouseStore:
    """A `Store` on a server. Connects at the first call, and again after a connection is lost.

    Thread-safe: a connection serves one call at a time, as many as calls at once are kept.
    Raises StoreRejected for an address that is none.
    """

    def __init__(self, address: str) -> None:
        self._host, self._options = parse_address(address)
        self._lock = threading.Lock()
        self._idle: list[Any] = []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        if not all(NAME.fullmatch(name) for name in (table, *columns)):
            raise StoreRejected(f"not a table and its columns: {table} {list(columns)}")
        values = to_columns(columns, rows)
        names = ", ".join(f"`{column}`" for column in columns)
        with self._client() as client:
            sql = f"INSERT INTO `{table}` ({names}) VALUES"
            client.execute(sql, values, columnar=True, settings=INSERT)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        with self._client() as client:
            rows = client.execute(sql, _safe(params), settings=SELECT)
            zone = client.connection.server_info.get_timezone()
        return [tuple(in_utc(value, zone) for value in row) for row in rows]

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        with self._client() as client:
            client.execute(sql, _safe(params))

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            client.disconnect()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        from clickhouse_driver import Client

        with self._lock:
            client = self._idle.pop() if self._idle else None
        try:
            client = client or Client(self._host, **self._options)
            yield client
        except Exception as error:
            if client is not None:
                client.disconnect()  # half an answer may still be on its way
            raise translated(error) from error
        with self._lock:
            self._idle.append(client)


def parse_address(address: str) -> tuple[str, dict[str, Any]]:
    """Host and keyword arguments of clickhouse-driver's Client. Never repeats the password."""
    from clickhouse_driver.util.helpers import parse_url

    if not address.startswith(("clickhouse://", "clickhouses://")):
        raise StoreRejected("a ClickHouse address begins with clickhouse:// or clickhouses://")
    try:
        host, options = parse_url(address)
    except (ValueError, AttributeError) as error:
        raise StoreRejected(f"not a ClickHouse address: {error}") from error
    if not host:
        raise StoreRejected("the ClickHouse address names no host")
    settings = {**options.pop("settings", {}), "server_side_params": True}
    return host, {**options, "settings": settings}


def to_columns(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows as columns, text well-formed. Raises StoreRejected for a time without a zone."""
    try:
        values = [list(column) for column in zip(*rows, strict=True)]
    except ValueError as error:
        raise StoreRejected(f"rows of different length: {error}") from error
    if len(values) != len(columns):
        raise StoreRejected(f"{len(values)} values a row for {len(columns)} columns")
    for name, column in zip(columns, values, strict=True):
        if any(isinstance(value, datetime) and value.tzinfo is None for value in column):
            raise StoreRejected(f"column {name}: a time without a zone")
    return [well_formed(column) for column in values]


def in_utc(value: Any, zone: str) -> Any:
    """A time in UTC; one without a zone is in the server's `zone`. Anything else as it is."""
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def translated(error: Exception) -> Exception:
    """What an error of the driver means; one that is not the driver's or ours stays itself."""
    from clickhouse_driver import errors

    if isinstance(error, StoreError):
        return error
    if isinstance(error, errors.ServerException):
        return store_error(error.code, str(error.message).partition("Stack trace:")[0].strip())
    if isinstance(error, errors.TypeMismatchError | errors.UnknownTypeError):
        return StoreRejected(str(error))
    if isinstance(error, errors.Error | EOFError | OSError):
        return StoreUnavailable(f"ClickHouse does not answer: {error or type(error).__name__}")
    if isinstance(error, TypeError | ValueError | AttributeError | OverflowError):
        return StoreRejected(f"{type(error).__name__}: {error}")
    return error


def _safe(params: Mapping[str, Param] | None) -> dict[str, Param]:
    return {name: well_formed(value) for name, value in (params or {}).items()}
