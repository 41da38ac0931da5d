"""What dashboards show of an hour beside its posts: what scores look like."""

from collections.abc import Mapping
from typing import Any, Final

from infra.reports import Place
from infra.sql import load
from infra.store import Param, Store

COLUMNS: Final = (
    "looked",
    "sources",
    "langs",
    "models",
    "posts_of",
    "negatives_of",
    "unsure_of",
    "rescored_of",
    "confidence_of",
    "unknown_of",
)
"""Of hour_counts, see migrations/0020_hour_looks.sql."""
LOOKED: Final = 1
NOTHING: Final[tuple[Any, ...]] = (LOOKED, *([],) * (len(COLUMNS) - 1))
"""Of an hour without posts."""


def looks(store: Store, asked: Mapping[str, Param]) -> dict[Place, tuple[Any, ...]]:
    """Brand and hour -> COLUMNS, of hours that have posts; `asked` as of shown_counts.sql.

    Raises StoreError.
    """
    return {
        (brand, hour): (LOOKED, *columns)
        for brand, hour, *columns in store.query(load("hour_looks"), asked)
    }
