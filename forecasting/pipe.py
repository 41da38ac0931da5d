"""Crowd or pipe: is a change in the counts news, or a feed that stalled and caught up?

A source (a platform, over all brands) that falls below a fifth of its usual volume, for so long
that as many as `flow.ENOUGH` posts should have come, has stalled: people do not all stop at once.
What it sends at more than twice the usual rate right after is what it held back. A brand's bucket
is judged by how much of the brand's posts come from sources that are stalled. A fold over buckets:
however the time is cut, and wherever it is interrupted, the same counts give the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.counted_by import Counting, FlowCount, other_query, told_new_model
from forecasting.flow import GONE, Flow, Mark, follow_all
from forecasting.records import BUCKET, Moment, Quality
from forecasting.source_shares import (
    DAY,
    Shares,
    add,
    begin_anew,
    quality_of,
    rescaled,
    weight_of,
    without_small,
)
from forecasting.watch import floor_bucket, starts


class Pipes(Struct, frozen=True, kw_only=True):
    """All that is remembered of the sources and of what brands are counted by; JSON by msgspec."""

    until: Moment | None = None  # all buckets before it are in
    zero: Moment | None = None  # where weights of posts are 1; they double each day
    flows: dict[str, Flow] = {}
    shares: Shares = {}  # weighted posts by brand and source
    models: dict[str, Moment] = {}  # when each was first seen
    marked: dict[str, list[str]] = {}  # new models that a brand was told of
    queries: dict[str, str] = {}  # versions of those that settings name, by brand
    counting: dict[str, Counting] = {}


Qualities = dict[str, dict[datetime, Quality]]
Told = Mapping[datetime, Mapping[str, Mark]]
NOTHING_TOLD: Final[Told] = {}


def advance_pipes(
    pipes: Pipes,
    counts: Iterable[FlowCount],
    *,
    since: datetime,
    until: datetime,
    queries: Mapping[str, str],
    told: Told = NOTHING_TOLD,
) -> tuple[Pipes, Qualities]:
    """Take the buckets in [since, until); tell which of them are not ok, by brand.

    Buckets that were left out since the last ones were empty. A bucket is judged by what came up
    to it. `queries` are the versions of what each brand is found by now, by the settings: a query
    that finds nothing says so in no post. `told` is what feeds know of themselves, by bucket and
    source: it goes before what counts look like, and such counts say nothing of what is usual.
    """
    pipes = _skip(pipes, since)
    found: Qualities = defaultdict(dict)
    flows = dict(pipes.flows)
    shares = {brand: dict(some) for brand, some in pipes.shares.items()}
    counting = dict(pipes.counting)
    # A brand that is watched no longer is not found any more: that is no silence.
    other = [brand for brand, last in pipes.queries.items() if queries.get(brand) != last]
    models, marked = dict(pipes.models), {b: list(m) for b, m in pipes.marked.items()}
    by_bucket: dict[datetime, list[FlowCount]] = defaultdict(list)
    for one in counts:
        by_bucket[one.bucket].append(one)
    shares, zero = rescaled(shares, pipes.zero or since, since)
    for at in starts(since, until):
        some = by_bucket.get(at, [])
        weight = weight_of(at, zero)
        other += other_query(some, counting)
        for brand in other:
            found[brand][at] = "changed"
        begin_anew(other, flows, shares)
        other = []
        marks = follow_all(flows, some, told.get(at, {}))
        for one in some:
            add(shares, one, weight)
            models.setdefault(one.model, at)
        for brand in told_new_model(some, models, marked, at):
            found[brand].setdefault(at, "relabelled")  # "changed" says that and more
        if marks:
            for brand, of_brand in shares.items():
                if quality := quality_of(of_brand, marks):
                    found[brand].setdefault(at, quality)  # "changed" is told but once
        for source in [s for s, mark in marks.items() if mark == "gone"]:
            del flows[source]
        if at - floor_bucket(at, DAY) < BUCKET:
            shares = {brand: without_small(of_brand) for brand, of_brand in shares.items()}
            shares, zero = rescaled(shares, zero, at)
    after = replace(
        pipes,
        until=until,
        flows=flows,
        shares=shares,
        models=models,
        marked=marked,
        queries=dict(queries),
        counting=counting,
        zero=zero,
    )
    return after, {brand: some for brand, some in found.items() if some}


def _skip(pipes: Pipes, since: datetime) -> Pipes:
    """Let the empty buckets pass that were left out."""
    if pipes.until is None or pipes.until >= since:
        return pipes
    flows = dict(pipes.flows)
    left = min((since - pipes.until) // BUCKET, 40 * GONE)  # then all are gone
    for _ in range(left):
        for source, mark in follow_all(flows, ()).items():
            if mark == "gone":
                del flows[source]
    return replace(pipes, flows=flows)
