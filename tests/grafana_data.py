"""A database as a line leaves it, from simulated posts: for dashboards to be asked about.

Posts, incidents, forecasts and their scores are made by the program's own code; labels are those
the simulator meant, with a chance of another. What no line makes by itself, because a person or a
platform does it, is written as that would be, through the same functions.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from forecasting.verdicts import CrisisVerdict
from infra.corrections import Correction, write_corrections
from infra.deliver.outbox import Delivery, decide, record
from infra.deliver.people import acknowledge
from infra.deliver.records import Acknowledgement, Hold, Notice, Said
from infra.feeds.state import FeedState, Stretch, write_state, write_stretches
from infra.hours import HourCounter
from infra.incidents import events
from infra.intake import COLUMNS as OUTBOX
from infra.metrics import Meter
from infra.model_events import model_event, write_model_events
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.series import memories
from infra.settings import Settings
from infra.share_labels import ShareLabel, write_share_labels
from infra.stage_events import StageEvent
from infra.stage_events import record as record_stage
from infra.store import Store
from infra.verdicts import write_verdict
from processors.duplicates import DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.records import CleanPost, DeadLetter, Drop, Label, RawPost, ScoredPost, Sentiment
from processors.refine import Refiner
from processors.simulate import simulate_meant
from processors.simulate_plan import DayPlan, Meant
from streams.foresee import Foreseer
from streams.stage import Place
from streams.watch import WatchStage

FEED: Final = "simulated"
HOUR: Final = timedelta(hours=1)
SECONDS: Final = timedelta(seconds=20)
LABELS: Final[tuple[Label, ...]] = ("negative", "neutral", "positive")
SOURCES: Final = ("bluesky", "mastodon", "reddit", "hackernews")
WRONG: Final = 0.12
"""How often the label is another than the one meant."""


class Made(Struct, frozen=True, kw_only=True):
    """What was written: until when, and of which brands."""

    since: datetime
    until: datetime
    brands: tuple[str, ...]


def fill(
    store: Store,
    plan: DayPlan,
    *,
    seed: int,
    foreseen: timedelta,
    closely: timedelta = timedelta(0),
) -> Made:
    """Write all of it: posts of the plan, and what the line and people made of them.

    Forecasts are made in the last hours of it, `foreseen`; in the last of these, `closely`, posts
    are written as they come and not by the hour.
    """
    brands = tuple(brand.name for brand in plan.brands)
    clock = [plan.start]
    place = Played(Settings(), store, Meter("watch", CollectorRegistry()), clock=clock)
    watch = WatchStage(place, lambda _events: None)
    foreseer = Foreseer(store, {}, pause=0.0)
    for until, batch in hourly(scored(plan, seed), plan.start):
        length = SECONDS if until > plan.end - closely else HOUR
        for some in parted(batch, until - HOUR, length):
            write_batch(store, some, some[-1].scored_at + timedelta(milliseconds=180))
        clock[0] = at = min(until, plan.end)
        report(store, Progress(feed=FEED, clock=at, sent=1, durable=1, state="running"), at)
        while watch.judge_pass():
            pass
        if until > plan.end - foreseen:
            kept = memories(store)
            for _ in range(20 * len(brands)):
                foreseer.refresh(kept)
    counter = HourCounter(store)
    while counter.step():
        pass
    people(store, plan, seed=seed)
    operations(store, plan)
    deliveries(store, plan)
    return Made(since=plan.start, until=plan.end, brands=brands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Place):
    """A stage's surroundings with the clock of what is played."""

    clock: list[datetime]

    def now(self) -> datetime:
        """What the clock says."""
        return self.clock[0]


def scored(plan: DayPlan, seed: int) -> Iterator[ScoredPost]:
    """Posts as the store stage gets them, in the order they came."""
    watched = [WatchedBrand(brand.name, brand.aliases) for brand in plan.brands]
    refiner = Refiner(LanguageDetector(), BrandMatcher(watched), DuplicateClusters())
    chance = random.Random(seed)
    for arrival, meant in simulate_meant(plan, seed=seed, feed=FEED):
        assert isinstance(arrival.item, RawPost)
        source = SOURCES[min(int(chance.expovariate(0.9)), len(SOURCES) - 1)]
        raw = replace(arrival.item, source=source, received_at=arrival.at)
        post = refiner.refine(raw, arrival.at)
        if isinstance(post, CleanPost):
            waited = timedelta(seconds=0.15 + chance.expovariate(6))
            yield ScoredPost(
                post=post, sentiment=sentiment(meant, post, chance), scored_at=arrival.at + waited
            )
        else:
            assert isinstance(post, Drop)


