"""Posts that must go: who and what is written down first, so that nothing comes back."""

from collections.abc import Sequence
from datetime import datetime

from infra.store import Store
from infra.times import to_ms
from processors.records import Erasure
from processors.version import ERASED

COLUMNS = ("scope", "id", "at", "by")


def erase(store: Store, erasures: Sequence[Erasure], now: datetime, by: str) -> int:
    """Take posts out of every count; the number of rows. Raises StoreError."""
    store.insert("erasures", COLUMNS, [(one.scope, one.id, one.at, by) for one in erasures])
    rows: dict[tuple[str, datetime, str], tuple[object, ...]] = {}
    for one in erasures:
        where = (
            "post_id = {id:String}"
            if one.scope == "post"
            else "concat(source, ':', author) = {id:String} "
            "AND published_at <= fromUnixTimestamp64Milli({at:Int64}, 'UTC')"
        )
        for brand, published_at, post_id in store.query(
            f"SELECT brand, published_at, post_id FROM posts FINAL WHERE {where}",
            {"id": one.id, "at": to_ms(one.at)},
        ):
            rows[brand, published_at, post_id] = (brand, published_at, post_id, ERASED, 1, now)
    columns = ("brand", "published_at", "post_id", "version", "is_deleted", "stored_at")
    store.insert("posts", columns, list(rows.values()))
    return len(rows)
