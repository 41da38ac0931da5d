"""Settings sent with each statement, by what it does.

Stated here so that no default of a server's version or profile decides what we rely on: ClickHouse
26 has async_insert on, which returns before anything is on disk.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

Values = Mapping[str, int | str]


class Kinds(Struct, frozen=True):
    """Settings of inserts, of queries and of other commands."""

    insert: Values
    query: Values
    command: Values


DURABLE: Final[Values] = {
    "async_insert": 0,
    "max_partitions_per_insert_block": 0,  # claimed times are as old as their authors say
    "max_execution_time": 120,
    # A row that was taken back and comes again is the same block; the server would drop it.
    "insert_deduplicate": 0,
    "deduplicate_insert": "disable",
}
READING: Final[Values] = {
    "readonly": 2,
    "max_execution_time": 60,
    # Every partition key is part of its table's sort key, so partitions can be merged one by one.
    "do_not_merge_across_partitions_select_final": 1,
}
CHANGING: Final[Values] = {"async_insert": 0, "max_execution_time": 3_600}

ONE_SERVER: Final = Kinds(DURABLE, READING, CHANGING)

_SHARDED: Final[Values] = {
    # A shard that is away is an error, never a smaller count.
    "skip_unavailable_shards": 0,
    "fallback_to_stale_replicas_for_distributed_queries": 0,
    # Subqueries are answered by all shards before the query goes to each.
    "distributed_product_mode": "global",
    "optimize_skip_unused_shards": 1,
    "enable_parallel_replicas": 0,
    "load_balancing": "in_order",
    # What a shard works out for itself must not be what the asked server worked out for its own.
    "prefer_localhost_replica": 0,
}


def of_cluster(replicas: int, *, is_majority: bool) -> Kinds:
    """Of Distributed tables over tables with so many replicas in each shard.

    An insert returns when every replica of its shard has it, so that any can be read; with one away
    inserts wait. Or when the majority has: then one may be away, one that is behind refuses to be
    read, and inserts into a table take turns.
    """
    insert: Values = {
        "distributed_foreground_insert": 1,  # else it returns when it is on disk here, not there
        "insert_distributed_sync": 1,  # its name before 23.11
        "insert_quorum": "auto" if is_majority else replicas if replicas > 1 else 0,
        "insert_quorum_parallel": int(not is_majority),
        "insert_quorum_timeout": 60_000,
        "load_balancing": "in_order",
        "prefer_localhost_replica": 0,
    }
    query: Values = {"select_sequential_consistency": int(is_majority)}
    command: Values = {
        "distributed_ddl_task_timeout": 600,
        "distributed_ddl_output_mode": "throw",
        "alter_sync": 2,  # by all replicas: the next statement may be answered by any
        # What a change looks up is in its own shard, see infra/clickhouse/colocated.py.
        "allow_nondeterministic_mutations": 1,
    }
    return Kinds(
        {**DURABLE, **insert}, {**READING, **_SHARDED, **query}, {**CHANGING, **_SHARDED, **command}
    )
