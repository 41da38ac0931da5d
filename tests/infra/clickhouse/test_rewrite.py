"""Statements for one server as those for a cluster."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.clickhouse.cluster import CREATE, make_cluster
from infra.clickhouse.colocated import COLOCATED
from infra.clickhouse.kinds import ONE_SERVER, of_cluster
from infra.clickhouse.rewrite import ONE_SERVERS, PER_SHARD_VIEWS, rewritten
from infra.clickhouse.system_queries import OTHERS, in_place_of
from infra.clickhouse.words import split
from infra.migrate import RECORD, Migration, known_migrations
from infra.purge import OLDEST
from infra.sql import load
from infra.store import Store, StoreRejected

KNOWN = known_migrations()
CLUSTER = make_cluster("main", "groundswell", KNOWN)
COMMANDS = (
    "forget_dead",
    "intake_forget",
    "purge_corrections",
    "purge_letters",
    "purge_posts",
    "retention",
)


@pytest.mark.parametrize("migration", KNOWN, ids=lambda migration: migration.name)
def test_every_migration_can_be_said_to_a_cluster(store: Store, migration: Migration) -> None:
    for statement in migration.statements:
        for one in rewritten(statement, CLUSTER):
            assert "ON CLUSTER `main`" in one
            assert not re.search(r"(?:CREATE|REPLACE|ALTER) (?:TABLE|VIEW) (?!IF|groundswell)", one)
            assert store.query("SELECT formatQuery({sql:String})", {"sql": one})


def test_a_view_of_one_server_is_made_nowhere() -> None:
    gone = [s for each in KNOWN for s in each.statements if not rewritten(s, CLUSTER)]
    made = [re.findall(r"VIEW (?:IF NOT EXISTS )?(\w+)", statement)[0] for statement in gone]
    assert made[:3] == list(ONE_SERVERS)
    kept = [s for each in KNOWN for s in each.statements if rewritten(s, CLUSTER)]
    for view in made[3:]:  # which a cluster has as it was made before
        assert [s for s in kept if re.match(rf"CREATE OR REPLACE VIEW {view}\b", s)], view


def test_a_table_is_one_with_rows_and_one_over_all_shards() -> None:
    local, whole = rewritten(RECORD, CLUSTER)
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}'" in local
    assert "replicated_deduplication_window = 0" in local
    assert whole.endswith(
        "Distributed('main', 'groundswell_local', 'migrations', cityHash64(number))"
    )


def test_every_table_is_distributed_by_a_part_of_its_sort_key() -> None:
    created = [CREATE.fullmatch(s) for each in KNOWN for s in each.statements]
    tables = {made["table"]: made["rest"] for made in created if made}
    assert len(tables) > 30
    for table, rest in tables.items():
        [order] = re.findall(r"^ORDER BY \(?(.*?)\)?$", rest, re.MULTILINE)
        columns = re.fullmatch(r"cityHash64\((.*)\)", CLUSTER.keys[table])
        assert columns
        assert set(split(columns[1])) <= set(split(order)), table
        if "brand" in split(order):
            assert CLUSTER.keys[table] == "cityHash64(brand)"


def test_what_is_changed_by_other_rows_lies_beside_them() -> None:
    keys = CLUSTER.keys
    assert keys["outbox"] == keys["receipts"] == "cityHash64(feed, position)"
    assert (keys["corrections"], keys["erasures"]) == ("cityHash64(post_id)", "cityHash64(id)")
    assert {table for pair in COLOCATED for table in pair} <= set(keys)


@pytest.mark.parametrize("name", COMMANDS)
def test_changes_of_rows_go_to_the_tables_with_rows(store: Store, name: str) -> None:
    [statement] = rewritten(load(name), CLUSTER)
    assert re.match(r"ALTER TABLE groundswell_local\.\w+ ON CLUSTER `main`", statement)
    assert not re.search(r"FROM (?!groundswell_local\.|\()", statement)
    assert store.query("SELECT formatQuery({sql:String})", {"sql": statement})


def test_a_change_that_is_waited_for_is_so_on_all_replicas() -> None:
    assert "mutations_sync = 1" in load("forget_dead")
    assert rewritten(load("forget_dead"), CLUSTER)[0].endswith("SETTINGS mutations_sync = 2")
    assert of_cluster(2, is_majority=False).command["alter_sync"] == 2


def test_tidying_up_reaches_every_server() -> None:
    for statement, rest in (
        ("OPTIMIZE TABLE incident_events FINAL", "FINAL"),
        ("TRUNCATE TABLE posts SYNC", "SYNC"),
        ("ALTER TABLE posts MODIFY SETTING old_parts_lifetime = 1", "MODIFY SETTING"),
        ("ALTER TABLE posts RESET SETTING old_parts_lifetime", "RESET SETTING"),
    ):
        [one] = rewritten(statement, CLUSTER)
        assert re.search(r" groundswell_local\.\w+ ON CLUSTER `main` ", one)
        assert rest in one
    assert rewritten(f"ALTER TABLE posts DROP PARTITION ID '{OLDEST}'", CLUSTER) == ()


def test_queries_about_the_database_are_read_by_clickhouse(store: Store) -> None:
    for name in OTHERS:
        sql = in_place_of(load(name), CLUSTER)
        assert sql
        assert "$" not in sql
        assert store.query("SELECT formatQuery({sql:String})", {"sql": sql})


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE posts (a UInt8) ENGINE = Memory",
        "CREATE TABLE IF NOT EXISTS posts (a UInt8)\nENGINE = MergeTree\nORDER BY a",
        "CREATE TABLE IF NOT EXISTS nowhere (a UInt8)\nENGINE = ReplacingMergeTree\nORDER BY a",
        "CREATE MATERIALIZED VIEW v TO posts AS SELECT 1",
        "ALTER TABLE nowhere ADD COLUMN a UInt8",
        "ALTER TABLE posts FREEZE",
        "ALTER TABLE posts DROP PARTITION ID '202603'",
        "ALTER TABLE posts DELETE WHERE post_id IN (SELECT id FROM erasures)",
        "ALTER TABLE corrections UPDATE note = '' WHERE post_id IN (SELECT post_id FROM posts)",
        "RENAME TABLE posts TO posts_old",
        "EXCHANGE TABLES posts AND receipts",
        "DROP DATABASE groundswell",
        "SYSTEM STOP MERGES",
        "KILL MUTATION WHERE 1",
        "ATTACH PARTITION 1",
    ],
)
def test_what_is_not_known_is_refused(statement: str) -> None:
    with pytest.raises(StoreRejected):
        rewritten(statement, CLUSTER)


@pytest.mark.parametrize("order", ["toStartOfHour(at)", "(toDate(at), cityHash64(a))"])
def test_a_table_that_can_not_be_distributed_is_refused(order: str) -> None:
    sql = f"CREATE TABLE IF NOT EXISTS t (a UInt8)\nENGINE = ReplacingMergeTree\nORDER BY {order}"
    with pytest.raises(StoreRejected, match="no column of its sort key"):
        make_cluster("main", "groundswell", [Migration(1, "0001_t", (sql,))])


def test_views_of_a_shard_are_of_tables_that_there_are() -> None:
    assert set(PER_SHARD_VIEWS.values()) <= set(CLUSTER.keys)


def test_settings_are_those_of_the_engine(store: Store) -> None:
    known = {name for (name,) in store.query("SELECT name FROM system.settings")}
    for kinds in (ONE_SERVER, of_cluster(2, is_majority=False), of_cluster(3, is_majority=True)):
        for values in (kinds.insert, kinds.query, kinds.command):
            assert set(values) <= known
        assert kinds.insert["async_insert"] == kinds.insert["insert_deduplicate"] == 0
    every, most = of_cluster(2, is_majority=False), of_cluster(3, is_majority=True)
    assert (every.insert["insert_quorum"], every.query["select_sequential_consistency"]) == (2, 0)
    assert (most.insert["insert_quorum"], most.query["select_sequential_consistency"]) == (
        "auto",
        1,
    )
    assert of_cluster(1, is_majority=False).insert["insert_quorum"] == 0


@given(st.lists(st.sampled_from(["a", "f(b, c)", "'d, \\' e'", "[1, 2]", "x = (1)"]), min_size=1))
def test_text_is_cut_at_its_own_commas(parts: list[str]) -> None:
    assert split(", ".join(parts)) == parts
