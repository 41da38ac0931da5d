"""A ClickHouse server, over its native protocol; see infra/clickhouse/address.py for addresses."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from infra.clickhouse.address import parse_address
from infra.clickhouse.kinds import ONE_SERVER, Kinds
from infra.clickhouse.pool import Pool
from infra.store import Param, Row, StoreError, StoreRejected, StoreUnavailable
from infra.store_errors import store_error
from infra.well_formed import well_formed

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PAUSES: Final = (0.1, 0.4, 1.6)
"""Seconds before a query or insert is tried again whose connection was lost."""
Answer = TypeVar("Answer")


class ClickhouseStore:
    """A `Store` on a server. Connects at the first call, and again after a connection is lost.

    Thread-safe: a connection serves one call at a time. What was being done when a connection broke
    is done again on another one, on the next of the hosts if it must be: a query changes nothing,
    and an insert that took place unseen is the same rows again. A command is left to its caller.
    Raises StoreRejected for an address that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        kinds: Kinds = ONE_SERVER,
        connections: int = 8,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`connections` at most; `kinds`: the settings sent with each statement."""
        host, options = parse_address(address)
        self._kinds = kinds
        self._pause = pause
        self._pool: Pool[Any] = Pool(
            partial(_connect, host, options), lambda client: client.disconnect(), size=connections
        )

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        if not all(NAME.fullmatch(name) for name in (table, *columns)):
            raise StoreRejected(f"not a table and its columns: {table} {list(columns)}")
        values = to_columns(columns, rows)
        names = ", ".join(f"`{column}`" for column in columns)
        sql = f"INSERT INTO `{table}` ({names}) VALUES"

        def write(client: Any) -> None:
            client.execute(sql, values, columnar=True, settings=dict(self._kinds.insert))

        self._repeated(write, to_write=True)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        def ask(client: Any) -> list[Row]:
            rows = client.execute(sql, _safe(params), settings=dict(self._kinds.query))
            zone = client.connection.server_info.get_timezone()
            return [tuple(in_utc(value, zone) for value in row) for row in rows]

        return self._repeated(ask, to_write=False)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        def change(client: Any) -> None:
            client.execute(sql, _safe(params), settings=dict(self._kinds.command))

        self._once(change, to_write=True)

    def close(self) -> None:
        self._pool.close()

    def _repeated(self, call: Callable[[Any], Answer], *, to_write: bool) -> Answer:
        for pause in PAUSES:
            try:
                return self._once(call, to_write=to_write)
            except ConnectionLost:
                self._pause(pause)
        return self._once(call, to_write=to_write)

    def _once(self, call: Callable[[Any], Answer], *, to_write: bool) -> Answer:
        try:
            with self._pool.lend(to_write=to_write) as client:
                return call(client)
        except Exception as error:
            raise translated(error) from error


class ConnectionLost(StoreUnavailable):
    """The connection broke, or none could be made: at once, and not after a time of waiting."""


def _connect(host: str, options: Mapping[str, Any]) -> Any:
    from clickhouse_driver import Client

    return Client(host, **options)


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
    if isinstance(error, errors.SocketTimeoutError | TimeoutError):
        return StoreUnavailable(f"ClickHouse does not answer: {str(error) or 'in time'}")
    if isinstance(error, errors.NetworkError | EOFError | OSError):
        said = str(error) or type(error).__name__
        return ConnectionLost(f"ClickHouse does not answer: {said}")
    if isinstance(error, errors.Error):
        return StoreUnavailable(f"ClickHouse does not answer: {error or type(error).__name__}")
    if isinstance(error, TypeError | ValueError | AttributeError | OverflowError):
        return StoreRejected(f"{type(error).__name__}: {error}")
    return error


def _safe(params: Mapping[str, Param] | None) -> dict[str, Param]:
    return {name: well_formed(value) for name, value in (params or {}).items()}
