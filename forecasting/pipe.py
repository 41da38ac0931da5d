"""Crowd or pipe: is a change in the counts news, or a feed that stalled and caught up?

A source (a platform, over all brands) that falls below a fifth of its usual volume, for so long
that as many as ENOUGH posts should have come, has stalled: people do not all stop at once. What it
sends at more than twice the usual rate right after is what it held back. A brand's bucket is judged
by how much of the brand's posts come from sources that are stalled. A fold over buckets: however
the time is cut, and wherever it is interrupted, the same counts give the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from forecasting.records import BUCKET, Moment, Quality
from forecasting.watch import floor_bucket, starts

# Usual is the lower of two means, in buckets of half-life: an hour follows the night, and a day is
# not carried away by a burst.
FAST: Final = 0.5 ** (1 / 12)
SLOW: Final = 0.5 ** (1 / 288)
KNOWN: Final = 12  # buckets with posts from which on something is usual
LOW: Final = 0.2  # of what is usual: a platform does not lose more of its crowd in an hour
HIGH: Final = 2.0
# The chance that a fifth or less of so many come by themselves is below 1e-9 for independent posts,
# and still below 1e-3 for posts that come in fives.
ENOUGH: Final = 30.0
GONE: Final = 144  # buckets of a stall after which a source is no longer waited for
WHOLE: Final = 0.8  # of a brand's posts: without them nothing of it is seen
PART: Final = 0.2  # below, what is missing changes little
LEAST: Final = 0.001  # of a brand's posts: sources below it are forgotten
DAY: Final = timedelta(days=1)  # half-life of what share of a brand's posts a source has
NEW: Final = timedelta(hours=1)  # how long a model that came later than others counts as new
RESCALED: Final = 100  # days after which weights begin anew
MOST: Final = 0.5  # of a brand's posts in a bucket: a new model is what counts it

Mark = Literal["flows", "stalls", "catches up", "gone"]


class FlowCount(NamedTuple):
    """Posts of one brand, source and model in a bucket."""

    brand: str
    source: str
    model: str
    bucket: datetime
    posts: int


class Flow(Struct, frozen=True):
    """One source: its two means as weighted sums, and the fall that it is in."""

    fast: float = 0.0
    fast_weight: float = 0.0
    slow: float = 0.0
    slow_weight: float = 0.0
    known: int = 0
    low: int = 0  # buckets in a row below what is usual
    expected: float = 0.0  # posts that should have come in them
    came: int = 0  # posts that did
    missing: float = 0.0  # of a stall: what may come later

    @property
    def usual(self) -> float:
        """Posts a bucket, 0 while too little is known."""
        if self.known < KNOWN:
            return 0.0
        return min(self.fast / self.fast_weight, self.slow / self.slow_weight)


class Pipes(Struct, frozen=True, kw_only=True):
    """All that is remembered of the sources and of what brands are counted by; JSON by msgspec."""

    until: Moment | None = None  # all buckets before it are in
    zero: Moment | None = None  # where weights of posts are 1; they double each day
    flows: dict[str, Flow] = {}
    shares: dict[str, dict[str, float]] = {}  # weighted posts by brand and source
    models: dict[str, Moment] = {}  # when each was first seen
    marked: dict[str, list[str]] = {}  # new models that a brand was told of
    words: dict[str, list[str]] = {}  # that each brand is found by


Qualities = dict[str, dict[datetime, Quality]]
Told = Mapping[datetime, Mapping[str, Mark]]
NOTHING_TOLD: Final[Told] = {}


def advance_pipes(
    pipes: Pipes,
    counts: Iterable[FlowCount],
    *,
    since: datetime,
    until: datetime,
    words: Mapping[str, list[str]],
    told: Told = NOTHING_TOLD,
) -> tuple[Pipes, Qualities]:
    """Take the buckets in [since, until); tell which of them are not ok, by brand.

    Buckets that were left out since the last ones were empty. A bucket is judged by what came up
    to it. `words` are those that each brand is found by now. `told` is what feeds know of
    themselves, by bucket and source: it goes before what counts look like, and such counts say
    nothing of what is usual.
    """
    pipes = _skip(pipes, since)
    found: Qualities = defaultdict(dict)
    for brand, now in words.items():
        if pipes.words.get(brand, now) != now:
            found[brand][since] = "changed"
    flows = dict(pipes.flows)
    shares = {brand: dict(some) for brand, some in pipes.shares.items()}
    models, marked = dict(pipes.models), {b: list(m) for b, m in pipes.marked.items()}
    by_bucket: dict[datetime, list[FlowCount]] = defaultdict(list)
    for one in counts:
        by_bucket[one.bucket].append(one)
    shares, zero = _rescaled(shares, pipes.zero or since, since)
    for at in starts(since, until):
        some = by_bucket.get(at, [])
        weight = 2.0 ** ((at - zero) / DAY)
        marks = _follow(flows, some, told.get(at, {}))
        for one in some:
            of_brand = shares.setdefault(one.brand, {})
            of_brand[one.source] = of_brand.get(one.source, 0.0) + weight * one.posts
            models.setdefault(one.model, at)
        for brand in _told_new_model(some, models, marked, at):
            found[brand][at] = "changed"
        if marks:
            for brand, of_brand in shares.items():
                if quality := _quality(of_brand, marks):
                    found[brand].setdefault(at, quality)  # "changed" is told but once
        for source in [s for s, mark in marks.items() if mark == "gone"]:
            del flows[source]
        if at - floor_bucket(at, DAY) < BUCKET:
            shares = {brand: _without_small(of_brand) for brand, of_brand in shares.items()}
            shares, zero = _rescaled(shares, zero, at)
    after = replace(
        pipes,
        until=until,
        flows=flows,
        shares=shares,
        models=models,
        marked=marked,
        words={**pipes.words, **words},
        zero=zero,
    )
    return after, {brand: some for brand, some in found.items() if some}


def follow(flow: Flow, count: int) -> tuple[Flow, Mark]:
    """One bucket of one source."""
    usual = flow.usual
    if usual and count < LOW * usual:
        low, expected = flow.low + 1, flow.expected + usual
        fallen = replace(flow, low=low, expected=expected, came=flow.came + count)
        if expected < ENOUGH:
            return fallen, "flows"
        mark: Mark = "gone" if low >= GONE else "stalls"
        return replace(fallen, missing=expected), mark
    if flow.missing > 0 and count > HIGH * usual:
        missing = flow.missing - count + usual
        return replace(flow, low=0, expected=0.0, came=0, missing=missing), "catches up"
    if flow.low and flow.expected < ENOUGH:  # no stall: else a slow source has only full buckets
        flow = _learnt(flow)
    return (
        Flow(
            fast=flow.fast * FAST + count,
            fast_weight=flow.fast_weight * FAST + 1,
            slow=flow.slow * SLOW + count,
            slow_weight=flow.slow_weight * SLOW + 1,
            known=min(flow.known + 1, KNOWN),
        ),
        "flows",
    )


def _learnt(flow: Flow) -> Flow:
    """With the low buckets that were no stall, as if each had its share of what came in them."""
    fast, slow = FAST**flow.low, SLOW**flow.low
    mean = flow.came / flow.low
    fast_new, slow_new = (1 - fast) / (1 - FAST), (1 - slow) / (1 - SLOW)
    return replace(
        flow,
        fast=flow.fast * fast + mean * fast_new,
        fast_weight=flow.fast_weight * fast + fast_new,
        slow=flow.slow * slow + mean * slow_new,
        slow_weight=flow.slow_weight * slow + slow_new,
    )


def _skip(pipes: Pipes, since: datetime) -> Pipes:
    """Let the empty buckets pass that were left out."""
    if pipes.until is None or pipes.until >= since:
        return pipes
    flows = dict(pipes.flows)
    left = min((since - pipes.until) // BUCKET, 40 * GONE)  # then all are gone
    for _ in range(left):
        for source, mark in _follow(flows, (), {}).items():
            if mark == "gone":
                del flows[source]
    return replace(pipes, flows=flows)


def _follow(
    flows: dict[str, Flow], counts: Iterable[FlowCount], told: Mapping[str, Mark]
) -> dict[str, Mark]:
    """Move all sources on by a bucket; the marks of those that do not simply flow."""
    posts: dict[str, int] = dict.fromkeys(flows, 0)
    for one in counts:
        posts[one.source] = posts.get(one.source, 0) + one.posts
    marks: dict[str, Mark] = dict(told)
    for source, count in posts.items():
        if source in told:
            continue
        flows[source], mark = follow(flows.get(source, Flow()), count)
        if mark != "flows":
            marks[source] = mark
    return marks


def _quality(shares: Mapping[str, float], marks: Mapping[str, Mark]) -> Quality | None:
    total = sum(shares.values()) or 1.0
    parts: dict[Mark, float] = defaultdict(float)
    for source, mark in marks.items():
        parts[mark] += shares.get(source, 0.0) / total
    if parts["stalls"] >= PART:
        return "gap" if parts["stalls"] >= WHOLE else "partial"
    if parts["catches up"] >= PART:
        return "catch_up"
    # Without any other source nothing is counted otherwise: it is only over for a while.
    others = 1 - parts["stalls"] - parts["gone"]
    return "changed" if parts["gone"] >= PART and others >= PART else None


def _told_new_model(
    counts: Iterable[FlowCount],
    models: Mapping[str, datetime],
    marked: dict[str, list[str]],
    at: datetime,
) -> list[str]:
    """Brands that a model newer than others counts for the first time in this bucket."""
    first = min(models.values(), default=at)
    new = {model for model, seen in models.items() if seen - first >= NEW and at - seen <= NEW}
    if not new:
        marked.clear()
        return []
    posts: dict[str, int] = defaultdict(int)
    by_model: dict[tuple[str, str], int] = defaultdict(int)
    for one in counts:
        posts[one.brand] += one.posts
        if one.model in new:
            by_model[one.brand, one.model] += one.posts
    told = []
    for (brand, model), count in sorted(by_model.items()):
        if count >= MOST * posts[brand] and model not in marked.get(brand, []):
            marked.setdefault(brand, []).append(model)
            told.append(brand)
    return told


def _without_small(shares: Mapping[str, float]) -> dict[str, float]:
    least = LEAST * sum(shares.values())
    return {source: share for source, share in shares.items() if share >= least}


def _rescaled(
    shares: dict[str, dict[str, float]], zero: datetime, at: datetime
) -> tuple[dict[str, dict[str, float]], datetime]:
    """The same with weights that begin at 1 again, before they grow too large for a float."""
    days = (at - zero) // DAY
    if days < RESCALED:
        return shares, zero
    scale = 2.0 ** -min(days, 1_000)  # exact: only the exponent changes
    kept = {
        brand: {source: share * scale for source, share in some.items()}
        for brand, some in shares.items()
    }
    return kept, zero + days * DAY
