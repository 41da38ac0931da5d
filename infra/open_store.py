"""Which database this process talks to."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.clickhouse.address import database_of
from infra.clickhouse.cluster import make_cluster
from infra.clickhouse.kinds import ONE_SERVER, Kinds
from infra.migrate import known_migrations, migrate, refuse_newer
from infra.settings import Settings
from infra.store import FolderInUse, Store, StoreError, StoreUnavailable
from infra.store_chdb import ChdbStore
from infra.store_clickhouse import ClickhouseStore
from infra.store_cluster import ClusterStore
from infra.store_socket import SocketStore

SOCKET_FILE = "socket"
"""In the data folder of a running embedded line: where the socket of its database is."""


def open_store(settings: Settings) -> Store:
    """A server if one is named, else the process behind the socket, else the folder itself.

    Raises as the three do: only the folder is opened here, the others at their first call.
    """
    if settings.clickhouse:
        return _on_servers(settings)
    if settings.socket is not None:
        return SocketStore(settings.socket)
    return ChdbStore(settings.data / "database")


def _on_servers(settings: Settings) -> Store:
    address = settings.clickhouse.get_secret_value()

    def connect(kinds: Kinds) -> ClickhouseStore:
        return ClickhouseStore(address, kinds=kinds, connections=settings.clickhouse_connections)

    if not settings.clickhouse_cluster:
        return connect(ONE_SERVER)
    cluster = make_cluster(settings.clickhouse_cluster, database_of(address), known_migrations())
    return ClusterStore(connect, cluster, settings.clickhouse_quorum)


def open_beside(settings: Settings) -> Store:
    """As `open_store`, for a command that comes while a line may be running on the same folder.

    A folder that nobody has open is brought up to this version. Raises StoreUnavailable where
    there is no database yet: a command about posts makes none; MigrationRefused where a newer
    program made it.
    """
    running = None
    if not settings.clickhouse and settings.socket is None:
        running = _socket_of(settings.data)
    if settings.clickhouse or settings.socket is not None or running is not None:
        store = SocketStore(running) if running is not None else open_store(settings)
        try:
            refuse_newer(store)
        except StoreError:
            store.close()
            raise
        return store
    folder = settings.data / "database"
    if not folder.is_dir():
        raise StoreUnavailable(
            f"{folder}: no database yet; GROUNDSWELL_DATA names the folder of a line that has run"
        )
    try:
        own = ChdbStore(folder)
    except FolderInUse as error:
        raise FolderInUse(
            f"{error}; or set GROUNDSWELL_SOCKET to the socket of the process that has it"
        ) from error
    migrate(own)
    return own


def open_running(settings: Settings) -> Store:
    """The database of the line that runs on the data folder; its folder itself is left alone.

    Raises StoreUnavailable while no line runs there.
    """
    if settings.clickhouse or settings.socket is not None:
        return open_store(settings)
    running = _socket_of(settings.data)
    if running is None:
        raise StoreUnavailable(f"no line runs on {settings.data}: `groundswell run` starts one")
    return SocketStore(running)


@contextmanager
def socket_told(data: Path, path: Path) -> Iterator[None]:
    """While in the block, `open_beside` finds the socket at `path` from the data folder."""
    (data / SOCKET_FILE).write_text(str(path), encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            (data / SOCKET_FILE).unlink()


def told_socket(data: Path) -> Path | None:
    """Where the line that ran here last said its socket was, if it did not live to take it back."""
    try:
        return Path((data / SOCKET_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _socket_of(data: Path) -> Path | None:
    """Return the socket of the running line, None if there is none or nobody answers there."""
    path = told_socket(data)
    if path is None:
        return None
    store = SocketStore(path)
    try:
        store.query("SELECT 1")
    except StoreUnavailable:  # a line that was killed
        return None
    finally:
        store.close()
    return path
