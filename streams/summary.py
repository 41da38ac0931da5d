"""What a replay came to, in numbers that add up."""

from datetime import datetime

from msgspec import Struct

from infra.incidents import incidents
from infra.progress import brand_counts, tally
from infra.store import Store


class IncidentLine(Struct, frozen=True, kw_only=True):
    """An incident in a summary."""

    id: str
    kind: str
    brand: str
    opened_at: datetime
    resolved_at: datetime | None
    severity: int


class Summary(Struct, frozen=True, kw_only=True):
    """posts_read = posts_stored + repeats_dropped + dead_letters + all of dropped."""

    posts_read: int
    posts_stored: int
    repeats_dropped: int
    dead_letters: int
    dropped: dict[str, int]
    seconds: float
    posts_per_second: float
    brands: dict[str, dict[str, int]]
    incidents: list[IncidentLine]


def summarise(store: Store, feed: str, *, read: int, seconds: float) -> Summary:
    """Count what is on disk. `read` is what the feed's source holds."""
    outcome = tally(store, feed)
    return Summary(
        posts_read=read,
        posts_stored=outcome.stored,
        repeats_dropped=outcome.repeats,
        dead_letters=outcome.dead_letters,
        dropped=outcome.dropped,
        seconds=round(seconds, 1),
        posts_per_second=round(read / seconds, 1) if seconds else 0.0,
        brands=brand_counts(store, feed),
        incidents=[
            IncidentLine(
                id=each.incident_id,
                kind=each.kind,
                brand=each.brand,
                opened_at=each.opened_at,
                resolved_at=each.resolved_at,
                severity=each.severity,
            )
            for each in incidents(store)
        ],
    )
