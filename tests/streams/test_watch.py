"""The watch stage over a real database: what it judges, when, and again after a crash."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from forecasting.records import IncidentEvent
from infra.incidents import events, incidents, write_events
from infra.metrics import Meter
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.series import memories
from infra.settings import Settings
from infra.sql import load
from infra.store import Param, Row, Store
from infra.store_owned import OwnedStore
from processors.records import Label, ScoredPost, Sentiment
from streams.stage import Place
from streams.watch import WatchStage
from tests.posts import clean_post

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXTS = (
    "the battery of my bike burned in the night, order {}",
    "nobody answers the phone at their shop since yesterday, ticket {}",
    "recall these cells now before somebody gets hurt, case {}",
    "smoke all over our hallway and not one word of regret, house {}",
)


def post(number: int, at: datetime, label: Label, brand: str = "Acme") -> ScoredPost:
    chances = {name: 0.9 if name == label else 0.05 for name in ("negative", "neutral", "positive")}
    return ScoredPost(
        post=clean_post(
            post_id=f"test:{number}",
            feed="test",
            position=number,
            source="test",
            author=f"author{number}",
            followers=number % 50,
            url=f"https://example.com/{number}",
            text=TEXTS[number % 4].format(number),
            key_text=TEXTS[number % 4].format(number),
            brands=(brand,),
            published_at=at,
            received_at=at,
            cluster_id=number,
        ),
        sentiment=Sentiment(
            label, chances["negative"], chances["neutral"], chances["positive"], "test-1"
        ),
        scored_at=at,
    )


def day_with_a_surge() -> Iterator[ScoredPost]:
    """20 posts an hour, one in five negative; from 20 to 22 h 80 an hour, four in five negative."""
    number = 0
    for minute in range(0, 24 * 60, 3):
        surge = 20 * 60 <= minute < 22 * 60
        for _ in range(4 if surge else 1):
            negative = number % 5 != 0 if surge else number % 5 == 0
            at = NOON + timedelta(minutes=minute)
            yield post(number, at, "negative" if negative else "neutral")
            number += 1


def stage(store: Store, told: list[str] | None = None) -> WatchStage:
    def announce(events: Sequence[IncidentEvent]) -> None:
        if told is not None:
            told.extend(event.change.event_id for event in events)

    return WatchStage(Place(Settings(), store, Meter("watch", CollectorRegistry())), announce)


def clock(store: Store, at: datetime, *, finished: bool = False) -> None:
    state = Progress(
        feed="test", clock=at, sent=1, durable=1, state="finished" if finished else "running"
    )
    report(store, state, at)


def judge_all(stage: WatchStage) -> int:
    passes = 0
    while stage.judge_pass():
        passes += 1
    return passes


@pytest.mark.parametrize("owner", [False, True])
def test_a_bucket_is_judged_once_the_clock_has_passed_it(store: Store, owner: bool) -> None:
    store = OwnedStore(store) if owner else store
    write_batch(store, [post(1, NOON, "neutral")], NOON)
    watcher = stage(store)
    assert not watcher.judge_pass()  # no feed has said how far it is
    clock(store, NOON + timedelta(minutes=4))
    assert not watcher.judge_pass()
    clock(store, NOON + timedelta(minutes=5))
    assert watcher.judge_pass()
    assert memories(store)["Acme"].bucket == NOON + timedelta(minutes=5)


def test_posts_are_looked_over_once_until_the_clock_moves_on(store: Store) -> None:
    write_batch(store, [post(1, NOON + HOUR, "neutral")], NOON)
    clock(store, NOON + HOUR)
    looking = Looking(store)
    watcher = stage(looking)
    assert [watcher.judge_pass(), watcher.judge_pass(), looking.looks] == [False, False, 1]
    clock(store, NOON + HOUR + timedelta(minutes=5))
    assert [watcher.judge_pass(), looking.looks] == [True, 2]


def test_a_post_that_comes_while_the_clock_stands_is_judged(store: Store) -> None:
    clock(store, NOON + HOUR, finished=True)
    watcher = stage(store)
    assert not watcher.judge_pass()
    write_batch(store, [post(1, NOON, "neutral")], NOON)
    assert watcher.judge_pass()


def test_the_last_bucket_of_a_finished_feed_is_judged_too(store: Store) -> None:
    write_batch(store, [post(1, NOON, "neutral")], NOON)
    clock(store, NOON + timedelta(minutes=1), finished=True)
    assert judge_all(stage(store)) == 1


def test_a_surge_opens_one_incident_with_its_evidence_and_resolves(store: Store) -> None:
    write_batch(store, list(day_with_a_surge()), NOON)
    clock(store, NOON + 24 * HOUR, finished=True)
    judge_all(stage(store))
    (incident,) = incidents(store)
    assert NOON + 20 * HOUR < incident.opened_at < NOON + 21 * HOUR
    assert incident.resolved_at is not None
    opening = events(store)[0]
    assert opening.change.number == 1
    assert opening.evidence.authors > 10
    assert 3 <= len(opening.evidence.examples) <= 5
    assert opening.evidence.stamps is not None
    assert "Acme" in opening.headline


def test_killed_anywhere_it_comes_to_the_same_incidents(store: Store) -> None:
    write_batch(store, list(day_with_a_surge()), NOON)
    for hour in range(1, 25):
        clock(store, NOON + hour * HOUR, finished=hour == 24)
        # A process that dies after it has told of a change and before it remembers having judged.
        with pytest.raises(Died):
            stage(DiesBeforeRemembering(store)).judge_pass()
        judge_all(stage(store))
    told = [(event.change.event_id, event.change.change) for event in events(store)]
    assert len({event_id for event_id, _ in told}) == len(told)
    assert [change for _, change in told].count("opened") == 1
    assert [change for _, change in told].count("resolved") == 1


def test_what_is_announced_is_on_disk(store: Store) -> None:
    write_batch(store, list(day_with_a_surge()), NOON)
    clock(store, NOON + 24 * HOUR, finished=True)
    told: list[str] = []
    judge_all(stage(store, told))
    assert told == [event.change.event_id for event in events(store)]


def test_an_incident_that_no_detector_knows_is_closed_once(
    store: Store, show: SimpleNamespace
) -> None:
    write_batch(store, list(day_with_a_surge()), NOON)
    clock(store, NOON + 12 * HOUR)
    judge_all(stage(store))
    # Told by a watcher that was killed, and not found again by the one after it.
    at = NOON + 11 * HOUR
    event = show.incident_event()
    lost = msgspec.structs.replace(
        event.change,
        incident_id="inc_lost",
        brand="Acme",
        opened_at=at,
        since=at,
        at=at,
        severity=4,
    )
    write_events(store, [msgspec.structs.replace(event, change=lost)], NOON)
    told: list[str] = []
    clock(store, NOON + 13 * HOUR)
    judge_all(stage(store, told))
    clock(store, NOON + 14 * HOUR)
    judge_all(stage(store, told))
    assert told == ["inc_lost.2"]
    (end,) = [e.change for e in events(store) if e.change.event_id == "inc_lost.2"]
    assert (end.change, end.reason, end.severity) == ("resolved", "withdrawn", 4)
    assert end.at == NOON + 13 * HOUR


@pytest.mark.faults
def test_how_the_time_is_cut_changes_nothing(store: Store) -> None:
    # A surge that is still open when all posts stop for a week, and a quiet day after that.
    posts = [each for each in day_with_a_surge() if each.post.published_at < NOON + 21 * HOUR]
    later = [
        post(10_000 + n, NOON + timedelta(days=8, minutes=3 * n), "neutral") for n in range(200)
    ]
    write_batch(store, [*posts, *later], NOON)
    found = [judged_in_steps(store, step) for step in (3 * HOUR, 7 * HOUR, timedelta(days=9))]
    assert found[0] == found[1] == found[2]
    changes = found[0][0]
    assert [change for change, _, _ in (changes[0], changes[-1])] == ["opened", "resolved"]
    assert changes[-1][1] <= NOON + 21 * HOUR + timedelta(days=1)


@pytest.mark.faults
def test_an_incident_that_opens_after_the_last_post_ends_before_a_silence_is_left_out(
    store: Store,
) -> None:
    # Of the last six hours those that were not negative leave: a shift, in a bucket without posts.
    begin = 3 * 288 - 40
    found: list[tuple[int, Label]] = []
    for number in range(begin):
        found += [(number, "negative" if number % 5 == 0 else "neutral"), (number, "neutral")]
    for number in range(6):
        found += [(begin + number, "neutral")] * 4
    for number in range(34):
        if (number * 17) // 60 != (number * 17 - 17) // 60:
            found.append((begin + 6 + number, "negative" if number % 5 else "neutral"))
    found += [(8 * 288 + 5 * number, "neutral") for number in range(50)]
    minutes = timedelta(minutes=5)
    posts = [post(n, NOON + at * minutes, label) for n, (at, label) in enumerate(found)]
    write_batch(store, posts, NOON)
    whole = judged_in_steps(store, 4 * HOUR)
    assert ("opened", NOON + timedelta(days=3, minutes=5), "new") in whole[0]
    assert judged_in_steps(store, timedelta(days=9)) == whole


def judged_in_steps(store: Store, step: timedelta) -> tuple[list[tuple[str, datetime, str]], str]:
    """The changes told and the state kept if the clock moves by `step`."""
    for table in ("watch_state", "incident_events", "feed_progress"):
        store.command(f"TRUNCATE TABLE {table} SYNC")
    at, end = NOON, NOON + timedelta(days=9)
    while at < end:
        at = min(at + step, end)
        clock(store, at, finished=at == end)
        judge_all(stage(store))
    changes = [(e.change.change, e.change.at, e.change.reason) for e in events(store)]
    return changes, memories(store)["Acme"].state


def test_a_post_of_long_ago_costs_no_time(store: Store) -> None:
    long_ago = NOON - timedelta(days=3650)
    write_batch(store, [post(1, long_ago, "neutral"), post(2, NOON, "neutral")], NOON)
    clock(store, NOON + HOUR, finished=True)
    assert judge_all(stage(store)) < 5
    assert memories(store)["Acme"].bucket > NOON


class Looking:
    """A store that counts how often its posts are looked over for the first one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.insert = store.insert
        self.command = store.command
        self.close = store.close
        self.looks = 0

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self.looks += sql == load("earliest_post")
        return self._store.query(sql, params)


class Died(Exception):
    """Stands for a SIGKILL."""


class DiesBeforeRemembering:
    """A store that is as good as dead once a watcher wants to remember what it has judged."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.query = store.query
        self.command = store.command
        self.close = store.close

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if table == "watch_state":
            raise Died
        self._store.insert(table, columns, rows)
