"""Stored incidents without what was erased, on disk and on their way to receivers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from forecasting.evidence import Cluster, Example, Voice
from forecasting.records import IncidentEvent
from forecasting.tell import told as in_words
from infra.brands import Brand
from infra.channels.scripted import ScriptedChannels
from infra.deliver.decider import Setup
from infra.deliver.deliverer import Around, Deliverer
from infra.deliver.people import ask_resend
from infra.deliver.records import Attempt
from infra.erasures import erase
from infra.incidents import events, write_events
from infra.posts import write_batch
from infra.receivers import WebhookReceiver
from infra.redact import Redaction, marks, redact, shown_posts
from infra.store import Store
from processors.records import CleanPost, Erasure, ScoredPost, Sentiment

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Told = Callable[..., IncidentEvent]


def example(post_id: str, author: str, text: str) -> Example:
    return Example(
        post_id=post_id,
        author=author,
        followers=9,
        url=f"https://example.com/{author}",
        text=text,
        published_at=AT,
        p_negative=0.9,
    )


ANN = example("x:1", "ann", "Smoke! it's 火")
BEA = example("x:it's, a:b", "bea", "Never again")


@pytest.fixture
def told(make_event: Told) -> Told:
    """An event of an incident that shows these posts."""

    def make(*shown: Example, number: int = 1, incident: str = "inc_1") -> IncidentEvent:
        event = make_event(incident, number)
        return replace(event, evidence=replace(event.evidence, examples=shown, first=shown[0]))

    return make


def erasure(scope: str, name: str, at: datetime = NOW) -> Erasure:
    return msgspec.convert(
        {"feed": "hand", "position": 0, "scope": scope, "id": name, "at": at}, Erasure
    )


def stored(store: Store, clean_post: Callable[..., CleanPost], *shown: Example) -> None:
    """The posts that events show."""
    batch = [
        ScoredPost(
            post=clean_post(
                post_id=one.post_id,
                position=number,
                author=one.author,
                text=one.text,
                brands=("Northwind",),
                published_at=one.published_at,
            ),
            sentiment=Sentiment("negative", 0.9, 0.1, 0.0, "m"),
            scored_at=AT,
        )
        for number, one in enumerate(shown)
    ]
    write_batch(store, batch, AT)


def test_an_erased_post_goes_from_every_event_that_shows_it(store: Store, told: Told) -> None:
    write_events(store, [told(ANN, BEA), told(BEA, number=2), told(BEA, incident="inc_2")], NOW)
    before = {event.change.event_id: event for event in events(store)}
    erase(store, [erasure("post", "x:1")], NOW, "ann")
    assert redact(store, ()) == Redaction(events=1, incidents=1)
    after = {event.change.event_id: event for event in events(store)}
    assert after.keys() == before.keys()
    assert [one.post_id for one in after["inc_1.1"].evidence.examples] == ["", BEA.post_id]
    assert after["inc_1.1"].change == before["inc_1.1"].change
    assert after["inc_1.2"] == before["inc_1.2"]
    assert "Smoke" not in after["inc_1.1"].message
    assert redact(store, ()) == Redaction(events=0, incidents=0)


def test_posts_that_an_author_wrote_until_then_go_stored_or_not(store: Store, told: Told) -> None:
    """A post that is past its time has no row that could say that it was erased."""
    later = replace(ANN, post_id="x:9", published_at=NOW + timedelta(hours=1))
    write_events(store, [told(ANN, BEA, later)], NOW)
    erase(store, [erasure("author", "x:ann"), erasure("author", "y:bea")], NOW, "ann")
    assert redact(store, ()) == Redaction(events=1, incidents=1)
    (event,) = events(store)
    assert [one.author for one in event.evidence.examples] == ["", "bea", "ann"]


def hidden(make_event: Told, number: int = 1) -> IncidentEvent:
    """An event that shows ANN as the first of a text and BEA as a loud voice, and no example."""
    event = make_event("inc_1", number)
    text = Cluster(cluster_id="00ff", count=9, authors=9, sources=1, first=ANN)
    voice = Voice(
        post_id=BEA.post_id,
        author=BEA.author,
        followers=99_000,
        url=BEA.url,
        published_at=BEA.published_at,
        posts=2,
    )
    found = replace(
        event.evidence,
        examples=(),
        first=None,
        terms=(),
        clusters=(text,),
        loudest=(voice,),
        posts=9,
    )
    return in_words(replace(event, evidence=found), "en")


@pytest.mark.parametrize(
    ("scope", "name", "gone", "left"),
    [
        ("post", "x:1", ("Smoke", "ann", "x:1"), "bea"),
        ("author", "x:ann", ("Smoke", "ann", "x:1"), "bea"),
        ("post", BEA.post_id, ("bea", "99000", "99 k"), "Smoke"),
        ("author", "x:bea", ("bea", "99000", "99 k"), "Smoke"),
    ],
)
def test_texts_and_loud_authors_are_found_and_go(
    store: Store, make_event: Told, scope: str, name: str, gone: tuple[str, ...], left: str
) -> None:
    write_events(store, [hidden(make_event)], NOW)
    assert {one.post_id for one in shown_posts(store)} == {"x:1", BEA.post_id}
    erase(store, [erasure(scope, name)], NOW, "hand")
    assert redact(store, ()) == Redaction(events=1, incidents=1)
    ((body,),) = store.query("SELECT body FROM incident_events FINAL")
    for word in gone:
        assert word not in body, word
    assert left in body
    assert redact(store, ()) == Redaction(events=0, incidents=0)


def test_rows_at_an_hour_that_lost_erase_nothing(
    store: Store, told: Told, clean_post: Callable[..., CleanPost]
) -> None:
    """As two processes leave them that saw a post first at once."""
    columns = ("post_id", "published_at", "feed", "position", "brands", "claim")
    elsewhere = ("x:1", AT - timedelta(hours=3), "a", 1, ("Northwind",), "a/1")
    stored(store, clean_post, ANN, BEA)
    store.insert("post_keys", columns, [elsewhere])
    stored(store, clean_post, ANN, BEA)
    assert store.query("SELECT count() FROM posts WHERE is_deleted") == [(1,)]
    write_events(store, [told(ANN, BEA)], NOW)
    assert redact(store, ()) == Redaction(events=0, incidents=0)


def test_a_change_that_cannot_be_read_is_left_and_the_others_are_not(
    store: Store, told: Told
) -> None:
    write_events(store, [told(ANN, BEA), told(ANN, incident="inc_2")], NOW)
    columns = ("event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body")
    body = '{"evidence": {"examples": [{"post_id": "x:1"}]}}'
    store.insert(
        "incident_events",
        columns,
        [("inc_0.1", "inc_0", "Northwind", 1, "opened", AT, AT, body)],
    )
    erase(store, [erasure("post", "x:1")], NOW, "ann")
    assert redact(store, ()) == Redaction(events=2, incidents=2)
    left = store.query("SELECT body FROM incident_events FINAL WHERE event_id = 'inc_0.1'")
    assert left == [(body,)]


def test_a_merge_does_not_hide_a_change_that_was_told_since(store: Store, told: Told) -> None:
    for _ in range(2):
        write_events(store, [told(ANN)], NOW)
    redact(store, (), posts={"x:1"})
    before = marks(store)
    store.command("OPTIMIZE TABLE incident_events FINAL")
    assert marks(store) == before
    write_events(store, [told(ANN, incident="inc_2")], NOW)
    assert marks(store) != before


def test_posts_can_be_named_besides(store: Store, told: Told) -> None:
    write_events(store, [told(ANN, BEA)], NOW)
    assert redact(store, (), posts={BEA.post_id, "x:none"}).events == 1
    assert [one.post_id for one in shown_posts(store)] == ["x:1", "x:1"]


def test_the_message_is_told_in_the_language_and_zone_of_the_brand(
    store: Store, told: Told
) -> None:
    write_events(store, [told(ANN, BEA)], NOW)
    brand = Brand(name="Northwind", language="zh", timezone="Asia/Shanghai")
    redact(store, [Brand(name="Other"), brand], posts={"x:1"})
    (event,) = events(store)
    assert "→ (已删除)" in event.message
    assert "Asia/Shanghai" in event.message


def test_more_events_than_a_page(store: Store, told: Told) -> None:
    many = [told(ANN, incident=f"inc_{number}") for number in range(230)]
    for one in many:
        store.insert(
            "incident_events",
            ("event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body"),
            [
                (
                    one.change.event_id,
                    one.change.incident_id,
                    "Northwind",
                    1,
                    "opened",
                    AT,
                    AT,
                    msgspec.json.encode(one).decode(),
                )
            ],
        )
    assert redact(store, (), posts={"x:1"}) == Redaction(events=230, incidents=230)
    assert shown_posts(store) == []
    assert len(events(store)) == 230


def test_marks_move_with_what_may_need_redaction(
    store: Store, told: Told, clean_post: Callable[..., CleanPost]
) -> None:
    stored(store, clean_post, ANN, BEA)
    seen = [marks(store), marks(store)]
    assert seen[0] == seen[1]
    erase(store, [erasure("post", "x:1")], NOW, "ann")
    seen.append(marks(store))
    erase(store, [erasure("author", "x:nobody")], NOW, "ann")
    seen.append(marks(store))
    write_events(store, [told(BEA)], NOW)
    seen.append(marks(store))
    assert len(set(seen[1:])) == 4


async def _sent(store: Store, receiver: WebhookReceiver, ways: ScriptedChannels) -> None:
    around = Around(clock=lambda: NOW, random=Random(1))
    await Deliverer(store, ways, Setup([receiver]), around).tick()


def test_what_was_not_yet_delivered_is_sent_without_it(
    store: Store, told: Told, make_receiver: Callable[..., WebhookReceiver]
) -> None:
    write_events(store, [told(ANN, BEA)], NOW)
    erase(store, [erasure("post", "x:1")], NOW, "ann")
    redact(store, ())
    ways = ScriptedChannels()
    asyncio.run(_sent(store, make_receiver("https://example.com/hook"), ways))
    ((_, letter),) = ways.sent
    said = msgspec.json.encode(letter).decode()
    assert "Never again" in said
    assert "(erased)" in said
    for word in ("Smoke", "ann", "x:1"):
        assert word not in said, word


def test_what_was_decided_before_or_is_sent_again_is_sent_without_it(
    store: Store, told: Told, make_receiver: Callable[..., WebhookReceiver]
) -> None:
    receiver = make_receiver("https://example.com/hook")
    write_events(store, [told(ANN, BEA)], NOW)
    ways = ScriptedChannels(Attempt(outcome="retry"))
    asyncio.run(_sent(store, receiver, ways))
    erase(store, [erasure("post", "x:1")], NOW, "ann")
    redact(store, ())
    ask_resend(store, receiver.name, "inc_1.1", "kai", NOW)
    asyncio.run(_sent(store, receiver, ways))
    before, after = (msgspec.json.encode(letter).decode() for _, letter in ways.sent)
    assert "Smoke" in before
    assert "Never again" in after
    for word in ("Smoke", "ann", "x:1"):
        assert word not in after, word
