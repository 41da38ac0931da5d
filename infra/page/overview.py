"""One row a brand, sorted by need for attention."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from forecasting.records import Verdict
from infra.history import brand_span
from infra.hours import Shown
from infra.page.bars import Bars, counts
from infra.page.expected import Band, over_hour, told
from infra.page.incident_list import Asked, Head, heads
from infra.page.outside import Outside, failing
from infra.page.overview_records import (
    BrandRow,
    Expected,
    FeedLine,
    Overview,
    Pipeline,
    Spark,
    State,
)
from infra.page.place import Clock, Place, clock_of
from infra.page.shares import Estimates, Interval, labels_of, windows
from infra.page.traffic import Traffic
from infra.page.who import Who
from infra.series import Memory, memories
from infra.sql import load
from infra.store import Store
from infra.times import to_ms

HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
FIVE: Final = timedelta(minutes=5)
MOST_HOURS: Final = 24 * 14
MOST_LEARNING: Final = 20
"""Brands of which is looked up since when they are known."""


def read_overview(
    place: Place,
    estimates: Estimates,
    traffic: Traffic,
    outside: Outside,
    *,
    hours: int,
    language: str,
) -> Overview:
    """Read it all, of all brands. Raises StoreError."""
    store, clock = place.store, clock_of(place)
    kept = memories(store)
    judged = kept.pop("").bucket if "" in kept else None
    hour = counts(store, language, since=clock.at - HOUR, until=clock.at, step=FIVE)
    bars = Bars.of(clock.at, hours)
    curves = counts(store, language, since=bars.since, until=clock.at, step=bars.grain)
    opened: dict[str, list[Head]] = {}
    for head in heads(store, Asked(open=True)):
        opened.setdefault(head.brand, []).append(head)
    names = (
        {one.name for one in place.settings.brands} | kept.keys() | curves.keys() | opened.keys()
    )
    forecasts = told(store, since=bars.since - HOUR, until=clock.at) if not language else {}
    gaps = _gaps(store, clock.at)
    order = sorted(names, key=lambda name: _need(name, opened.get(name, []), hour.get(name, {})))
    shares, changes = _shares(place, estimates, clock.at, order, language)
    began = _beginnings(store, kept, order)
    rows = tuple(
        _row(
            name,
            memory=kept.get(name),
            hour=hour.get(name, {}),
            spark=bars.spark(curves.get(name, {}), forecasts.get(name, {}).get("negative", {})),
            expected=over_hour(forecasts.get(name, {}).get("volume", {}), clock.at),
            share=shares.get(name),
            change=changes.get(name),
            opened=opened.get(name, []),
            is_gap=name in gaps,
            began=began.get(name),
            competitors=place.competitors_of(name),
            at=clock.at,
        )
        for name in order
    )
    return Overview(
        at=clock.at,
        wall=place.now(),
        clock=clock.state,
        judged_until=judged,
        hours=hours,
        languages=_languages(store, clock.at),
        brands=rows,
        pipeline=_pipeline(clock, traffic, outside, place.now()),
        simulated=place.settings.simulated,
    )


def seen_by(who: Who, whole: Overview) -> Overview:
    """What somebody may see of it."""
    if who.brands is not None:  # receivers are told of all brands
        whole = replace(whole, pipeline=replace(whole.pipeline, failing=()))
    seen = (one for one in whole.brands if who.sees(one.name))
    rows = (replace(one, competitors=tuple(filter(who.sees, one.competitors))) for one in seen)
    return replace(whole, brands=tuple(rows))


def _need(
    name: str, opened: list[Head], hour: Mapping[datetime, Shown]
) -> tuple[bool, int, bool, int, str]:
    """Open and not acknowledged, the worst first; then by how much is said."""
    worst = max((one.severity for one in opened), default=0)
    seen = all(one.acknowledged_by for one in opened)
    return not opened, -worst, seen, -sum(volume for volume, _ in hour.values()), name


def _shares(
    place: Place, estimates: Estimates, at: datetime, order: Iterable[str], language: str
) -> tuple[dict[str, Interval], dict[str, float]]:
    """Shares of the last hour, and how many points that is above the same hour a week ago."""
    names = list(order)
    found = windows(place.store, since=at - HOUR, until=at, language=language)
    labels = labels_of(place.store, names, since=at - HOUR, until=at)
    now = estimates.of(f"now {language}", found, labels, names)
    # By whole five minutes: else it was another hour, and another estimate, each second.
    end = at - (at - at.replace(minute=0, second=0, microsecond=0)) % FIVE - WEEK
    before = estimates.of(
        f"before {language}",
        windows(place.store, since=end - HOUR, until=end, language=language),
        labels_of(place.store, now, since=end - HOUR, until=end),
        now,
    )
    return now, {name: now[name].value - before[name].value for name in before}


def _gaps(store: Store, at: datetime) -> set[str]:
    asked = {"since": to_ms(at - HOUR), "until": to_ms(at)}
    return {row[0] for row in store.query(load("unseen_hours"), asked)}


def _languages(store: Store, at: datetime) -> tuple[str, ...]:
    asked = {"since": to_ms(at - timedelta(days=1)), "until": to_ms(at)}
    return tuple(row[0] for row in store.query(load("spoken_languages"), asked))


def _row(
    name: str,
    *,
    memory: Memory | None,
    hour: Mapping[datetime, Shown],
    spark: Spark,
    expected: Band | None,
    share: Interval | None,
    change: float | None,
    opened: list[Head],
    is_gap: bool,
    began: datetime | None,
    competitors: tuple[str, ...],
    at: datetime,
) -> BrandRow:
    verdict = _verdict(memory)
    learning = verdict is None or verdict.learning
    worst = min(opened, key=lambda one: (-one.severity, one.opened_at), default=None)
    state: State = "open" if opened else "gap" if is_gap else "learning" if learning else "calm"
    return BrandRow(
        name=name,
        state=state,
        learning_hours=round((at - began) / HOUR, 1) if learning and began else 0.0,
        volume=sum(volume for volume, _ in hour.values()),
        negative=sum(negative for _, negative in hour.values()),
        volume_expected=expected,
        share=share,
        share_expected=Expected(
            value=verdict.share_expected, lower=verdict.share_lower, upper=verdict.share_upper
        )
        if verdict and not verdict.learning
        else None,
        share_change=change,
        spark=spark,
        incident=worst,
        incidents_open=len(opened),
        competitors=competitors,
    )


def _verdict(memory: Memory | None) -> Verdict | None:
    return msgspec.json.decode(memory.verdict, type=Verdict | None) if memory else None


def _beginnings(
    store: Store, kept: Mapping[str, Memory], order: Iterable[str]
) -> dict[str, datetime]:
    """When the first posts of brands were published of which too little is known to judge them."""
    found: dict[str, datetime] = {}
    for name in order:
        verdict = _verdict(kept.get(name))
        if len(found) < MOST_LEARNING and (verdict is None or verdict.learning):
            span = brand_span(store, name)
            if span is not None:
                found[name] = span[0]
    return found


def _pipeline(clock: Clock, traffic: Traffic, outside: Outside, now: datetime) -> Pipeline:
    pace = traffic.pace()
    lines = [
        FeedLine(name=one.feed, state=one.state, last_at=one.clock, updated_at=one.updated_at)
        for one in clock.feeds
    ]
    # A feed may be quiet between two looks: its own report knows for how long.
    lines += [
        FeedLine(name=one.name, state=one.state, last_at=one.last_post, updated_at=None)
        for one in outside.feeds()
        if one.configured
    ]
    return Pipeline(
        posts_per_second=pace.posts_per_second,
        stored_after_seconds=pace.stored_after_seconds,
        feeds=tuple(lines),
        failing=failing(outside.receivers(), now),
    )