def sentiment(meant: Meant, post: CleanPost, chance: random.Random) -> Sentiment:
    """The label meant, or now and then another, with probabilities that fit."""
    label = meant.label if chance.random() > WRONG else chance.choice(LABELS)
    sure = 0.45 + 0.53 * chance.random() ** 0.6
    rest = (1 - sure) * chance.random()
    chances = {one: sure if one == label else 0.0 for one in LABELS}
    others = [one for one in LABELS if one != label]
    chances |= {others[0]: rest, others[1]: 1 - sure - rest}
    name = "english-3" if post.lang == "en" else "languages-2"
    return Sentiment(
        label, *(chances[one] for one in LABELS), name, sure < 0.55, 0.08 * chance.random()
    )


def hourly(
    posts: Iterator[ScoredPost], start: datetime
) -> Iterator[tuple[datetime, list[ScoredPost]]]:
    """Posts by the hour in which they came; hours without any are left out."""
    end, batch = start + HOUR, list[ScoredPost]()
    for post in posts:
        while post.post.received_at >= end:
            if batch:
                yield end, batch
            end, batch = end + HOUR, []
        batch.append(post)
    if batch:
        yield end, batch


def parted(batch: list[ScoredPost], start: datetime, length: timedelta) -> list[list[ScoredPost]]:
    """The batch by steps of so long."""
    parts: dict[int, list[ScoredPost]] = {}
    for post in batch:
        parts.setdefault((post.post.received_at - start) // length, []).append(post)
    return list(parts.values())


def people(store: Store, plan: DayPlan, *, seed: int) -> None:
    """Labels that people gave, and what they said of incidents."""
    chance = random.Random(seed)
    rows = store.query(
        "SELECT brand, post_id, published_at, sentiment FROM counted_posts "
        "ORDER BY cityHash64(post_id) LIMIT 400"
    )
    write_corrections(
        store,
        [
            Correction(post_id=post_id, label=chance.choice(LABELS), at=plan.end, by="ana")
            for _, post_id, _, _ in rows[:60]
        ],
    )
    write_share_labels(
        store,
        [
            ShareLabel(
                brand=brand,
                post_id=post_id,
                published_at=at,
                label=label if chance.random() < 0.85 else chance.choice(LABELS),
                stratum=number % 4,
                probability=(0.5, 0.2, 0.1, 0.05)[number % 4],
                at=plan.end,
                by="ben",
            )
            for number, (brand, post_id, at, label) in enumerate(rows[60:])
        ],
    )
    opened = [event.change for event in events(store) if event.change.change == "opened"]
    for number, change in enumerate(opened):
        seen = change.at + timedelta(minutes=4 + 3 * number)
        acknowledge(store, Acknowledgement(incident_id=change.incident_id, at=seen, by="ana"))
        if number % 3 < 2:
            write_verdict(
                store,
                CrisisVerdict(
                    brand=change.brand,
                    incident_id=change.incident_id,
                    since=change.since,
                    until=change.at + HOUR,
                    word="crisis" if number % 3 == 0 else "not-a-crisis",
                    at=seen + HOUR,
                    by="ana",
                ),
            )


def operations(store: Store, plan: DayPlan) -> None:
    """Feeds, dead letters, stages that healed themselves, models, what waits."""
    end = plan.end
    said: Sequence[tuple[str, str, str, int, str]] = (
        ("bluesky", "bluesky", "live", 2, ""),
        ("mastodon.social", "mastodon", "live", 4, ""),
        ("reddit r/bikes", "reddit", "catching_up", 1_900, ""),
        ("hackernews", "hackernews", "live", 65, ""),
        ("news", "rss", "retrying", 5_400, "503 from https://news.example/feed"),
    )
    for number, (feed, source, state, behind, error) in enumerate(said):
        write_state(
            store,
            FeedState(
                feed=feed,
                source=source,
                version=1,
                at=end - timedelta(seconds=behind),
                live_until=end - timedelta(seconds=behind),
                tolerance=60.0,
                state=state,  # type: ignore[arg-type]
                last_post=end - timedelta(seconds=behind),
                posts=40_000 // (number + 1),
                unreadable=3 * (number == 2),
                errors=12 * (number == 4),
                rate=12.5 / (number + 1),
                error=error,
                error_at=end - timedelta(minutes=3),
                updated_at=end,
            ),
        )
    gap = Stretch(
        feed="news",
        source="rss",
        kind="gap",
        since=end - timedelta(minutes=90),
        until=end - timedelta(minutes=30),
        reason="the server answered 503",
    )
    caught = Stretch(
        feed="reddit r/bikes",
        source="reddit",
        kind="catch_up",
        since=end - timedelta(hours=4),
        until=end - timedelta(hours=3),
        reason="the rate limit was reached",
    )
    write_stretches(store, [gap, caught], end)
    write_batch(
        store,
        [
            DeadLetter(
                feed="push",
                position=number,
                reason=("not_json", "missing_field", "text_too_long")[number % 3],
                detail="at byte 0",
                payload=b"{",
                arrived_at=end - timedelta(minutes=11 * number),
            )
            for number in range(24)
        ],
        end,
    )
    kinds = (("score", "memory"), ("refine", "poisoned"), ("deliver", "crashed"))
    for number, (stage, kind) in enumerate(kinds):
        at = end - timedelta(hours=1 + number)
        record_stage(store, StageEvent(at=at, stage=stage, kind=kind, detail="1,210 MB of 1,200"))
    detail = {"signal": "confidence", "before": 0.81, "after": 0.74}
    write_model_events(
        store,
        [
            model_event("drift", "english-3", end - timedelta(hours=5), detail),
            model_event("activated", "english-3", plan.start, {"macro recall": 0.72}),
            model_event("refused", "english-4", end - timedelta(hours=2), {"why": "worse by 0.8"}),
        ],
    )
    store.insert("outbox", OUTBOX, [("push", 1_000 + n, b"{}", end, "posts.raw") for n in range(7)])
    columns = ("brand", "number", "model", "at")
    store.insert("scorings", columns, [(plan.brands[0].name, 2, "english-3", plan.start)])
    bad = [(plan.brands[0].name, end - timedelta(minutes=5 * n), "gap", end) for n in range(12, 20)]
    store.insert("bucket_quality", ("brand", "bucket", "quality", "at"), bad)


def deliveries(store: Store, plan: DayPlan) -> None:
    """Each change told to two receivers; one fails at first, one is held up."""
    fired = dict(store.query("SELECT event_id, fired_at FROM incident_events FINAL"))
    for number, event in enumerate(events(store)):
        change = event.change
        told = fired[change.event_id] + timedelta(seconds=1.4 + 0.3 * (number % 5))
        for receiver in ("pr-desk", "on-call"):
            notice = Notice(
                notice_id=f"{change.event_id}.{receiver}",
                receiver=receiver,
                group=change.incident_id,
                said=(Said(kind=change.change, event_id=change.event_id),),
                decided_at=change.at,
                due_at=change.at,
            )
            decide(store, [notice])
            failed = receiver == "on-call" and number % 4 == 0
            tries = ("retry", "delivered") if failed else ("delivered",)
            record(
                store,
                [
                    Delivery(
                        event_id=notice.notice_id,
                        receiver=receiver,
                        attempt=attempt + 1,
                        at=told + timedelta(seconds=30 * attempt),
                        outcome=outcome,  # type: ignore[arg-type]
                        status=503 if outcome == "retry" else 200,
                        detail="answered 503" if outcome == "retry" else "",
                        next_at=told + timedelta(seconds=30),
                        latency_ms=140 + 10 * number,
                    )
                    for attempt, outcome in enumerate(tries)
                ],
            )
        decide(
            store,
            [
                Hold(
                    receiver="night",
                    incident_id=change.incident_id,
                    event_id=change.event_id,
                    reason="quiet_hours",
                    detail="22:00 to 07:00",
                    decided_at=change.at,
                    until=None,
                )
            ],
        )
