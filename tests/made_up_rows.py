"""Rows of any table of ours, made of its columns' types: few values, so that they meet."""

import random
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

AT: Final = datetime(2026, 3, 1, 10, tzinfo=UTC)
BRANDS: Final = ("Acme", "Bolt", "Cora", "Dune", "Eon")
BODY: Final = (
    '{{"change":{{"kind":"negative_surge","opened_at":"2026-03-01T10:0{0}:00Z","severity":{0},'
    '"alerts":true}},"evidence":{{"examples":[{{"post_id":"x:{0}","author":"a{0}",'
    '"published_at":"2026-03-01T10:00:00Z"}}],"first":{{"post_id":"x:1"}},"loudest":[],'
    '"clusters":[],"cluster_ids":["1"],"terms":[{{"text":"t"}}]}}}}'
)
WORDS: Final[dict[str, Sequence[Any]]] = {
    "brand": BRANDS,
    "brands": BRANDS,
    "feed": ("f1", "f2"),
    "receiver": ("r1", "r2"),
    "event_id": [f"e{n}" for n in range(12)],
    "event_ids": [f"e{n}" for n in range(12)],
    "notice_id": [f"e{n}" for n in range(12)],
    "incident_id": [f"i{n}" for n in range(8)],
    "incident_ids": [f"i{n}" for n in range(8)],
    "position": range(40),
    "id": [f"id{n}" for n in range(30)],
    "author": [f"a{n}" for n in range(5)],
    "lang": ("en", "zh"),
    "language": ("en", "zh"),
    "sentiment": ("negative", "neutral", "positive"),
    "next_sentiment": ("negative", "positive"),
    "label": ("negative", "neutral", ""),
    "outcome": ("stored", "dead", "dropped", "delivered", "retry", "gave_up"),
    "decision": ("send", "hold", "skip"),
    "change": ("opened", "updated", "resolved"),
    "scope": ("post", "author"),
    "quality": ("gap", "partial", "catch_up", "changed"),
    "attempt": (1, 2, 1001),
    "kept_days": (400,),
    "role": ("watch", "deliver"),
    "action": ("rescore", "verdict", "silence"),
    "state": ("live", "finished"),
    "body": [BODY.format(n) for n in range(1, 5)],
    "is_deleted": (0, 0, 0, 1),
    "version": (1, 2, 3, 16384, 18446744073709551615),
    "withdrawn": (0, 0, 1),
    "step": ("5m", "1h"),
    "name": ("r1", "r2", "posts"),
    "number": (0, 1, 2),
    "first": (-2, 0),
    "stage": ("score",),
    "consumers": ("1",),
    "followers": (1, 2),
    "scale": (0.5, 2.0),
    "query": ("", "q1"),
}


def rows(
    table: str, columns: Sequence[tuple[str, str]], *, count: int, seed: int
) -> list[list[Any]]:
    """`columns`: name and type of each. All of a post but its brand and version goes by its id.

    A tenth of the posts wait for a scoring, which is that of some brands; each is of one brand.
    """
    rng = random.Random(zlib.crc32(f"{seed}:{table}".encode()))
    made = []
    for _ in range(count):
        post_id = f"x:{rng.randrange(40)}"
        at = random.Random(post_id) if table in ("posts", "post_keys") else rng
        length = at.randrange(1, 3)
        row = []
        for name, kind in columns:
            of_row = name in ("brand", "version", "is_deleted", "claim", "brands")
            row.append(_value(table, name, kind, post_id, rng if of_row else at, length))
        made.append(_scored(table, dict(zip([name for name, _ in columns], row, strict=True))))
    return made


def _scored(table: str, row: dict[str, Any]) -> list[Any]:
    if table == "posts":
        waits = row["post_id"].endswith("5")
        row |= {"next_scoring": int(waits)}
        row |= {"brand": BRANDS[int(row["post_id"][2:]) // 10]} if waits else {}
    elif table == "incident_events":
        number = int(row["event_id"][1:])
        brand = BRANDS[number % 4]
        row |= {"incident_id": f"i{number % 4}", "number": number, "brand": brand}
    elif table == "deliveries" and row["receiver"] == "r2":
        row |= {"outcome": "retry"}
    elif table == "scorings":
        row |= {"number": BRANDS.index(row["brand"]) % 2}
    return list(row.values())


def _value(table: str, name: str, kind: str, post_id: str, rng: random.Random, length: int) -> Any:
    if name == "post_id" or (name == "id" and table == "erasures"):
        return post_id
    if kind.startswith("Array("):
        inner = kind[6:-1]
        size = 9 if name == "quantiles" else 12 if name in ("volumes", "negatives") else length
        return [_value(table, name, inner, post_id, rng, length) for _ in range(size)]
    if name == "kept_since":
        return datetime.now(UTC).replace(microsecond=0)
    if name == "made_at":
        return AT - timedelta(hours=rng.randrange(1, 9))
    if kind.startswith("DateTime"):
        return AT + timedelta(minutes=rng.randrange(90), seconds=rng.randrange(60))
    if name in WORDS:
        word = rng.choice(WORDS[name])
        return str(word) if "String" in kind else word
    if "String" in kind:
        return f"{name}{rng.randrange(3)}"
    return rng.choice((0.25, 0.5, 0.75)) if kind.startswith("Float") else rng.randrange(3)
