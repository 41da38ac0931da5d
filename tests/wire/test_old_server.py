"""The native protocol, on a real server that is killed, restarted, and asked over TLS.

The server is Debian's, of 2018: `apt-get install clickhouse-server`. It takes a reduced table only.
"""

import shutil
import threading
from collections.abc import Iterator

import pytest

from infra.clickhouse.kinds import Kinds
from infra.migrate import known_migrations
from infra.store import StoreRejected, StoreUnavailable
from infra.store_clickhouse import ClickhouseStore
from tests.made_up_rows import AT
from tests.wire.old_server import BINARY, OldServer

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(BINARY is None, reason="no clickhouse-server: apt-get install it"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl for certificates"),
]
TABLE = """
CREATE TABLE rows
(id UInt64, version UInt64, text String, tags Array(String), share Float64, at DateTime)
ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(at) ORDER BY id
"""
# Of our settings those that there were in 2018.
KINDS = Kinds({"max_execution_time": 120}, {"readonly": 2, "max_execution_time": 60}, {})
COUNT = "SELECT count() FROM rows FINAL"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldServer]:
    with OldServer(tmp_path_factory.mktemp("old")) as running:
        yield running


@pytest.fixture
def store(server: OldServer) -> Iterator[ClickhouseStore]:
    """With an empty table."""
    store = ClickhouseStore(server.address("connect_timeout=2"), kinds=KINDS)
    store.command("DROP TABLE IF EXISTS rows")
    store.command(TABLE)
    yield store
    store.close()


def insert(store: ClickhouseStore, ids: range, version: int = 1) -> None:
    columns = ("id", "version", "text", "tags", "share", "at")
    rows = [(n, version, f"it's \\ {n} 🎉", ["a", "b"], 0.5, AT) for n in ids]
    store.insert("rows", columns, rows)


def test_rows_come_back_as_they_went_in(store: ClickhouseStore) -> None:
    insert(store, range(3))
    insert(store, range(1, 3), version=2)
    found = store.query("SELECT id, version, text, tags, share, at FROM rows FINAL ORDER BY id")
    assert found[2] == (2, 2, "it's \\ 2 🎉", ["a", "b"], 0.5, AT)
    assert [row[:2] for row in found] == [(0, 1), (1, 2), (2, 2)]


def test_what_is_wrong_is_rejected_and_leaves_nothing(store: ClickhouseStore) -> None:
    for sql in ("SELECT * FROM nowhere", "SELECT FROM", "DROP TABLE rows"):
        with pytest.raises(StoreRejected):
            store.query(sql)
    with pytest.raises(StoreRejected):
        store.insert("rows", ("id", "text"), [(1, "a"), (2, None)])
    assert store.query(COUNT) == [(0,)]


def test_a_wrong_password_is_said_without_it(server: OldServer) -> None:
    address = server.address().replace("pass%20word%2F1", "wrong%20secret")
    store = ClickhouseStore(address, kinds=KINDS)
    with pytest.raises(StoreRejected) as caught:
        store.query("SELECT 1")
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
    store.close()


def test_a_server_that_was_restarted_is_found_again(
    server: OldServer, store: ClickhouseStore
) -> None:
    insert(store, range(100))
    server.kill()
    with pytest.raises(StoreUnavailable):
        insert(store, range(100, 200))
    server.start()
    insert(store, range(100, 200))
    assert store.query(COUNT) == [(200,)]


def test_the_next_host_is_asked_where_one_is_away(server: OldServer) -> None:
    dead = "clickhouse://ann:pass%20word%2F1@127.0.0.1:1/default?connect_timeout=2"
    store = ClickhouseStore(f"{dead}&alt_hosts=127.0.0.1:{server.port}", kinds=KINDS)
    assert store.query("SELECT 1") == [(1,)]
    store.close()


def test_nothing_is_lost_or_doubled_by_kills(server: OldServer, store: ClickhouseStore) -> None:
    """Inserts go on while the server is killed: what returned is there, each row once."""
    written = threading.Event()
    done: list[int] = []

    def write() -> None:
        for batch in range(40):
            while True:
                try:
                    insert(store, range(batch * 500, (batch + 1) * 500))
                except StoreUnavailable:
                    continue  # as every caller does: the same rows again
                break
            done.append(batch)
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(3):
        written.clear()
        assert written.wait(60) or not writer.is_alive()
        server.kill()
        server.start()
        acknowledged = len(done)
        assert store.query(COUNT)[0][0] >= acknowledged * 500
    writer.join()
    assert store.query(COUNT) == [(20_000,)]
    assert store.query("SELECT uniqExact(id), min(id), max(id) FROM rows") == [(20_000, 0, 19_999)]


def test_connections_are_shared_by_more_calls(server: OldServer) -> None:
    store = ClickhouseStore(server.address(), kinds=KINDS, connections=3)
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(10):
            if store.query(f"SELECT {number}, sleep(0.01)") != [(number, 0)]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    sql = "SELECT value FROM system.metrics WHERE metric = 'TCPConnection'"
    assert store.query(sql)[0][0] <= 3 + 1  # the one of the other store
    store.close()


def test_tls_with_certificates_of_both(server: OldServer) -> None:
    folder = server.folder
    ours = f"certfile={folder}/client.pem&keyfile={folder}/client.key"
    trusted = server.address(f"ca_certs={folder}/ca.pem&{ours}", secure=True)
    good = ClickhouseStore(trusted, kinds=KINDS)
    assert good.query("SELECT 1") == [(1,)]
    good.close()
    not_signed_by_it, none_of_ours = ours, f"ca_certs={folder}/ca.pem"
    for more in (not_signed_by_it, none_of_ours):
        address = server.address(more, secure=True)
        bad = ClickhouseStore(address, kinds=KINDS, pause=lambda _: None)
        with pytest.raises(StoreUnavailable):
            bad.query("SELECT 1")
        bad.close()


def test_which_migrations_it_takes(store: ClickhouseStore) -> None:
    """No table and no change of one: each has a type, a codec or a word that came after 2018."""
    taken = []
    for migration in known_migrations():
        for statement in migration.statements:
            try:
                store.command(statement)
            except StoreRejected:
                continue
            taken.append(" ".join(statement.split()[:7]))
    assert taken == ["CREATE VIEW IF NOT EXISTS post_eras AS"]
    store.command("DROP TABLE post_eras")
