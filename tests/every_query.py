"""Every query of ours with something to ask for, and rows in every table to be found by it."""

import re
from collections.abc import Sequence
from importlib import resources
from typing import Final

from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms
from tests.cluster_process import cluster
from tests.made_up_rows import AT, rows

QUERIES: Final = sorted(
    file.name.removesuffix(".sql")
    for file in resources.files("infra").joinpath("queries").iterdir()
)
CHANGES: Final = tuple(
    name for name in QUERIES if re.search(r"^(ALTER|KILL) ", load(name), re.MULTILINE)
)
DAY: Final = 86_400_000
HEX: Final = ",".join(f"x:{n}".encode().hex() for n in range(40))
KEYS: Final = ",".join(f"{feed.encode().hex()}:{n}" for feed in ("f1", "f2") for n in range(3))
EVENTS: Final = ",".join(f"e{n}" for n in range(12))
PARAMS: Final[dict[str, Param]] = {
    "since:Int64": to_ms(AT) - DAY,
    "until:Int64": to_ms(AT) + DAY,
    "stored:Int64": to_ms(AT) - DAY,
    "made:Int64": to_ms(AT) - DAY,
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
    "each:UInt32": 100,
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
MANY: Final = ("limit", "most", "rows", "each")
NAMED: Final = {"ids:String": EVENTS}
"""Where ids are words."""


def params(sql: str, name: str, brand: str) -> dict[str, Param]:
    """What to ask a query for that has this text and name."""
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


def fill(stores: Sequence[Store]) -> None:
    """Write the same rows into every table of each."""
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
