"""Which database this process talks to."""

from infra.settings import Settings
from infra.store import Store
from infra.store_chdb import ChdbStore
from infra.store_clickhouse import ClickhouseStore
from infra.store_socket import SocketStore


def open_store(settings: Settings) -> Store:
    """A server if one is named, else the process behind the socket, else the folder itself.

    Raises as the three do: only the folder is opened here, the others at their first call.
    """
    if settings.clickhouse:
        return ClickhouseStore(settings.clickhouse.get_secret_value())
    if settings.socket is not None:
        return SocketStore(settings.socket)
    return ChdbStore(settings.data / "database")
