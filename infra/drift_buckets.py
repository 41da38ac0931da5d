"""What scores looked like, by bucket, from ClickHouse."""

from datetime import datetime

from infra.sql import load
from infra.store import Store
from infra.times import to_ms
from processors.drift import LEAST_POSTS, Observed


def observed(store: Store, *, since: datetime, until: datetime) -> list[Observed]:
    """Return the buckets of the span that have enough posts, in the order of time. StoreError."""
    rows = store.query(
        load("drift_buckets"),
        {"since": to_ms(since), "until": to_ms(until), "least": LEAST_POSTS},
    )
    return [
        Observed(
            start=start,
            posts=posts,
            confidence=confidence,
            oov=oov,
            model=model,
            languages=dict(zip(codes, counts, strict=True)),
        )
        for start, posts, confidence, oov, model, _, codes, counts in rows
    ]
