"""A cluster of two shards in one process, served on a socket until its parent goes.

The embedded engine takes itself for both servers of a cluster. A shard is then a filter: of the
rows of a table, which lie in one place, shard n sees those whose sharding key falls to it, in every
query that went through a Distributed table; asked directly, a table shows nothing. What is not
here: replicas, Keeper, ON CLUSTER and the network.

    python -m tests.cluster_process FOLDER
"""

import sys
from pathlib import Path

from infra.clickhouse.cluster import Cluster, make_cluster
from infra.clickhouse.kinds import of_cluster
from infra.migrate import known_migrations
from infra.store_chdb import DATABASE, ChdbStore
from infra.store_socket import serve_store

CLUSTER = "two"
SERVERS = """<clickhouse><tcp_port>9000</tcp_port><remote_servers><two>
<shard><internal_replication>true</internal_replication>
<replica><host>localhost</host><port>9000</port></replica></shard>
<shard><internal_replication>true</internal_replication>
<replica><host>127.0.0.1</host><port>9000</port></replica></shard>
</two></remote_servers></clickhouse>"""


def cluster() -> Cluster:
    """That of this process."""
    return make_cluster(CLUSTER, DATABASE, known_migrations())


def main(folder: Path) -> None:
    """Serve until stdin ends."""
    (folder / "servers.xml").write_text(SERVERS)
    here = cluster()
    filters = ", ".join(
        f"'{here.local}.{table}': '{key} % 2 + 1 = shardNum()'" for table, key in here.keys.items()
    )
    kinds = of_cluster(1, is_majority=False)
    session = {
        **{name: repr(value) for name, value in {**kinds.command, **kinds.insert}.items()},
        "additional_table_filters": f"{{{filters}}}",
        # Here a shard is always this process; its scalar subqueries are then those of the query.
        "prefer_localhost_replica": 1,
        "max_execution_time": 60,
        "max_threads": 1,
        "compile_expressions": 0,
    }
    options = {"config-file": folder / "servers.xml"}
    store = ChdbStore(folder / "database", options=options, session=session)
    server = serve_store(store, folder / "socket")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.close()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
