"""What is done now and then beside the store stage."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from forecasting.records import Example, IncidentEvent
from infra.author_key import author_key
from infra.brands import Brand
from infra.erasures import erase
from infra.incidents import events, write_events
from infra.metrics import Meter
from infra.posts import write_batch
from infra.settings import Settings
from infra.store import Param, Row, Store, StoreUnavailable
from processors.pseudonym import pseudonym
from processors.records import CleanPost, DeadLetter, Erasure, ScoredPost, Sentiment
from streams.stage import Place
from streams.upkeep import SWEEP, Upkeep, UpkeptStage
from tests.incidents import change_of, evidence_of

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Post = Callable[..., ScoredPost]


@pytest.fixture
def post(clean_post: Callable[..., CleanPost]) -> Post:
    def make(number: int) -> ScoredPost:
        clean = clean_post(
            post_id=f"x:{number}", position=number, text=f"Words {number}", published_at=AT
        )
        sentiment = Sentiment("negative", 0.8, 0.1, 0.1, "m-1")
        return ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)

    return make


def shows(number: int, incident: str = "inc_1") -> IncidentEvent:
    change = change_of(incident_id=incident, opened_at=AT, since=AT, at=AT)
    example = Example(
        post_id=f"x:{number}",
        author="ann",
        followers=5,
        url="",
        text=f"Words {number}",
        published_at=AT,
        p_negative=0.9,
    )
    return IncidentEvent(change=change, evidence=evidence_of(example), message=f"Words {number}")


def gone(number: int) -> Erasure:
    return Erasure(feed="f", position=number, scope="post", id=f"x:{number}", at=NOW)


def place_of(store: Store, *brands: Brand) -> Place:
    return Place(Settings(brands=brands), store, Meter("store", CollectorRegistry()))


def words(store: Store) -> int:
    return int(store.query("SELECT countIf(text != '') FROM posts")[0][0])


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Watched:
    """The store; remembers what was asked, and refuses where it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[str] = []
        self.refuses = ""
        self.insert = store.insert
        self.close = store.close

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self._note(sql)
        return self.store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._note(sql)
        self.store.command(sql, params)

    def _note(self, sql: str) -> None:
        self.asked.append(sql)
        if self.refuses and self.refuses in sql:
            raise StoreUnavailable("away")


def test_an_erasure_from_the_stream_reaches_incidents_at_once_and_the_disk_within_the_hour(
    store: Store, post: Post
) -> None:
    clock = Clock()
    write_batch(store, [post(1), post(2)], NOW)
    write_events(store, [shows(1)], NOW)
    upkeep = Upkeep(place_of(store), clock=clock)
    upkeep.look()
    assert events(store)[0].message == "Words 1"
    write_batch(store, [gone(1)], NOW)
    upkeep.look()
    assert "Words" not in events(store)[0].message
    assert words(store) == 2
    clock.seconds += SWEEP - 1
    upkeep.look()
    assert words(store) == 2
    clock.seconds += 1
    upkeep.look()
    assert words(store) == 1


def test_a_look_with_nothing_new_reads_no_incident(store: Store, post: Post) -> None:
    watched = Watched(store)
    write_batch(store, [post(1)], NOW)
    write_events(store, [shows(1)], NOW)
    upkeep = Upkeep(place_of(watched), clock=Clock())
    upkeep.look()
    watched.asked.clear()
    upkeep.look()
    assert len(watched.asked) == 1


def test_an_incident_told_of_a_post_after_it_was_erased(store: Store, post: Post) -> None:
    """Watch had read the post just before."""
    upkeep = Upkeep(place_of(store), clock=Clock())
    write_batch(store, [post(1)], NOW)
    erase(store, [gone(1)], NOW, "stream")
    upkeep.look()
    write_events(store, [shows(1)], NOW)
    upkeep.look()
    assert "Words" not in events(store)[0].message


@pytest.mark.parametrize("refuses", ["incident_events", "ALTER TABLE posts", "system.mutations"])
def test_a_look_cut_short_is_made_good_by_the_next(store: Store, post: Post, refuses: str) -> None:
    watched = Watched(store)
    write_batch(store, [post(1), post(2)], NOW)
    write_events(store, [shows(1)], NOW)
    erase(store, [gone(1)], NOW, "stream")
    upkeep = Upkeep(place_of(watched), clock=Clock())
    watched.refuses = refuses
    with pytest.raises(StoreUnavailable):
        upkeep.look()
    watched.refuses = ""
    upkeep.look()
    assert words(store) == 1
    assert "Words" not in events(store)[0].message


def test_a_process_that_starts_does_what_the_last_one_left(store: Store, post: Post) -> None:
    write_batch(store, [post(1), post(2)], NOW)
    write_events(store, [shows(1)], NOW)
    erase(store, [gone(1)], NOW, "stream")
    Upkeep(place_of(store, Brand(name="Acme", retention_days=30))).look()
    assert words(store) == 1
    assert "Words" not in events(store)[0].message
    assert store.query("SELECT DISTINCT kept_days FROM posts") == [(30,)]


def test_dead_letters_of_an_erased_author_lose_their_bytes(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    author = pseudonym("x", "ann", author_key(settings))
    letter = DeadLetter(
        feed="f",
        position=1,
        reason="wrong_type",
        detail="d",
        payload=b'{"source": "x", "author": "@ann", "text": 1}',
        arrived_at=AT,
    )
    write_batch(store, [letter], NOW)
    erase(
        store,
        [Erasure(feed="f", position=2, scope="author", id=f"x:{author}", at=NOW)],
        NOW,
        "stream",
    )
    Upkeep(Place(settings, store, Meter("store", CollectorRegistry()))).look()
    assert store.query("SELECT payload FROM dead_letters FINAL") == [("",)]


def test_an_incident_that_cannot_be_read_does_not_stop_the_rest(store: Store, post: Post) -> None:
    write_batch(store, [post(1), post(2)], NOW)
    write_events(store, [shows(1)], NOW)
    columns = ("event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body")
    body = '{"evidence": {"first": {"post_id": "x:1"}}}'
    store.insert(
        "incident_events", columns, [("inc_0.1", "inc_0", "Acme", 1, "opened", AT, AT, body)]
    )
    erase(store, [gone(1)], NOW, "stream")
    Upkeep(place_of(store)).look()
    left = store.query("SELECT countIf(position(body, 'Words 1') > 0) FROM incident_events FINAL")
    assert left == [(0,)]
    assert words(store) == 1


class Inner:
    """A stage that notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def start(self) -> None:
        self.asked.append("start")

    async def stop(self) -> None:
        self.asked.append("stop")


def test_it_goes_on_beside_the_stage_when_the_database_was_away(
    store: Store, post: Post, eventually: Any
) -> None:
    watched = Watched(store)
    watched.refuses = "erasures"
    write_batch(store, [post(1)], NOW)
    write_events(store, [shows(1)], NOW)
    erase(store, [gone(1)], NOW, "stream")
    inner = Inner()

    async def scenario() -> None:
        stage = UpkeptStage(inner, place_of(watched), every=0.01)
        await stage.start()
        try:
            await asyncio.to_thread(eventually, lambda: len(watched.asked) > 2)
            watched.refuses = ""
            await asyncio.to_thread(
                eventually, lambda: "Words" not in events(store)[0].message and not words(store)
            )
        finally:
            await stage.stop()

    asyncio.run(scenario())
    assert inner.asked == ["start", "stop"]
