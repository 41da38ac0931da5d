"""A cluster of ClickHouse servers as one `Store`."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from infra.clickhouse.cluster import Cluster
from infra.clickhouse.kinds import ONE_SERVER, Kinds, of_cluster
from infra.clickhouse.rewrite import rewritten
from infra.clickhouse.system_queries import in_place_of, on_cluster
from infra.store import Param, Row, Store, StoreRejected

Quorum = Literal["all", "majority"]
REPLICAS = """
SELECT cluster, min(replicas), max(replicas)
FROM
(
    SELECT cluster, shard_num, count() AS replicas FROM system.clusters GROUP BY cluster, shard_num
)
GROUP BY cluster
ORDER BY cluster
"""


class ClusterStore:
    """A `Store` over a server of a cluster, any of them: it asks the others.

    An insert whose rows lie in several shards is not all or none: after an error some may be there.
    Whoever repeats it, as after every error, has them all, each once.
    """

    def __init__(
        self, connect: Callable[[Kinds], Store], cluster: Cluster, quorum: Quorum = "all"
    ) -> None:
        """`connect`: the store on the server asked, with these settings sent; it connects later."""
        self._connect = connect
        self._cluster = cluster
        self._quorum = quorum
        self._lock = threading.Lock()
        self._opened: Store | None = None

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._store().insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self._store().query(on_cluster(sql, self._cluster), params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        store = self._store()
        other = in_place_of(sql, self._cluster)
        for statement in rewritten(sql, self._cluster) if other is None else (other,):
            store.command(statement, params)

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    def _store(self) -> Store:
        with self._lock:
            if self._opened is None:
                store = self._connect(ONE_SERVER)
                try:
                    found = store.query(REPLICAS)
                finally:
                    store.close()
                kinds = of_cluster(self._replicas(found), is_majority=self._quorum == "majority")
                self._opened = self._connect(kinds)
            return self._opened

    def _replicas(self, found: Sequence[Row]) -> int:
        """How many each shard has. Raises StoreRejected where it is not the same for all."""
        known = {str(name): (int(least), int(most)) for name, least, most in found}
        if self._cluster.name not in known:
            raise StoreRejected(
                f"the server knows no cluster {self._cluster.name}; it has "
                f"{', '.join(known) or 'none'} (remote_servers in its configuration)"
            )
        least, most = known[self._cluster.name]
        if least != most and self._quorum == "all":
            raise StoreRejected(
                f"shards of {self._cluster.name} have {least} to {most} replicas: give all as "
                "many, or set GROUNDSWELL_CLICKHOUSE_QUORUM=majority"
            )
        return most
