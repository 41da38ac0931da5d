"""Changes of rows by what is in other rows: each shard does them by itself, with its own rows."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from infra.store import StoreRejected

if TYPE_CHECKING:
    from infra.clickhouse.cluster import Cluster

COLOCATED: Final[Mapping[tuple[str, str], str]] = {
    ("posts", "posts"): "rows of one post and brand have one brand",
    ("outbox", "receipts"): "both lie by (feed, position), and are matched by it",
    ("corrections", "erasures"): "they lie by post_id and id, of which one is matched to the other",
}
"""Which table is changed by rows of which, and why a shard has all that it needs for that."""


def local_tables(table: str, change: str, cluster: "Cluster") -> str:
    """An ALTER ... DELETE or UPDATE of `table`, which looks its rows up in the shard's own tables.

    Raises StoreRejected where these may be in another shard.
    """

    def name(found: re.Match[str]) -> str:
        other = found[2]
        if (table, other) not in COLOCATED:
            raise StoreRejected(
                f"a change of {table} looks into {other}, rows of which may be in another shard"
            )
        return f"{found[1]}{cluster.local}.{other}"

    return re.sub(r"(\b(?:FROM|JOIN)\s+)(\w+)\b", name, change)
