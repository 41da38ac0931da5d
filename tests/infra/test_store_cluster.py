"""What a cluster does before it is asked anything; tests/infra/clickhouse/ has the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from infra.clickhouse.cluster import make_cluster
from infra.clickhouse.kinds import ONE_SERVER, Kinds
from infra.migrate import known_migrations
from infra.open_store import open_store
from infra.settings import FileSettings
from infra.sql import load
from infra.store import Param, Row, StoreRejected, StoreUnavailable
from infra.store_cluster import ClusterStore, Quorum

CLUSTER = make_cluster("main", "groundswell", known_migrations())


class Server:
    """Says which clusters there are, and remembers what it was told and with which settings."""

    def __init__(self, clusters: list[Row], *, away: int = 0) -> None:
        self._clusters = clusters
        self._away = away
        self.kinds: list[Kinds] = []
        self.told: list[str] = []
        self.closed = 0

    def connect(self, kinds: Kinds) -> "Server":
        self.kinds.append(kinds)
        return self

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.told.append(f"INSERT {table}")

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        if self._away:
            self._away -= 1
            raise StoreUnavailable("away")
        return self._clusters if "system.clusters" in sql else []

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.told.append(sql)

    def close(self) -> None:
        self.closed += 1


def opened(server: Server, quorum: Quorum = "all") -> ClusterStore:
    return ClusterStore(server.connect, CLUSTER, quorum)


def test_an_insert_waits_for_as_many_replicas_as_there_are() -> None:
    server = Server([("main", 2, 2), ("other", 1, 1)])
    opened(server).insert("posts", ("brand",), [("b",)])
    assert [kinds.insert.get("insert_quorum") for kinds in server.kinds] == [None, 2]
    assert server.kinds[0] == ONE_SERVER
    assert server.told == ["INSERT posts"]


@pytest.mark.parametrize(
    ("clusters", "words"),
    [
        ([], "knows no cluster main; it has none"),
        ([("other", 1, 1)], "it has other"),
        ([("main", 1, 3)], "have 1 to 3 replicas"),
    ],
)
def test_a_cluster_that_is_not_as_it_should_be(clusters: list[Row], words: str) -> None:
    server = Server(clusters)
    with pytest.raises(StoreRejected, match=words):
        opened(server).query("SELECT 1")
    assert (len(server.kinds), server.closed) == (1, 1)


def test_most_replicas_may_be_any_number() -> None:
    server = Server([("main", 1, 3)])
    opened(server, "majority").query("SELECT 1")
    assert server.kinds[1].insert["insert_quorum"] == "auto"


def test_a_server_that_is_away_at_first_is_asked_again() -> None:
    server = Server([("main", 2, 2)], away=1)
    store = opened(server)
    with pytest.raises(StoreUnavailable):
        store.query("SELECT 1")
    assert store.query("SELECT 1") == []
    store.close()
    assert len(server.kinds) == 2 + 1


def test_commands_are_said_in_their_form_for_a_cluster() -> None:
    server = Server([("main", 1, 1)])
    store = opened(server)
    store.command(load("kill_mutation"), {"table": "posts", "mutation": "host 1"})
    store.command("OPTIMIZE TABLE posts FINAL")
    with pytest.raises(StoreRejected):
        store.command("RENAME TABLE posts TO others")
    assert "KILL MUTATION ON CLUSTER `main`" in server.told[0]
    assert server.told[1:] == ["OPTIMIZE TABLE groundswell_local.posts ON CLUSTER `main` FINAL"]


def test_settings_say_which() -> None:
    address = "clickhouse://u:p@h/groundswell"
    store = open_store(FileSettings(clickhouse=address, clickhouse_cluster="main"))
    assert isinstance(store, ClusterStore)
    with pytest.raises(StoreRejected, match="names no database"):
        open_store(FileSettings(clickhouse="clickhouse://u:p@h", clickhouse_cluster="main"))
