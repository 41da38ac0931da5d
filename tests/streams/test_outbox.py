"""The sender of the outbox, round by round: with the database, without a broker."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from infra.dead_letters import Wanted, dead_letters
from infra.intake import accept, put_back, waiting
from infra.kafka import KafkaUnavailable
from infra.metrics import Meter
from infra.posts import write_batch
from infra.settings import Settings
from infra.store import Store
from processors.records import DeadLetter, RawPost
from streams import outbox, topics
from streams.given import Messages
from streams.outbox import OutboxFeed, OutboxStage
from streams.sources import feed_stage
from streams.stage import Place

Eventually = Callable[..., Any]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = "push:1"


class Topics:
    """What was sent; can refuse."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []
        self.is_away = False

    def send(self, topic: str, some: Messages) -> None:
        """Take posts of posts.raw, or be away."""
        if self.is_away:
            raise KafkaUnavailable("away")
        assert topic == topics.RAW
        for _, value in some:
            posts = msgspec.json.decode(value, type=list[RawPost])
            self.sent.extend((post.feed, post.position) for post in posts)

    def take(self) -> list[tuple[str, int]]:
        """What was sent since the last time."""
        sent, self.sent = self.sent, []
        return sorted(sent)


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def broker() -> Topics:
    return Topics()


@pytest.fixture
def place(store: Store) -> Place:
    settings = Settings(feed=msgspec.json.encode(OutboxFeed()).decode())
    return Place(settings, store, Meter("feed", CollectorRegistry()))


def posts(count: int, first: int = 0) -> list[bytes]:
    fields = {"source": "x", "text": "Oh no", "published_at": "2026-03-01T11:00:00Z"}
    return [
        json.dumps({**fields, "native_id": str(at)}).encode() for at in range(first, first + count)
    ]


def give(store: Store, count: int, first: int = 0) -> None:
    accept(store, feed=FEED, items=posts(count, first), now=NOW, first_position=first)


def store_outcomes(store: Store, *positions: int) -> None:
    columns = ("feed", "position", "post_id", "outcome", "reason")
    store.insert("receipts", columns, [(FEED, at, "x:1", "stored", "") for at in positions])


def die(store: Store, *positions: int) -> None:
    dead = [
        DeadLetter(
            feed=FEED,
            position=at,
            reason="poison",
            detail="no",
            payload=posts(1, at)[0],
            arrived_at=NOW,
            topic=topics.RAW,
        )
        for at in positions
    ]
    write_batch(store, dead, NOW)


def retry(store: Store) -> None:
    put_back(store, dead_letters(store, Wanted(), most=9))


def all_of(count: int) -> list[tuple[str, int]]:
    return [(FEED, at) for at in range(count)]


def test_rows_are_sent_once_and_gone_once_they_have_an_outcome(
    place: Place, broker: Topics, eventually: Eventually
) -> None:
    stage = OutboxStage(place, broker.send)
    give(place.store, 3)
    assert stage.work() == 3
    assert broker.take() == all_of(3)
    assert place.meter.reading().waiting == 3
    give(place.store, 2, first=3)
    assert stage.work() == 2
    assert stage.work() == 0
    assert broker.take() == [(FEED, 3), (FEED, 4)]
    store_outcomes(place.store, 0, 2, 3)

    def left() -> list[int]:
        stage.work()
        return [row.position for row in waiting(place.store, 9)]

    eventually(lambda: left() == [1, 4], what="the finished rows gone")
    assert place.meter.reading().waiting == 2
    assert broker.take() == []


def test_a_process_that_starts_again_sends_what_is_unfinished(
    place: Place, broker: Topics, eventually: Eventually
) -> None:
    give(place.store, 5)
    OutboxStage(place, broker.send).work()
    broker.take()
    store_outcomes(place.store, 1, 2)
    again = OutboxStage(place, broker.send)
    again.work()
    assert broker.take() == [(FEED, 0), (FEED, 3), (FEED, 4)]

    def left() -> int:
        again.work()
        return len(waiting(place.store, 9))

    eventually(lambda: left() == 3, what="the finished rows gone")


