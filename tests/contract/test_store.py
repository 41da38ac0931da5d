"""One suite over every store: the embedded one, the same over a socket, and a server if named."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.migrate import migrate
from infra.store import Store, StoreRejected, StoreUnavailable
from infra.store_chdb import ChdbStore
from infra.store_clickhouse import ClickhouseStore
from infra.store_owned import OwnedStore
from infra.store_socket import SocketStore, serve_store

AT = datetime(2026, 3, 1, 22, 55, 1, 987_000, tzinfo=UTC)
HOSTILE = (
    "it's",
    '"quoted"',
    "back\\slash\\n",
    "tab\tline\nreturn\r",
    "nul\0inside",
    "{t:String} %(x)s {0} ${x}",
    "'; DROP TABLE test_rows; --",
    "emoji 🎉 和 नमस्ते",
    "",
)
TABLE = """
CREATE TABLE test_rows
(
    id     UInt64,
    small  UInt8,
    deep   Int64,
    text   String,
    kind   LowCardinality(String),
    tags   Array(String),
    share  Float32,
    exact  Float64,
    at     DateTime64(3, 'UTC'),
    day    DateTime('UTC'),
    parts  Array(Float32)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (id, at)
"""
COLUMNS = ("id", "small", "deep", "text", "kind", "tags", "share", "exact", "at", "day", "parts")


def row(number: int = 1, **changed: Any) -> tuple[Any, ...]:
    values = {
        "id": number,
        "small": 1,
        "deep": -5,
        "text": "text",
        "kind": "a",
        "tags": ["x", "y"],
        "share": 0.5,
        "exact": 0.1,
        "at": AT,
        "day": AT.replace(microsecond=0),
        "parts": [0.25, 0.5],
    }
    return tuple((values | changed).values())


def count(store: Store) -> int:
    return int(store.query("SELECT count() FROM test_rows FINAL")[0][0])


@pytest.fixture(scope="module")
def over_socket(embedded: ChdbStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("socket") / "store.sock"
    server = serve_store(embedded, path)
    client = SocketStore(path)
    yield client
    client.close()
    server.close()


@pytest.fixture(scope="module")
def server_store() -> Iterator[Store]:
    address = os.environ.get("GROUNDSWELL_TEST_CLICKHOUSE")
    if not address:
        pytest.skip("GROUNDSWELL_TEST_CLICKHOUSE names no ClickHouse server")
    store = ClickhouseStore(address)
    migrate(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def owned(embedded: ChdbStore) -> Store:
    return OwnedStore(embedded)


@pytest.fixture(params=["embedded", "owned", "over_socket", "server_store"])
def tested(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(request.param)
    store.command("DROP TABLE IF EXISTS test_rows SYNC")
    store.command(TABLE)
    return store


def test_rows_come_back_as_they_went_in(tested: Store) -> None:
    rows = [
        row(1),
        row(2, small=255, deep=-(2**63), text="", tags=[], share=-1.5, exact=1e300),
        row(2**64 - 1, deep=2**63 - 1, at=datetime(1970, 1, 1, tzinfo=UTC)),
    ]
    tested.insert("test_rows", COLUMNS, rows)
    assert tested.query("SELECT * FROM test_rows FINAL ORDER BY id") == rows


def test_times_come_back_in_utc_to_the_millisecond(tested: Store) -> None:
    tested.insert("test_rows", COLUMNS, [row(at=AT + timedelta(microseconds=999))])
    [(at, day)] = tested.query("SELECT at, day FROM test_rows")
    assert at == AT
    assert day == AT.replace(microsecond=0)
    assert at.utcoffset() == day.utcoffset() == timedelta(0)


def test_unset_columns_get_their_default(tested: Store) -> None:
    tested.insert("test_rows", ("id", "at"), [(7, AT)])
    assert tested.query("SELECT id, text, tags, deep FROM test_rows") == [(7, "", [], 0)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_data(tested: Store, text: str) -> None:
    tested.insert("test_rows", COLUMNS, [row(1, text=text, kind=text, tags=[text])])
    found = tested.query(
        "SELECT text, kind, tags, {t:String} AS given FROM test_rows WHERE text = {t:String}",
        {"t": text},
    )
    assert found == [(text, text, [text], text)]
    assert count(tested) == 1


def test_lone_surrogates_are_replaced(tested: Store) -> None:
    tested.insert("test_rows", COLUMNS, [row(text="a\ud83db", tags=["\udfff"])])
    assert tested.query(
        "SELECT text, tags FROM test_rows WHERE text = {t:String}", {"t": "a\ud83db"}
    ) == [("a\ufffdb", ["\ufffd"])]


def test_bytes_that_are_no_text_come_back_as_bytes(tested: Store) -> None:
    tested.insert("test_rows", COLUMNS, [row(1, text=b"\xff\x00{"), row(2, text=b"plain")])
    found = tested.query("SELECT text FROM test_rows ORDER BY id")
    assert found == [(b"\xff\x00{",), ("plain",)]


def test_params_of_every_type(tested: Store) -> None:
    milliseconds = int(AT.timestamp() * 1000)
    [found] = tested.query(
        "SELECT {i:Int64} AS i, {u:UInt64} AS u, {f:Float64} AS f, "
        "fromUnixTimestamp64Milli({t:Int64}, 'UTC') AS t",
        {"i": -(2**63), "u": 2**64 - 1, "f": 0.1, "t": milliseconds},
    )
    assert found == (-(2**63), 2**64 - 1, 0.1, AT)


BAD = [
    {"small": 256},
    {"small": -1},
    {"small": 1.5},
    {"text": None},
    {"text": 5},
    {"tags": "not an array"},
    {"tags": [None]},
    {"share": "0.5"},
    {"at": AT.replace(tzinfo=None)},
    {"at": "2026-03-01"},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_row_stores_nothing(tested: Store, bad: dict[str, Any]) -> None:
    with pytest.raises(StoreRejected):
        tested.insert("test_rows", COLUMNS, [row(1), row(2, **bad), row(3)])
    assert count(tested) == 0
    tested.insert("test_rows", COLUMNS, [row(1)])
    assert count(tested) == 1


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM test_nowhere", "SELECT FROM WHERE", "SELECT {a:String}", "SELECT toUInt8('x')"],
)
def test_a_wrong_statement_is_rejected(tested: Store, sql: str) -> None:
    with pytest.raises(StoreRejected):
        tested.query(sql)
    assert tested.query("SELECT 1") == [(1,)]


def test_an_unknown_table_or_column_is_rejected(tested: Store) -> None:
    for table, columns in (
        ("test_nowhere", ("id",)),
        ("test_rows", ("nothing",)),
        ("a b", ("id",)),
    ):
        with pytest.raises(StoreRejected):
            tested.insert(table, columns, [(1,)])


def test_a_query_changes_nothing(tested: Store) -> None:
    with pytest.raises(StoreRejected):
        tested.query("INSERT INTO test_rows (id) VALUES (1)")
    with pytest.raises(StoreRejected):
        tested.query("DROP TABLE test_rows")
    assert count(tested) == 0


def test_a_query_that_fails_half_way_leaves_nothing_to_the_next(tested: Store) -> None:
    with pytest.raises(StoreRejected):
        tested.query("SELECT number FROM numbers(1000000) WHERE throwIf(number = 900000) = 0")
    for _ in range(5):
        assert tested.query("SELECT 'mine'") == [("mine",)]


def test_one_insert_reaches_any_number_of_months(tested: Store) -> None:
    rows = [row(number, at=AT - timedelta(days=31 * number)) for number in range(120)]
    tested.insert("test_rows", COLUMNS, rows)
    assert count(tested) == 120


def test_arrays_of_numbers_go_in(tested: Store) -> None:
    tested.command("CREATE TABLE test_arrays (n UInt8, a Array(UInt32)) ENGINE = Memory")
    try:
        tested.insert("test_arrays", ("n", "a"), [(1, [0, 2**32 - 1]), (2, []), (3, (7,))])
        sums = "SELECT n, arraySum(a), length(a) FROM test_arrays ORDER BY n"
        assert tested.query(sums) == [(1, 2**32 - 1, 2), (2, 0, 0), (3, 7, 1)]
        for wrong in ([2**32], [-1], [None], ["x"], 5):
            with pytest.raises(StoreRejected):
                tested.insert("test_arrays", ("n", "a"), [(4, wrong)])
        assert tested.query("SELECT count() FROM test_arrays") == [(3,)]
    finally:
        tested.command("DROP TABLE test_arrays SYNC")


def test_an_insert_of_nothing_is_nothing(tested: Store) -> None:
    tested.insert("test_rows", COLUMNS, [])
    assert count(tested) == 0


def test_old_posts_are_kept(tested: Store) -> None:
    tested.command("TRUNCATE TABLE posts SYNC")
    old = datetime(2015, 2, 16, tzinfo=UTC)
    tested.insert("posts", ("brand", "published_at", "post_id", "version"), [("b", old, "x:1", 1)])
    tested.command("OPTIMIZE TABLE posts FINAL")
    assert tested.query("SELECT count() FROM posts FINAL") == [(1,)]


def test_calls_at_once_do_not_mix(tested: Store) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for turn in range(20):
            got = tested.query(
                "SELECT {n:Int64} AS n, {s:String} AS s", {"n": number, "s": "x" * turn}
            )
            if got != [(number, "x" * turn)]:
                wrong.append(got)

    def write(number: int) -> None:
        for turn in range(5):
            tested.insert("test_rows", COLUMNS, [row(number * 100 + turn)])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert count(tested) == 15


def test_inserts_are_numbered_in_the_order_in_which_they_are_seen(tested: Store) -> None:
    """Whoever sees the insert with a number sees all with lower ones: infra.hours relies on it."""
    tested.command("TRUNCATE TABLE posts SYNC")
    newest = (
        "SELECT toInt64(max(max_block_number)) FROM system.parts "
        "WHERE database = currentDatabase() AND table = 'posts' AND active"
    )
    until = "SELECT count() FROM posts WHERE _block_number <= {n:Int64}"
    columns = ("brand", "published_at", "post_id", "version")
    seen: list[tuple[int, int]] = []

    def write(number: int) -> None:
        for turn in range(12):
            size = 400 if number % 2 else 1  # slow ones and quick ones, over some months
            rows = [
                ("b", AT - timedelta(days=16 * (n % 5)), f"x:{number}:{turn}:{n}", 1)
                for n in range(size)
            ]
            tested.insert("posts", columns, rows)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        [(number,)] = tested.query(newest)
        seen.append((number, tested.query(until, {"n": number})[0][0]))
    for thread in threads:
        thread.join()
    tested.command("OPTIMIZE TABLE posts FINAL")
    assert [(number, tested.query(until, {"n": number})[0][0]) for number, _ in seen] == seen
    tested.command("TRUNCATE TABLE posts SYNC")


def test_a_reader_does_not_wait_for_the_writer(tested: Store) -> None:
    """The writer is held by an endless command until a reader got through."""
    release = threading.Event()
    failed: list[Exception] = []

    def write() -> None:
        try:
            while not release.is_set():
                tested.command("SELECT sleepEachRow(0.1) FROM numbers(10) FORMAT Null")
        except Exception as error:  # noqa: BLE001  told to the test below
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        begun = datetime.now(UTC)
        for _ in range(3):
            tested.query("SELECT 1")
        took = datetime.now(UTC) - begun
    finally:
        release.set()
        writer.join()
    assert failed == []
    assert took < timedelta(seconds=0.9)


batches = st.lists(
    st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=12), max_size=6
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=batches)
def test_final_counts_each_row_once(tested: Store, batches: list[list[int]]) -> None:
    """Re-delivered batches overlap in any way: FINAL counts what is there."""
    tested.command("TRUNCATE TABLE test_rows SYNC")
    for batch in batches:
        tested.insert("test_rows", COLUMNS, [row(number) for number in batch])
    ids = {number for batch in batches for number in batch}
    assert count(tested) == len(ids)


def test_a_closed_store_says_so(over_socket: Store, embedded: ChdbStore, tmp_path: Path) -> None:
    path = tmp_path / "store.sock"
    client = SocketStore(path)
    calls: list[Callable[[], object]] = [
        lambda: client.query("SELECT 1"),
        lambda: client.command("SELECT 1"),
        lambda: client.insert("test_rows", ("id",), [(1,)]),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable, match=str(path)):
            call()
    for _ in range(2):  # and again after the server came, went and came back
        server = serve_store(embedded, path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert client.query("SELECT 1") == [(1,)]
        server.close()
        with pytest.raises(StoreUnavailable):
            client.query("SELECT 1")
    client.close()


def test_a_socket_left_by_a_dead_process_is_no_hindrance(
    embedded: ChdbStore, tmp_path: Path
) -> None:
    import socket

    path = tmp_path / "store.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = serve_store(embedded, path)
    client = SocketStore(path)
    assert client.query("SELECT 1") == [(1,)]
    client.close()
    server.close()
