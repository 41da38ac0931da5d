"""Statements written for one server, as a cluster has to be given them. Pure.

A closed set of forms is known. Anything else is refused: a statement that ran on one server of
many, or on the wrong one of a table's two halves, would be wrong without a word.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from infra.clickhouse.cluster import CREATE, Cluster
from infra.clickhouse.colocated import local_tables
from infra.clickhouse.words import split
from infra.purge import OLDEST
from infra.store import StoreRejected

BOTH: Final = ("ADD COLUMN", "DROP COLUMN", "MODIFY COLUMN", "RENAME COLUMN", "COMMENT COLUMN")
"""What changes the columns of a table: both halves need it."""
LOCAL: Final = (
    "MODIFY TTL",
    "MODIFY ORDER BY",
    "MODIFY SETTING",
    "RESET SETTING",
    "ADD INDEX",
    "DROP INDEX",
    "MATERIALIZE INDEX",
)
LISTS: Final = ("MODIFY TTL", "MODIFY SETTING", "RESET SETTING")
"""What may itself have commas."""
PER_SHARD_VIEWS: Final[Mapping[str, str]] = {"counted_posts": "posts"}
"""Views of which a row comes from a row of this table, and from nothing else but what is the same
on all shards: every shard works out its own, so that it counts too. Others are views over all."""
ONE_SERVERS: Final = ("post_eras", "held_mark", "hour_state")
"""Views of what one server says of itself, such as which of its counts by the hour hold."""

Match = re.Match[str]
Form = tuple[str, Callable[[Match, Cluster], list[str]]]


def rewritten(statement: str, cluster: Cluster) -> tuple[str, ...]:
    """One statement as those to run, in this order. Each is safe to repeat where it was.

    None for a view of what one server says of itself, which would be of another server each time:
    where a migration made that view in another way before, a cluster keeps that one. And none for
    the sweep of infra/purge.py: replicated tables delete replaced files by themselves.
    Raises StoreRejected for a statement that is none of the forms.
    """
    text = (
        re.sub(r"^\s*--.*$", "", statement, flags=re.MULTILINE).strip().removesuffix(";").rstrip()
    )
    for pattern, rewrite in FORMS:
        if found := re.fullmatch(pattern, text, re.DOTALL | re.ASCII):
            return tuple(rewrite(found, cluster))
    raise StoreRejected(f"not known how to do this on a cluster: {' '.join(text.split())[:200]}")


def _create_table(found: Match, cluster: Cluster) -> list[str]:
    made = CREATE.fullmatch(found[0])
    if made is None or made["table"] not in cluster.keys:
        raise StoreRejected(
            "on a cluster a table is CREATE TABLE IF NOT EXISTS name (...) ENGINE = "
            f"ReplacingMergeTree of a migration: {' '.join(found[0].split())[:120]}"
        )
    table, rest = made["table"], made["rest"].rstrip()
    arguments = ["'/clickhouse/tables/{shard}/{database}/{table}'", "'{replica}'"]
    arguments += [made["arguments"]] if made["arguments"] else []
    # The window: a row that was taken back and comes again is the same block, and no repeat.
    window = "replicated_deduplication_window = 0"
    more = (
        f"{rest}, {window}"
        if re.search(r"^SETTINGS ", rest, re.M)
        else f"{rest}\nSETTINGS {window}"
    )
    return [
        f"CREATE TABLE IF NOT EXISTS {cluster.local}.{table}{_on(cluster)}\n({made['columns']})\n"
        f"ENGINE = ReplicatedReplacingMergeTree({', '.join(arguments)})\n{more}",
        f"CREATE TABLE IF NOT EXISTS {cluster.database}.{table}{_on(cluster)}\n"
        f"AS {cluster.local}.{table}\n{_distributed(cluster, table, table)}",
    ]


def _alter(found: Match, cluster: Cluster) -> list[str]:
    table, body = _known(found["table"], cluster), found["body"]
    if re.match(r"(DELETE\s+WHERE|UPDATE)\s", body):
        # One that is waited for is waited for on all replicas: any may be read next.
        body = re.sub(r"\bmutations_sync = 1\b", "mutations_sync = 2", body)
        body = local_tables(table, body, cluster)
        return [f"ALTER TABLE {cluster.local}.{table}{_on(cluster)}\n{body}"]
    parts = _changes(body)
    both = [part for part in parts if part.startswith(BOTH)]
    statements = [f"ALTER TABLE {cluster.local}.{table}{_on(cluster)} {', '.join(parts)}"]
    if both:
        statements.append(f"ALTER TABLE {cluster.database}.{table}{_on(cluster)} {', '.join(both)}")
    return statements


def _changes(body: str) -> list[str]:
    parts: list[str] = []
    for part in split(body):
        if part.startswith(BOTH + LOCAL):
            parts.append(part)
        elif parts and parts[-1].startswith(LISTS):
            parts[-1] += f", {part}"
        else:
            raise StoreRejected(f"not known how to do this on a cluster: ALTER TABLE ... {part}")
    return parts


def _create_view(found: Match, cluster: Cluster) -> list[str]:
    view, select = found["view"], found["select"]
    if re.search(rf"\bsystem\.|\bFROM\s+({'|'.join(ONE_SERVERS)})\b", select):
        return []
    how = found["how"]
    head = f"CREATE {'OR REPLACE ' if how == 'OR REPLACE ' else ''}VIEW "
    head += "" if how else "IF NOT EXISTS "
    on = _on(cluster)
    if view not in PER_SHARD_VIEWS:
        return [f"{head}{cluster.database}.{view}{on} AS\n{_named(select, cluster, set())}"]
    source = PER_SHARD_VIEWS[view]
    named = _named(select, cluster, {source})
    table = head.replace("VIEW", "TABLE")
    return [
        f"{head}{cluster.local}.{view}{on} AS\n{named}",
        f"{table}{cluster.database}.{view}{on}\nAS {cluster.local}.{view}\n"
        f"{_distributed(cluster, view, source)}",
    ]


def _named(select: str, cluster: Cluster, local: set[str]) -> str:
    """With the database of each table of ours written out: a shard has another one by default."""

    def name(found: Match) -> str:
        table = found[2]
        if table not in cluster.keys and table not in PER_SHARD_VIEWS:
            return found[0]
        return f"{found[1]}{cluster.local if table in local else cluster.database}.{table}"

    return re.sub(r"(\b(?:FROM|JOIN)\s+)(\w+)\b(?![.(])", name, select)


def _on_local(found: Match, cluster: Cluster) -> list[str]:
    table = _known(found["table"], cluster)
    tail = found["tail"].rstrip()
    return [
        f"{found['what']} TABLE {cluster.local}.{table}{_on(cluster)}{tail and f' {tail.strip()}'}"
    ]


def _drop_table(found: Match, cluster: Cluster) -> list[str]:
    table = _known(found["table"], cluster)
    return [
        f"DROP TABLE IF EXISTS {database}.{table}{_on(cluster)} SYNC"
        for database in (cluster.database, cluster.local)
    ]


def _nothing(found: Match, cluster: Cluster) -> list[str]:  # noqa: ARG001 - as the others
    return []


def _unchanged(found: Match, cluster: Cluster) -> list[str]:  # noqa: ARG001 - as the others
    return [found[0]]


def _known(table: str, cluster: Cluster) -> str:
    if table not in cluster.keys:
        raise StoreRejected(f"{table} is no table of a migration: no cluster has it")
    return table


def _on(cluster: Cluster) -> str:
    return f" ON CLUSTER `{cluster.name}`"


def _distributed(cluster: Cluster, table: str, keyed: str) -> str:
    where = f"'{cluster.name}', '{cluster.local}', '{table}'"
    return f"ENGINE = Distributed({where}, {cluster.keys[keyed]})"


FORMS: Final[tuple[Form, ...]] = (
    (r"CREATE TABLE .*", _create_table),
    (rf"ALTER TABLE \w+ DROP PARTITION ID '{OLDEST}'", _nothing),
    (r"ALTER TABLE (?P<table>\w+)\s+(?P<body>.*)", _alter),
    (
        r"CREATE (?P<how>OR REPLACE )?VIEW (?:IF NOT EXISTS )?(?P<view>\w+) AS\s+(?P<select>.*)",
        _create_view,
    ),
    (
        r"(?P<what>OPTIMIZE) TABLE (?P<table>\w+)(?P<tail>(?: PARTITION ID '\w+')?(?: FINAL)?)",
        _on_local,
    ),
    (r"(?P<what>TRUNCATE) TABLE (?P<table>\w+)(?P<tail>(?: SYNC)?)", _on_local),
    (r"DROP TABLE IF EXISTS (?P<table>\w+)(?: SYNC)?", _drop_table),
    (r"(?:SELECT|INSERT INTO)\s.*", _unchanged),
)