def test_a_broker_that_is_away_loses_nothing(place: Place, broker: Topics) -> None:
    stage = OutboxStage(place, broker.send)
    give(place.store, 2)
    broker.is_away = True
    with pytest.raises(KafkaUnavailable):
        stage.work()
    broker.is_away = False
    stage.work()
    assert broker.take() == all_of(2)


def test_what_is_in_flight_is_bounded(place: Place, broker: Topics) -> None:
    stage = OutboxStage(place, broker.send)
    count = outbox.MOST_IN_FLIGHT + 50
    give(place.store, count)
    while stage.work():
        pass
    assert len(broker.sent) == place.meter.reading().waiting == outbox.MOST_IN_FLIGHT
    store_outcomes(place.store, *range(100))
    while stage.work() or len(broker.sent) < count:
        pass
    assert broker.take() == all_of(count)


def test_a_row_given_again_after_it_is_finished_goes_again(
    place: Place, broker: Topics, eventually: Eventually
) -> None:
    stage = OutboxStage(place, broker.send)
    for _ in range(2):
        give(place.store, 1)
        stage.work()
        store_outcomes(place.store, 0)

        def is_empty() -> bool:
            stage.work()
            return not waiting(place.store, 9)

        eventually(is_empty, seconds=20, what="an empty outbox")
        stage.work()
    assert broker.take() == all_of(1)  # the second time its outcome was on disk already


def test_a_letter_retried_before_its_row_is_deleted_goes_again(
    place: Place, broker: Topics, clock: Clock, eventually: Eventually
) -> None:
    stage = OutboxStage(place, broker.send, clock=clock)
    give(place.store, 2)
    stage.work()
    assert broker.take() == all_of(2)
    die(place.store, 0, 1)
    clock.now += 2 * outbox.SETTLE_EVERY
    stage.work()
    put_back(place.store, dead_letters(place.store, Wanted(position=0, feed=FEED), most=9))
    clock.now += outbox.FORGET_EVERY
    stage.work()
    assert broker.take() == all_of(1)
    store_outcomes(place.store, 0)

    def is_empty() -> bool:
        clock.now += 1.0
        stage.work()
        return not waiting(place.store, 9)

    eventually(is_empty, what="an empty outbox")
    assert broker.take() == []
    assert dead_letters(place.store, Wanted(position=0, feed=FEED), most=9) == []


def test_a_letter_retried_while_its_row_is_deleted_goes_again(
    place: Place, broker: Topics, clock: Clock, eventually: Eventually
) -> None:
    stage = OutboxStage(place, broker.send, clock=clock)
    give(place.store, 1)
    stage.work()
    die(place.store, 0)
    for seconds in (2 * outbox.SETTLE_EVERY, outbox.FORGET_EVERY):
        clock.now += seconds
        stage.work()
    retry(place.store)
    assert broker.take() == all_of(1)

    def was_sent() -> bool:
        clock.now += 1.0
        stage.work()
        return bool(broker.sent)

    eventually(was_sent, what="the letter sent again")
    assert broker.take() == all_of(1)
    assert [row.position for row in waiting(place.store, 9)] == [0]


def test_a_letter_retried_before_its_death_was_seen_goes_again_in_time(
    place: Place, broker: Topics, clock: Clock
) -> None:
    stage = OutboxStage(place, broker.send, clock=clock)
    give(place.store, 1)
    stage.work()
    die(place.store, 0)
    retry(place.store)
    clock.now += outbox.AGAIN_AFTER - 1
    stage.work()
    assert broker.take() == all_of(1)
    clock.now += 1
    stage.work()
    assert broker.take() == all_of(1)


def test_a_line_that_is_slow_is_sent_little_again(
    place: Place, broker: Topics, clock: Clock
) -> None:
    stage = OutboxStage(place, broker.send, clock=clock)
    count = 2 * outbox.MOST_AGAIN + 50
    give(place.store, count)
    stage.work()
    assert broker.take() == all_of(count)
    again = []
    for _ in range(3):
        clock.now += outbox.AGAIN_AFTER
        stage.work()
        assert stage.work() == 0
        again.append(broker.take())
    assert [len(some) for some in again] == [outbox.MOST_AGAIN] * 3
    assert set(all_of(count)) == {key for some in again for key in some}


def test_the_settings_of_run_make_this_stage(place: Place) -> None:
    assert isinstance(feed_stage(place), OutboxStage)
    assert place.feed == "outbox"
