"""What feeds know of themselves, by bucket: what watch asks besides what counts look like. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from forecasting.flow import Mark
from forecasting.pipe import Told
from forecasting.records import BUCKET
from forecasting.watch import floor_bucket, starts
from infra.feeds.state import NEVER, FeedState, Stretch

LEAST: Final = timedelta(seconds=60)
"""Of a bucket: what misses less is judged as it is."""
LONGEST: Final = timedelta(hours=12)
"""How long a feed that is away is waited for; then counts alone decide."""


def told_pipes(
    states: Iterable[FeedState],
    stretches: Iterable[Stretch],
    *,
    since: datetime,
    until: datetime,
) -> Told:
    """Marks of the buckets in [since, until), by source.

    A gap is a bucket of which a feed missed a minute or more, or that it has not read to its end
    yet. What is read later than it was published, while a feed catches up, is no surge.
    """
    marks: dict[datetime, dict[str, Mark]] = defaultdict(dict)
    for one in stretches:
        least = LEAST if one.kind == "gap" else timedelta(0)
        mark: Mark = "stalls" if one.kind == "gap" else "catches up"
        first = max(floor_bucket(one.since), since)
        for at in starts(first, min(one.until + BUCKET, until)) if first < until else ():
            missed = min(one.until, at + BUCKET) - max(one.since, at)
            if missed >= least and marks[at].get(one.source) != "stalls":
                marks[at][one.source] = mark
    for state in states:
        if state.live_until == NEVER:
            continue
        known = state.live_until + timedelta(seconds=state.tolerance)
        first = max(floor_bucket(known), since)
        last = min(until, state.live_until + LONGEST)
        for at in starts(first, last) if first < last else ():
            if at + BUCKET > known:
                marks[at][state.source] = "stalls"
    return dict(marks)
