"""Judge a brand's buckets in order: the logic of the watch stage."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from forecasting.detect import EVERYDAY
from forecasting.incident import IncidentState, judge
from forecasting.records import BUCKET, Bucket, IncidentChange, Policy, Quality, Verdict


class Advance(Struct, frozen=True, kw_only=True):
    """A brand after some more buckets."""

    state: IncidentState
    verdict: Verdict | None  # of the last bucket; None if there was none
    changes: tuple[IncidentChange, ...]


def advance(
    state: IncidentState,
    brand: str,
    found: Mapping[datetime, Bucket],
    *,
    since: datetime,
    until: datetime,
    quality: Mapping[datetime, Quality] | None = None,
    policy: Policy = EVERYDAY,
) -> Advance:
    """Judge every bucket that starts in [since, until), those without posts too.

    `quality` names those that are known; without it all are inferred from the counts, with it those
    not in it are ok. The same state, counts and qualities give the same changes with the same ids,
    however the span is cut.
    """
    verdict = None
    changes: list[IncidentChange] = []
    for start in starts(since, until):
        bucket = found.get(start) or empty_bucket(start)
        known = None if quality is None else quality.get(start, "ok")
        state, verdict, some = judge(state, brand, bucket, quality=known, policy=policy)
        changes.extend(some)
    return Advance(state=state, verdict=verdict, changes=tuple(changes))


def held_open(
    state: IncidentState,
    changes: Sequence[IncidentChange],
    *,
    since: datetime,
    until: datetime,
) -> set[datetime]:
    """Starts of the buckets in [since, until) inside an incident, its first and last included.

    `state` is as it was before them, `changes` are those they made, in order.
    """
    still = (state.incident, state.attention, state.silence)
    begun = {one.incident_id: since for one in still if one is not None}
    held: set[datetime] = set()
    for change in changes:
        if change.change == "opened":
            begun[change.incident_id] = change.at - BUCKET
        elif change.change == "resolved" and change.incident_id in begun:
            held.update(starts(begun.pop(change.incident_id), change.at))
    for start in begun.values():
        held.update(starts(start, until))
    return held


def empty_bucket(start: datetime) -> Bucket:
    """A bucket without posts."""
    return Bucket(start=start, volume=0, negative=0, voices=0, negative_voices=0)


def starts(since: datetime, until: datetime) -> Iterator[datetime]:
    """Starts of the buckets in [since, until); `since` is a bucket's start."""
    while since < until:
        yield since
        since += BUCKET


def floor_bucket(moment: datetime, step: timedelta = BUCKET) -> datetime:
    """Start of the bucket that holds `moment`."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % step
