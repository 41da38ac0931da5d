"""Queries about the database itself, which a cluster answers in its own way."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Template
from typing import Final

from infra.clickhouse.cluster import Cluster
from infra.sql import load
from infra.store import StoreRejected

OTHERS: Final = (
    "doctor_disks",
    "doctor_mutations",
    "doctor_parts",
    "doctor_replicas",
    "hours_known",
    "kill_mutation",
    "mutations",
    "new_rows",
    "newest_block",
    "old_parts",
    "stats_disk",
)
"""Queries of infra/queries in whose place infra/clickhouse/queries has another."""
SAME: Final = re.compile(r"\bsystem\.(?!tables\b|columns\b|settings\b)|\b_block_number\b|\b_part\b")
"""What differs from server to server: everything but how our tables look, and what holds for those
who ask."""


def on_cluster(sql: str, cluster: Cluster) -> str:
    """A query as a cluster is asked it. Raises StoreRejected for what one server alone can say."""
    other = in_place_of(sql, cluster)
    if other is None and SAME.search(sql):
        raise StoreRejected(
            f"this asks one server of itself, which a cluster is not: {' '.join(sql.split())[:200]}"
        )
    return sql if other is None else other


def in_place_of(sql: str, cluster: Cluster) -> str | None:
    """What stands for one of OTHERS; None for anything else."""
    other = _others().get(sql.strip())
    return other and Template(other).substitute(cluster=cluster.name, local=cluster.local)


@cache
def _others() -> Mapping[str, str]:
    folder = resources.files("infra.clickhouse").joinpath("queries")
    return {
        load(name).strip(): folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
        for name in OTHERS
    }
