"""How long posts are kept, when a brand's setting has changed since they were stored."""

import time
from collections.abc import Callable, Sequence

from infra.brands import Brand
from infra.mutation import mutate
from infra.sql import load
from infra.store import Param, Store


def apply_retention(
    store: Store, brands: Sequence[Brand], *, pause: Callable[[float], None] = time.sleep
) -> dict[str, int]:
    """Give stored rows the time that is set now: brand -> rows changed, without those with none.

    What is past its time by then is out of every count at once and leaves the disk with the next
    merge. A brand that is no longer watched keeps what it had. Raises StoreError.
    """
    changed = {}
    for brand in brands:
        params: dict[str, Param] = {"brand": brand.name, "days": brand.retention_days}
        rows = store.query(load("retention_due"), params)[0][0]
        if rows:
            mutate(store, load("retention"), "posts", params, pause=pause)
            changed[brand.name] = int(rows)
    return changed
