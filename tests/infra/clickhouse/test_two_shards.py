"""Every query gives on two shards what it gives on one server, over the same rows."""

import re
from importlib import resources
from typing import Any, Final

import pytest

from infra.clickhouse.system_queries import OTHERS
from infra.sql import load
from infra.store import Param, Store, StoreRejected
from infra.times import to_ms
from tests.cluster_process import cluster
from tests.made_up_rows import AT, BRANDS, rows

QUERIES: Final = sorted(
    file.name.removesuffix(".sql")
    for file in resources.files("infra").joinpath("queries").iterdir()
)
CHANGES: Final = tuple(
    name for name in QUERIES if re.search(r"^(ALTER|KILL) ", load(name), re.MULTILINE)
)
OF_ONE_SERVER: Final = ("hour_eras", "hours_shown", "hours_stale")
"""Of counted hours, which a cluster has not."""
CLOCK: Final = ("server_time",)
UNFILLED: Final = ("incident_audit",)
"""Of which made up rows have none: it looks into JSON."""
DAY: Final = 86_400_000
HEX: Final = ",".join(f"x:{n}".encode().hex() for n in range(40))
KEYS: Final = ",".join(f"{feed.encode().hex()}:{n}" for feed in ("f1", "f2") for n in range(3))
EVENTS: Final = ",".join(f"e{n}" for n in range(12))
PARAMS: Final[dict[str, Param]] = {
    "since:Int64": to_ms(AT) - DAY,
    "until:Int64": to_ms(AT) + DAY,
    "stored:Int64": to_ms(AT) - DAY,
    "ending_after:Int64": 0,
    "receiver:String": "",
    "receivers:String": "r1,r2",
    "notice_id:String": "",
    "notices:String": EVENTS,
    "incident_id:String": "",
    "all:UInt8": 1,
    "whole:UInt8": 1,
    "open:UInt8": 2,
    "expired:UInt8": 1,
    "surest:Float64": 0.999,
    "position:Int64": -1,
    "keys:String": KEYS,
    "receipts:String": KEYS,
    "step:UInt32": 60,
    "step:String": "5m",
    "ids:String": HEX,
    "posts:String": HEX,
    "names:String": ",".join(f"a{n}".encode().hex() for n in range(5)),
    "authors:String": ",".join(
        f"source{s}:a{n}".encode().hex() for s in range(3) for n in range(5)
    ),
    "after:Int64": 0,
    "before:Int64": 10**15,
    "before:UInt32": 9,
    "before_receiver:String": "zz",
    "before_notice:String": "zz",
    "before_attempt:UInt32": 10**6,
    "before_id:String": b"zz".hex(),
    "last:String": "zz",
    "last:Int64": to_ms(AT) + DAY,
    "zone:String": "Europe/Berlin",
    "within:Int64": 10**12,
    "stage:String": "score",
    "consumers:String": "1",
    "role:String": "watch",
    "hours:String": ",".join(str(to_ms(AT) // 1000 + hour * 3600) for hour in range(3)),
    "lasts:String": "-2,0,2",
    "clusters:String": "0,1,2",
    "cluster_id:UInt64": 1,
    "feed:String": "f1",
    "name:String": "Acme",
    "each:Int64": 1_000,
    "least:UInt32": 1,
    "margin:UInt32": 2,
    "bytes:Int64": 10**9,
    "id:String": "id1",
    "silence_id:String": "silence_id1",
    "event_id:String": "",
    "number:UInt32": 1,
}
SPECIAL: Final[dict[str, dict[str, Param]]] = {
    "post_places": {"post_id": b"x:1".hex()},
    "incident_changes": {"incident_id": "i1"},
    "incident_event_ids": {"incident_id": "i1"},
    "resend_number": {"receiver": "r1", "notice_id": "e1"},
    "endpoint_at": {"receiver": "r1", "endpoint": "endpoint1"},
    "acknowledged_at": {"incident_id": "i1"},
    "language_counts": {"language": "en"},
    "posts_of_authors": {"ids": PARAMS["authors:String"]},
}
MANY: Final = ("limit", "most", "rows")
NAMED: Final = {"ids:String": EVENTS}
"""Where ids are words."""


def params(sql: str, name: str, brand: str) -> dict[str, Param]:
    found: dict[str, Param] = {}
    for word, kind in re.findall(r"\{(\w+):(\w+)\}", sql):
        key = f"{word}:{kind}"
        if key in NAMED and not re.search(r"unhex\(.*\{ids:String\}", sql):
            found[word] = ",".join((NAMED[key], *(f"id{n}" for n in range(3))))
        elif word == "brand":
            found[word] = brand
        elif key in PARAMS:
            found[word] = PARAMS[key]
        elif word in MANY:
            found[word] = 100_000
        else:
            found[word] = "" if kind == "String" else 0
    return found | SPECIAL.get(name, {})


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


def fill(stores: list[Store]) -> None:
    columns: dict[str, list[tuple[str, str]]] = {}
    sql = (
        "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() "
        "AND default_kind != 'MATERIALIZED' ORDER BY table, position"
    )
    for table, name, kind in stores[0].query(sql):
        columns.setdefault(table, []).append((name, kind.replace("LowCardinality", "")))
    for table in cluster().keys:
        if table == "migrations":
            continue
        for batch in range(2):  # of which some rows replace others
            made = rows(table, columns[table], count=80, seed=batch)
            for store in stores:
                store.insert(table, [name for name, _ in columns[table]], made)


@pytest.mark.wire
def test_every_query_says_the_same(store: Store, two_shards: Store) -> None:
    fill([store, two_shards])
    different: dict[str, tuple[list[str], list[str]]] = {}
    empty = []
    skipped = (*CHANGES, *OTHERS, *OF_ONE_SERVER, *CLOCK)
    for name in [name for name in QUERIES if name not in skipped]:
        sql = load(name)
        found = False
        for brand in (BRANDS[0], "") if "{brand:" in sql else ("",):
            given = params(sql, name, brand)
            here, there = answer(store, sql, given), answer(two_shards, sql, given)
            if here != there:
                different[f"{name} {brand}"] = (here[:3], there[:3])
            found = found or bool(here)
        if not found and name not in UNFILLED:
            empty.append(name)
    assert different == {}
    assert empty == []


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
    assert two_shards.query(load("new_rows"), {"block": 1}) == [(0, "", 0, 0, 0.0)]
    assert two_shards.query(load("hours_known"), {"hours": 1}) == [(0, 0, 0)]
    assert two_shards.query(load("mutations"), {"table": "posts"}) == []
    assert two_shards.query(load("old_parts"), {"table": "posts"}) == [(0,)]
    assert "posts" in {name for name, *_ in two_shards.query(load("stats_disk"))}


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
