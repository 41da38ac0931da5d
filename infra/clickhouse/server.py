"""The servers themselves, past `Store`: what makes databases, users and copies is said as it is."""

from infra.clickhouse.address import database_of, with_database
from infra.clickhouse.cluster import Cluster, make_cluster
from infra.migrate import known_migrations
from infra.settings import Settings
from infra.store import Store, StoreRejected
from infra.store_clickhouse import ClickhouseStore


def server_of(settings: Settings, *, database: str | None = None) -> tuple[Store, Cluster | None]:
    """A store on the server as it is, in our database or another, and the cluster if it is of one.

    Raises StoreRejected where the settings name no server.
    """
    address = settings.clickhouse.get_secret_value()
    if not address:
        raise StoreRejected(
            "name the server, such as "
            "GROUNDSWELL_CLICKHOUSE=clickhouse://user:password@host:9000/groundswell"
        )
    ours, cluster = database_of(address), None
    if settings.clickhouse_cluster:
        cluster = make_cluster(settings.clickhouse_cluster, ours, known_migrations())
    return ClickhouseStore(with_database(address, database or ours)), cluster


def make_databases(settings: Settings) -> None:
    """Make both databases on every server of the cluster, where they are missing.

    On one server its owner makes the one. Raises as `Store` does.
    """
    server, cluster = server_of(settings, database="default")  # ours may not be there yet
    try:
        if cluster is not None:
            for name in (cluster.database, cluster.local):
                server.command(f"CREATE DATABASE IF NOT EXISTS {name} ON CLUSTER `{cluster.name}`")
    finally:
        server.close()
