"""Every query gives on two shards what it gives on one server, over the same rows."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from infra.brands import Brand
from infra.clickhouse.system_queries import OTHERS, on_cluster
from infra.doctor import clickhouse as doctor
from infra.erasures import erase
from infra.posts import write_batch
from infra.purge import leftovers, purge
from infra.retention import apply_retention
from infra.sql import load
from infra.store import Param, Store, StoreRejected
from processors.records import Erasure
from tests.cluster_process import cluster
from tests.every_query import CHANGES, QUERIES, fill, params
from tests.hour_looks import counted_looks, shown_looks
from tests.infra.doctor.said import heard
from tests.made_up_rows import AT, BRANDS
from tests.posts import negative_post

OF_ONE_SERVER: Final = ("hour_eras", "hours_shown", "hours_stale", "hours_state")
"""Of counted hours, which a cluster has not."""
OF_WHO_ASKS: Final = ("server_time", "doctor_clock", "doctor_async_insert", "doctor_server")
"""Of a clock, or of the session."""
UNFILLED: Final = ("incident_audit",)
"""Of which made up rows have none: it looks into JSON."""


def answer(store: Store, sql: str, asked: dict[str, Param]) -> list[str]:
    """Rows in no order: where equal ones are cut off, nothing here is."""
    found = store.query(sql, asked)
    if sql == load("recent_posts"):  # of a post about two brands either row's feed
        found = [(row[0], *row[3:]) for row in found]
    return sorted(repr(tuple(map(rounded, row))) for row in found)


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")  # sums of parts, in another order
    if isinstance(value, bytes):  # digests one behind the other, in any order
        return sorted(value[at : at + 16] for at in range(0, len(value), 16))
    if isinstance(value, list | tuple):
        return sorted(map(str, map(rounded, value)))
    return value


@pytest.mark.wire
def test_every_query_says_the_same(store: Store, unmerged_shards: Store) -> None:
    fill([store, unmerged_shards])
    different: dict[str, tuple[list[str], list[str]]] = {}
    empty = []
    skipped = (*CHANGES, *OTHERS, *OF_ONE_SERVER, *OF_WHO_ASKS)
    for name in [name for name in QUERIES if name not in skipped]:
        sql = load(name)
        found = False
        for brand in (BRANDS[0], "") if "{brand:" in sql else ("",):
            given = params(sql, name, brand)
            here, there = answer(store, sql, given), answer(unmerged_shards, sql, given)
            if here != there:
                different[f"{name} {brand}"] = (here[:3], there[:3])
            found = found or bool(here)
        if not found and name not in UNFILLED:
            empty.append(name)
    assert different == {}
    assert empty == []


@pytest.mark.wire
def test_dashboards_are_told_the_same(store: Store, unmerged_shards: Store) -> None:
    fill([store, unmerged_shards])
    span = {"since": AT - timedelta(days=2), "until": AT + timedelta(days=2), "turn": AT}
    here = shown_looks(store, **span, step=3600)
    assert here
    assert here == shown_looks(unmerged_shards, **span, step=3600) == counted_looks(store, **span)


def test_every_query_can_be_asked_a_cluster_but_those_of_counted_hours() -> None:
    refused = []
    for name in QUERIES:
        try:
            on_cluster(load(name), cluster())
        except StoreRejected:
            refused.append(name)
    assert set(refused) == set(OF_ONE_SERVER) - {"hour_eras"}  # which reads a table that is missing


def test_a_query_of_one_server_is_refused(two_shards: Store) -> None:
    for name in OF_ONE_SERVER[1:]:
        sql = load(name)
        with pytest.raises(StoreRejected, match="asks one server of itself"):
            two_shards.query(sql, params(sql, name, ""))
    with pytest.raises(StoreRejected, match="post_eras"):
        two_shards.query(load("hour_eras"))


def test_queries_about_the_database_have_their_own_form(two_shards: Store) -> None:
    two_shards.command("TRUNCATE TABLE posts SYNC")
    [(before,)] = two_shards.query(load("newest_block"))
    columns = ("brand", "published_at", "post_id", "version")
    two_shards.insert("posts", columns, [(brand, AT, "x:1", 1) for brand in BRANDS])
    assert two_shards.query(load("newest_block")) > [(before,)]
    assert sorted(two_shards.query(load("new_rows"), {"block": 1}))[0] == (0, "", 0, 0, 0.0, 0)
    assert two_shards.query(load("hours_known"), {"hours": 1}) == [(0, 0, 0)]
    assert two_shards.query(load("mutations"), {"table": "posts"}) == []
    assert two_shards.query(load("old_parts"), {"table": "posts"}) == [(0,)]
    assert "posts" in {name for name, *_ in two_shards.query(load("stats_disk"))}


def test_the_doctor_looks_at_every_server(two_shards: Store) -> None:
    assert heard(doctor.settings(lambda: two_shards)).statuses == ["ok"]
    disks = two_shards.query(load("doctor_disks"))
    assert disks, "how full they are is not for a test to say"
    assert {name.split()[-1] for name, *_ in disks} >= {"default"}
    for name in ("doctor_mutations", "doctor_replicas"):
        assert two_shards.query(load(name)) == []
    [(table, where, parts)] = two_shards.query(load("doctor_parts"))
    assert table in cluster().keys
    assert " on " in where
    assert parts > 0


def test_how_fast_posts_come_is_of_the_last_half_minute(two_shards: Store) -> None:
    two_shards.command("TRUNCATE TABLE posts SYNC")
    now = datetime.now(UTC)
    columns = ("brand", "published_at", "post_id", "version", "stored_at")
    lately, before = now - timedelta(seconds=2), now - timedelta(minutes=5)
    for stored_at, first in ((lately, 0), (lately, 3), (before, 100)):
        for brand in BRANDS:  # a post of each is of all of them, and counts once
            rows = [
                (brand, stored_at - timedelta(seconds=4), f"x:{first + n}", 1, stored_at)
                for n in range(6)
            ]
            two_shards.insert("posts", columns, rows)
    # Some of it merged meanwhile.
    two_shards.command("OPTIMIZE TABLE posts FINAL")
    (_, (is_all, brand, rows, posts, seconds, within)) = sorted(
        two_shards.query(load("new_rows"), {"block": 1})
    )
    assert (is_all, brand, posts, seconds, within) == (1, "", 9, 4.0, 30)
    assert rows == 9 * len(BRANDS)


def test_a_post_written_again_is_one_and_an_erased_one_is_none(two_shards: Store) -> None:
    two_shards.command("TRUNCATE TABLE posts SYNC")
    columns = ("brand", "published_at", "post_id", "version", "is_deleted")
    rows = [(brand, AT, f"x:{n}", 1, 0) for brand in BRANDS for n in range(50)]
    for _ in range(3):
        two_shards.insert("posts", columns, rows)
    gone = [(BRANDS[0], AT, f"x:{n}", 2**64 - 1, 1) for n in range(10)]
    two_shards.insert("posts", columns, gone)
    two_shards.insert("posts", columns, rows)
    shards = two_shards.query(
        "SELECT _shard_num, uniqExact(brand) FROM posts GROUP BY 1 ORDER BY 1"
    )
    assert [shard for shard, _ in shards] == [1, 2]
    assert sum(brands for _, brands in shards) == len(BRANDS)
    counted = dict(two_shards.query("SELECT brand, count() FROM counted_posts GROUP BY brand"))
    assert counted == {**dict.fromkeys(BRANDS, 50), BRANDS[0]: 40}


def test_posts_are_written_erased_and_purged_as_on_one_server(
    store: Store, two_shards: Store
) -> None:
    posts = [
        negative_post(
            post_id=f"x:{n}",
            position=n,
            brands=(BRANDS[n % 5], BRANDS[(n + 1) % 5]),
            author=f"a{n % 3}",
            published_at=AT,
        )
        for n in range(30)
    ]
    gone = [
        Erasure(feed="e", position=1, scope="post", id="x:1", at=AT),
        Erasure(feed="e", position=2, scope="author", id=f"{posts[0].post.source}:a2", at=AT),
    ]
    told = "SELECT brand, post_id FROM counted_posts ORDER BY ALL"
    said = []
    for each in (store, two_shards):
        for table in ("posts", "post_keys", "receipts", "erasures"):
            each.command(f"TRUNCATE TABLE {table} SYNC")
        for _ in range(2):
            write_batch(each, posts, AT)
        before = each.query(told)
        stopped = erase(each, gone, AT, "ann")
        write_batch(each, posts, AT)  # delivered again, they stay away
        purge(each, pause=lambda _: None)
        kept = each.query("SELECT count() FROM posts FINAL WHERE text != ''")
        apply_retention(each, [Brand(name=BRANDS[0], retention_days=30)])
        days = each.query("SELECT DISTINCT brand, kept_days FROM posts ORDER BY ALL")
        said.append((before, stopped, leftovers(each).posts, kept, days, each.query(told)))
    assert said[0] == said[1]
    before, stopped, left, *_, after = said[0]
    assert left == 0
    assert len(before) == 60
    assert stopped == len(before) - len(after) == 22
