"""A refine that starts again knows what is stored and what is on its way there."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from infra.brands import Brand
from infra.broker import EmbeddedBroker
from infra.kafka import Producer, make_topics
from infra.metrics import Meter
from infra.settings import Settings
from infra.store import Store
from infra.store_frames import MAX_FRAME
from infra.store_socket import SocketStore, serve_store
from processors.known import FIRST
from processors.post_rows import KEPT_DAYS, POST_COLUMNS, row_of
from processors.records import MAX_TEXT_BYTES, CleanPost, Drop, RawPost, ScoredPost, Sentiment
from streams import topics
from streams.rebuild import rebuilt_refiner
from streams.stage import Place
from streams.topics import partition_counts
from streams.wire import encode

POSTS = MAX_FRAME // MAX_TEXT_BYTES + 100


def post(number: int, position: int, store: Store) -> RawPost:
    """As it was published that is stored under this number, from the feed's row `position`."""
    text, at = store.query(
        "SELECT text, published_at FROM posts FINAL WHERE post_id = {id:String}",
        {"id": f"x:{number}"},
    )[0]
    return RawPost(
        source="x",
        native_id=str(number),
        text=text,
        published_at=at,
        observed_at=at,
        feed="f",
        position=position,
    )


@pytest.fixture
def settings(broker: EmbeddedBroker) -> Settings:
    """Of a line of its own on the shared broker: nothing of it is acknowledged by anybody."""
    make_topics(broker.address, partition_counts(1), replication=1)
    return Settings(
        brands=(Brand(name="Acme"),),
        kafka=broker.address,
        real_kafka=False,
        group=uuid.uuid4().hex,
    )


def test_posts_on_their_way_to_the_database_are_not_news(
    store: Store, settings: Settings, clean_post: Callable[..., CleanPost]
) -> None:
    """As after a kill of a refine whose posts are not stored yet."""
    said = "acme lets its customers wait for ever and ever, now even on sundays"
    unscored = clean_post(
        post_id="x:1", feed="g", position=7, text=said, key_text=said, cluster_id=77
    )
    sure = Sentiment("negative", 0.9, 0.1, 0.0, "m")
    scored = ScoredPost(
        post=clean_post(post_id="x:2", feed="g", position=8, key_text="what a day for acme all in"),
        sentiment=sure,
        scored_at=unscored.published_at,
    )
    producer = Producer(settings.kafka, embedded=True)
    for topic, record in ((topics.CLEAN, unscored), (topics.SCORED, scored)):
        producer.send(topic, [(0, value) for value in encode([record])])
    producer.close()
    refiner = rebuilt_refiner(Place(settings, store, Meter("refine", CollectorRegistry())))

    def refined(native_id: str, position: int, text: str) -> CleanPost | Drop:
        at = unscored.published_at
        post = RawPost(
            source="x",
            native_id=native_id,
            text=text,
            published_at=at,
            observed_at=at,
            feed="g",
            position=position,
        )
        return refiner.refine(post, at)

    again = refined("1", 7, said)
    copied = refined("3", 9, f"{said}!!")
    repeat = refined("2", 10, "what a day for acme all in")
    assert isinstance(again, CleanPost)
    assert not again.is_duplicate
    assert isinstance(copied, CleanPost)
    assert copied.is_duplicate
    assert copied.cluster_id == 77
    assert isinstance(repeat, Drop)
    assert repeat.reason == "repeat"


def test_a_voice_that_was_lost_on_its_way_comes_after_its_repeats(
    store: Store, settings: Settings, clean_post: Callable[..., CleanPost]
) -> None:
    """A batch's messages go to several partitions: a kill between two leaves some of them."""
    said = "acme sold me a kettle that whistles at night, without any water in it"
    at = datetime(2026, 3, 1, tzinfo=UTC)

    def raw(number: int) -> RawPost:
        return RawPost(
            source="x",
            native_id=f"kettle-{number}",
            text=said,
            published_at=at,
            observed_at=at,
            feed="kettles",
            position=number,
        )

    place = Place(settings, store, Meter("refine", CollectorRegistry()))
    before = rebuilt_refiner(place)
    voice, on_its_way, stored = before.refine_all([raw(1), raw(2), raw(3)], [at] * 3)
    assert isinstance(on_its_way, CleanPost)
    assert isinstance(stored, CleanPost)
    row = row_of(
        ScoredPost(post=stored, sentiment=Sentiment("negative", 0.9, 0.1, 0.0, "m"), scored_at=at),
        "Acme",
        published_at=at,
        version=FIRST,
        stored_at=at,
        kept_days=KEPT_DAYS,
    )
    for kept in ("nothing", "on its way", "stored"):
        if kept == "on its way":
            producer = Producer(settings.kafka, embedded=True)
            producer.send(topics.CLEAN, [(0, value) for value in encode([on_its_way])])
            producer.close()
        if kept == "stored":
            store.insert("posts", POST_COLUMNS, [row])
        again = rebuilt_refiner(place).refine_all([raw(1), raw(2), raw(3)], [at] * 3)
        assert again == [voice, on_its_way, stored], kept


def test_more_text_than_one_answer_may_have(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    # No text is like another.
    store.command(
        "INSERT INTO posts (brand, published_at, post_id, version, feed, position, text, key_text,"
        " received_at, scored_at, stored_at, cluster_id) "
        "SELECT 'Acme', toDateTime64('2026-03-01 12:00:00', 3, 'UTC') + number AS at, "
        "concat('x:', toString(number)), 1, 'f', number, "
        "concat('acme ', repeat(concat(toString(cityHash64(number)), ' '), {times:Int64})) AS t, "
        "trimRight(t), at, at, at, number "
        "FROM numbers({posts:Int64})",
        {"posts": POSTS, "times": MAX_TEXT_BYTES // 22},
    )
    (size,) = store.query("SELECT sum(length(key_text)) FROM posts FINAL")[0]
    assert size > MAX_FRAME
    server = serve_store(store, tmp_path / "s")
    client = SocketStore(tmp_path / "s")
    meter = Meter("refine", CollectorRegistry())
    refiner = rebuilt_refiner(Place(settings, client, meter))
    client.close()
    server.close()
    for number in (0, POSTS // 2, POSTS - 1):
        item = post(number, number, store)
        again = refiner.refine(item, item.published_at)
        assert isinstance(again, CleanPost)
        assert again.cluster_id == number
        repeat = refiner.refine(post(number, POSTS, store), item.published_at)
        assert isinstance(repeat, Drop)
        assert repeat.reason == "repeat"
