"""How the line itself is: stages, delays, feeds, what could not be read, models, receivers."""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from infra.dead_letters import Letter, Wanted, dead_counts, dead_letters
from infra.deliver.delivery_log import ReceiverState
from infra.feeds.report import FeedStatus
from infra.forecasts import Accuracy, accuracy
from infra.metrics import Reading
from infra.model_events import ModelEvent, read_model_events
from infra.page.outside import Failing, Outside, failing
from infra.page.place import ClockState, Place, clock_of, words
from infra.page.queries import QueryUse, read_queries
from infra.page.traffic import Pace, Traffic
from infra.page.who import Who
from infra.series import memories
from infra.sql import load
from infra.stage_events import StageEvent, stage_events
from infra.stats import FeedFigures, ScoringFigures
from infra.store import Param, Store
from infra.times import to_ms

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
JUDGED_OVER: Final = timedelta(days=28)
"""Forecasts of so long say how good they are."""
MOST: Final = 50


class Delay(Struct, frozen=True, kw_only=True):
    """Seconds from one stage to the next, of the posts of the last hour."""

    stage: str
    median: float
    p95: float
    p99: float


class ModelUse(Struct, frozen=True, kw_only=True):
    """How many posts of the last day a model scored."""

    model: str
    language: str
    posts: int


class DeadLetter(Struct, frozen=True, kw_only=True):
    """What could not be read, without its bytes."""

    feed: str
    position: int
    reason: str
    detail: str
    arrived_at: datetime


class Health(Struct, frozen=True, kw_only=True):
    """All of it. Of lines that are not in this process there are no readings."""

    at: datetime
    wall: datetime
    clock: ClockState
    judged_until: datetime | None
    lag_seconds: float | None  # of what was judged, behind now
    pace: Pace
    objective_seconds: float
    posts_last_hour: int
    latency: tuple[Delay, ...]
    readings: tuple[Reading, ...]
    feeds: tuple[FeedFigures, ...]
    platforms: tuple[FeedStatus, ...]  # feeds that read platforms themselves
    dead_letters: dict[str, int]
    newest_dead_letters: tuple[DeadLetter, ...]
    waiting: int
    stage_events: tuple[StageEvent, ...]
    models: tuple[ModelUse, ...]
    model_events: tuple[ModelEvent, ...]
    queries: tuple[QueryUse, ...]
    scorings: tuple[ScoringFigures, ...]
    forecast_accuracy: tuple[Accuracy, ...]
    receivers: dict[str, ReceiverState]
    failing: tuple[Failing, ...]  # receivers, for an hour or more
    settings_problem: str  # why the file of settings is refused; empty: it is not
    simulated: bool


def read_health(place: Place, traffic: Traffic, outside: Outside) -> Health:
    """Read it all. Raises StoreError."""
    store, clock = place.store, clock_of(place)
    kept = memories(store)
    judged = kept[""].bucket if "" in kept else None
    posts, delays = _latency(store, clock.at, is_played=abs(place.now() - clock.at) > HOUR)
    span: dict[str, Param] = {"since": to_ms(clock.at - DAY), "until": to_ms(clock.at)}
    receivers = outside.receivers()
    names = ScoringFigures.__struct_fields__
    return Health(
        at=clock.at,
        wall=place.now(),
        clock=clock.state,
        judged_until=judged,
        lag_seconds=(clock.at - judged).total_seconds() if judged else None,
        pace=traffic.pace(),
        objective_seconds=place.settings.objective_seconds,
        posts_last_hour=posts,
        latency=delays,
        readings=tuple(place.readings()),
        feeds=clock.feeds,
        platforms=outside.feeds(),
        dead_letters=dead_counts(store, Wanted()),
        newest_dead_letters=tuple(
            _without_bytes(one) for one in dead_letters(store, Wanted(), most=MOST)
        ),
        waiting=int(store.query(load("stats_waiting"))[0][0]),
        stage_events=tuple(stage_events(store, most=MOST)),
        models=tuple(
            ModelUse(model=model, language=language, posts=count)
            for model, language, count in store.query(load("models_of_span"), span)
        ),
        model_events=tuple(read_model_events(store, limit=MOST)),
        queries=read_queries(store, since=clock.at - DAY, until=clock.at),
        scorings=tuple(
            ScoringFigures(**dict(zip(names, row, strict=True)))
            for row in store.query(load("stats_scorings"))
        ),
        forecast_accuracy=tuple(accuracy(store, since=clock.at - JUDGED_OVER)),
        receivers=dict(receivers),
        failing=failing(receivers, place.now()),
        settings_problem=place.problem(),
        simulated=place.settings.simulated,
    )


def seen_by(health: Health, who: Who) -> dict[str, Any]:
    """What of it one may see: of other brands, and of what all share, nothing is told."""
    told: dict[str, Any] = {name: getattr(health, name) for name in Health.__struct_fields__}
    told["forecast_accuracy"] = [one for one in health.forecast_accuracy if who.sees(one.brand)]
    told["scorings"] = [one for one in health.scorings if who.sees(one.brand)]
    told["queries"] = [one for one in health.queries if who.sees(one.brand)]
    if who.brands is not None:
        told["platforms"] = [replace(one, error="", gaps=()) for one in health.platforms]
        told |= {"newest_dead_letters": [], "receivers": {}, "failing": []}
        told["settings_problem"] = ""
    return told


def _latency(store: Store, at: datetime, *, is_played: bool) -> tuple[int, tuple[Delay, ...]]:
    """Of played posts nobody knows how long the way to the feed was."""
    asked: dict[str, Param] = {"since": to_ms(at - HOUR), "until": to_ms(at)}
    posts, *found = store.query(load("stage_latency"), asked)[0]
    if not posts:
        return 0, ()
    stages = ("feed", "score", "store", "all")
    return posts, tuple(
        Delay(stage=stage, median=some[0], p95=some[1], p99=some[2])
        for stage, some in zip(stages, found, strict=True)
        if stage != "feed" or not is_played
    )


def _without_bytes(one: Letter) -> DeadLetter:
    return DeadLetter(
        feed=words(one.feed),
        position=one.position,
        reason=one.reason,
        detail=words(one.detail),
        arrived_at=one.arrived_at,
    )
