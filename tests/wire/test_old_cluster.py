"""Real replicas: what an insert that returned means, and what happens when servers are killed.

`apt-get install clickhouse-server zookeeper default-jre-headless`. The tables are reduced ones.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TypeVar

import pytest

from infra.clickhouse.cluster import Cluster, make_cluster
from infra.clickhouse.kinds import Kinds, Values
from infra.migrate import parse_migration
from infra.store import StoreUnavailable
from infra.store_clickhouse import ClickhouseStore
from infra.store_cluster import ClusterStore
from tests.waiting import wait_until
from tests.wire.old_cluster import IS_INSTALLED, NAME, old_cluster
from tests.wire.old_server import OldServer

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(not IS_INSTALLED, reason="no clickhouse-server, zookeeper or java"),
]
MIGRATION = parse_migration(
    "1_rows.sql",
    """
CREATE TABLE IF NOT EXISTS rows
(
    brand    String,
    id       UInt64,
    version  UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, id);
""",
)
"""No ALTER: servers of 2018 refuse one of a Distributed table on a cluster with replicas."""
COLUMNS = ("brand", "id", "version")
BRANDS = [f"brand {number}" for number in range(20)]
ROWS = [(brand, number, 1) for brand in BRANDS for number in range(10)]
Answer = TypeVar("Answer")
COUNT = "SELECT brand, count() FROM rows FINAL GROUP BY brand"


class OfThen:
    """Our settings without those that there were not in 2018, and with a shorter patience."""

    def __init__(self, server: OldServer) -> None:
        with closing(ClickhouseStore(server.address(), kinds=Kinds({}, {}, {}))) as store:
            self._known = {name for (name,) in store.query("SELECT name FROM system.settings")}

    def __call__(self, kinds: Kinds) -> Kinds:
        return Kinds(self._of(kinds.insert), self._of(kinds.query), self._of(kinds.command))

    def _of(self, values: Values) -> Values:
        found = {name: value for name, value in values.items() if name in self._known}
        if "insert_quorum_timeout" in found:
            found["insert_quorum_timeout"] = 3_000
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OldServer]]:
    with old_cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
def migrated(running: list[OldServer]) -> Cluster:
    """The statements of a migration, each said to one server, for all."""
    cluster = make_cluster(NAME, "groundswell", [MIGRATION])
    first = running[0]
    with closing(ClickhouseStore(first.address(), kinds=Kinds({}, {}, {}))) as server:
        for name in (cluster.database, cluster.local):
            server.command(f"CREATE DATABASE IF NOT EXISTS {name} ON CLUSTER `{NAME}`")
    with closing(store_of(first, cluster)) as store:
        for statement in MIGRATION.statements:
            store.command(statement)
    return cluster


def address_of(server: OldServer, cluster: Cluster) -> str:
    return server.address("connect_timeout=2").replace("/default?", f"/{cluster.database}?")


def store_of(server: OldServer, cluster: Cluster) -> ClusterStore:
    of_then = OfThen(server)
    address = address_of(server, cluster)
    return ClusterStore(
        lambda kinds: ClickhouseStore(address, kinds=of_then(kinds), pause=lambda _: None), cluster
    )


@pytest.fixture
def stores(running: list[OldServer], migrated: Cluster) -> Iterator[list[ClusterStore]]:
    """One on each server; the table is empty, and all servers are there again at the end."""
    found = [store_of(server, migrated) for server in running]
    found[0].command("TRUNCATE TABLE rows")
    yield found
    for store in found:
        store.close()


def held(server: OldServer, cluster: Cluster) -> Counter[str]:
    """Rows by brand that a server has itself."""
    with closing(ClickhouseStore(server.address(), kinds=Kinds({}, {}, {}))) as store:
        sql = COUNT.replace("rows", f"{cluster.local}.rows")
        return Counter(dict(store.query(sql)))


def shown(store: ClusterStore) -> Counter[str]:
    return Counter(dict(store.query(COUNT)))


def test_what_an_insert_returned_from_is_on_every_replica_and_each_brand_in_one_shard(
    running: list[OldServer], migrated: Cluster, stores: list[ClusterStore]
) -> None:
    stores[2].insert("rows", COLUMNS, ROWS)
    at = [held(server, migrated) for server in running]
    assert at[0] == at[1]
    assert at[2] == at[3]
    assert at[0].keys() & at[2].keys() == set()
    assert at[0]
    assert at[2]
    everything = Counter(dict.fromkeys(BRANDS, 10))
    assert [shown(store) for store in stores] == [everything] * 4


def test_rows_written_again_count_once_and_the_same_block_is_no_repeat(
    stores: list[ClusterStore],
) -> None:
    taken_back = [(brand, number, 2) for brand, number, _ in ROWS]
    for some in (ROWS, ROWS, taken_back, ROWS):
        stores[0].insert("rows", COLUMNS, some)
    newest = stores[3].query("SELECT min(version), max(version), count() FROM rows FINAL")
    assert newest == [(2, 2, len(ROWS))]
    blocks = stores[3].query("SELECT count() FROM rows")
    assert blocks == [(4 * len(ROWS),)]


def test_with_a_replica_away_an_insert_fails_and_said_again_it_counts_once(
    running: list[OldServer], migrated: Cluster, stores: list[ClusterStore]
) -> None:
    stores[0].insert("rows", COLUMNS, ROWS)
    more = [(brand, number, 1) for brand in BRANDS for number in range(5, 15)]
    lost = running[3]
    lost.kill()
    with pytest.raises(StoreUnavailable):
        stores[0].insert("rows", COLUMNS, more)
    lost.start()
    at_last(lambda: stores[0].insert("rows", COLUMNS, more))
    everything = Counter(dict.fromkeys(BRANDS, 15))
    assert [at_last(partial(shown, store)) for store in stores] == [everything] * 4
    at = [held(server, migrated) for server in running]
    assert (at[0], at[2]) == (at[1], at[3])


def test_a_shard_that_is_away_is_an_error_and_no_smaller_count(
    running: list[OldServer], stores: list[ClusterStore]
) -> None:
    stores[0].insert("rows", COLUMNS, ROWS)
    for server in running[2:]:
        server.kill()
    with pytest.raises(StoreUnavailable):
        shown(stores[0])
    for server in running[2:]:
        server.start()
    # A replica that has just started is not read before it knows that it is not behind.
    assert at_last(lambda: shown(stores[0])) == Counter(dict.fromkeys(BRANDS, 10))


def at_last(call: Callable[[], Answer]) -> Answer:
    """As the line does: again and again, until it returns."""
    returned: list[Answer] = []

    def tried() -> bool:
        try:
            returned.append(call())
        except StoreUnavailable:
            return False
        return True

    wait_until(tried, what="an answer of a cluster that is whole again")
    return returned[0]
