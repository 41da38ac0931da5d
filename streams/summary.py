"""What a replay came to, in numbers that add up."""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from infra.dead_letters import Wanted, dead_counts
from infra.incidents import incidents
from infra.progress import brand_counts, tally
from infra.store import Store
from streams.failures import LineFailed, UsageError


class IncidentLine(Struct, frozen=True, kw_only=True):
    """An incident in a summary."""

    id: str
    kind: str
    brand: str
    opened_at: datetime
    resolved_at: datetime | None
    severity: int
    alerts: bool = True  # False: recorded, and told to nobody


class Summary(Struct, frozen=True, kw_only=True):
    """posts_read = posts_stored + repeats_dropped + dead_letters + edited + erased + dropped.

    All of them are items of the feed: an edit is one, and so is a message that erases posts.
    """

    posts_read: int
    posts_stored: int
    repeats_dropped: int
    dead_letters: int
    dropped: dict[str, int]
    seconds: float
    posts_per_second: float
    brands: dict[str, dict[str, int]]
    incidents: list[IncidentLine]
    edited: int = 0
    erased: int = 0
    dead: dict[str, int] = {}  # dead letters by reason

    @property
    def outcomes(self) -> int:
        """Items that have one."""
        whole = self.posts_stored + self.repeats_dropped + self.dead_letters
        return whole + self.edited + self.erased + sum(self.dropped.values())


def check_writable(path: Path | None) -> None:
    """Raise UsageError now and not after the run if no summary can be written there."""
    if path is not None and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise UsageError(f"--summary {path}: cannot write there")


def write_summary(path: Path | None, figures: Summary) -> None:
    """Write the figures as JSON. Raises LineFailed."""
    if path is None:
        return
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1))
    except OSError as error:
        raise LineFailed(f"cannot write {path}: {error.strerror}") from error


def summarise(store: Store, feed: str, *, read: int, seconds: float) -> Summary:
    """Count what is on disk. `read` is what the feed's source holds."""
    outcome = tally(store, feed)
    return Summary(
        posts_read=read,
        posts_stored=outcome.stored,
        repeats_dropped=outcome.repeats,
        dead_letters=outcome.dead_letters,
        dead=dead_counts(store, Wanted(feed=feed)) if outcome.dead_letters else {},
        dropped=outcome.dropped,
        edited=outcome.edited,
        erased=outcome.erased,
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
                alerts=each.alerts,
            )
            for each in incidents(store)
        ],
    )
