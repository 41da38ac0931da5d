"""The line at one moment, read for a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from forecasting.incident import IncidentState
from forecasting.records import BUCKET, Verdict
from forecasting.watch import floor_bucket, starts
from infra.incidents import Incident, incidents
from infra.metrics import Reading
from infra.progress import Progress, progress_of
from infra.series import counts, memories
from infra.store import Store

SPARK = timedelta(minutes=70)
OF_MOOD = ("negative_surge", "mood_shift")


class BrandView(Struct, frozen=True, kw_only=True):
    """A brand's row."""

    name: str
    verdict: Verdict | None
    incident: Incident | None  # of mood, open now
    since: datetime | None  # when the open incident's surge began
    recent: tuple[int, ...]  # negative posts in each of the last buckets


class Snapshot(Struct, frozen=True, kw_only=True):
    """All that is shown of the line."""

    progress: Progress | None
    judged_until: datetime | None
    quiet: timedelta  # for how long nothing has come for any brand, whole buckets
    brands: tuple[BrandView, ...]
    incidents: tuple[Incident, ...]
    readings: Mapping[str, Reading]


def take(store: Store, feed: str, readings: Mapping[str, Reading]) -> Snapshot:
    """Read the line's state. Raises StoreError."""
    kept = memories(store)
    judged = kept.pop("").bucket if "" in kept else None
    recent: dict[str, tuple[int, ...]] = {}
    quiet = timedelta(0)
    if judged is not None:
        since = floor_bucket(judged - SPARK)
        found = counts(store, since=since, until=judged)
        recent = {
            brand: tuple(
                buckets[at].shown_negative if at in buckets else 0 for at in starts(since, judged)
            )
            for brand, buckets in found.items()
        }
        newest = max((at for buckets in found.values() for at in buckets), default=since)
        quiet = judged - newest - BUCKET if kept else quiet
    known = incidents(store)
    still = {
        incident.brand: incident
        for incident in known
        if incident.resolved_at is None and incident.kind in OF_MOOD
    }
    return Snapshot(
        progress=progress_of(store, feed),
        judged_until=judged,
        quiet=quiet,
        brands=tuple(
            _brand(name, memory.state, memory.verdict, still.get(name), recent.get(name, ()))
            for name, memory in sorted(kept.items())
        ),
        incidents=tuple(known),
        readings=readings,
    )


def _brand(
    name: str, state: str, verdict: str, incident: Incident | None, recent: tuple[int, ...]
) -> BrandView:
    judged = msgspec.json.decode(state, type=IncidentState)
    current = judged.incident if incident else None
    return BrandView(
        name=name,
        verdict=msgspec.json.decode(verdict, type=Verdict | None),
        incident=incident,
        since=current.since if current else None,
        recent=recent,
    )
