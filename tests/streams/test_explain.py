"""Changes of incidents with their evidence, over a real database, and the same when told again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from forecasting.evidence import Link
from forecasting.records import IncidentChange
from infra.brands import Brand
from infra.incidents import events, write_events
from infra.metrics import Meter
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.settings import Settings
from infra.store import Store
from processors.records import Label, ScoredPost, Sentiment
from streams.explain import explain
from streams.stage import Place
from tests.incidents import change_of as small_surge
from tests.posts import clean_post

AT = datetime(2026, 3, 4, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRE = "the battery burned down our garage, and nobody answers"


def post(
    number: int, at: datetime, brand: str, label: Label = "negative", **changed: Any
) -> ScoredPost:
    text = changed.pop("text", f"order {number} is late")
    made = clean_post(
        post_id=f"test:{number}",
        feed="test",
        position=number,
        source=changed.pop("source", "test"),
        author=f"author{number}",
        followers=number,
        text=text,
        key_text=text,
        brands=(brand,),
        published_at=at,
        received_at=at,
        cluster_id=changed.pop("cluster_id", 1_000_000 + number),
        is_duplicate=changed.pop("is_duplicate", False),
    )
    return ScoredPost(
        post=made, sentiment=Sentiment(label, 0.9, 0.05, 0.05, "test-1"), scored_at=at
    )


def change_of(brand: str, incident: str, **changed: Any) -> IncidentChange:
    fields: dict[str, Any] = {
        "opened_at": AT,
        "since": AT - timedelta(minutes=40),
        "at": AT,
        "severity": 6,
        "observed": 30,
        "expected": 4.0,
    }
    return small_surge(brand=brand, incident_id=incident, **{**fields, **changed})


def place(store: Store) -> Place:
    brands = (Brand(name="Acme"), Brand(name="Contoso"), Brand(name="Fabrikam"))
    return Place(Settings(brands=brands), store, Meter("watch", CollectorRegistry()))


def story(brand: str, first: int, cluster: int, *, earlier: int = 48) -> list[ScoredPost]:
    """Half-hourly complaints for a day, then thirty posts of one text in half an hour."""
    quiet = [
        post(first + n, AT - 2 * HOUR - n * timedelta(minutes=30), brand) for n in range(earlier)
    ]
    loud = [
        post(
            first + 100 + n,
            AT - timedelta(minutes=30) + n * timedelta(minutes=1),
            brand,
            text=f"{FIRE}, case {n}",
            cluster_id=cluster,
            is_duplicate=n > 0,
        )
        for n in range(30)
    ]
    return [*quiet, *loud]


def links(found: Sequence[Any]) -> list[tuple[Link, ...]]:
    return [event.evidence.linked for event in found]


def test_an_incident_is_told_with_its_origin_its_texts_and_its_voices(store: Store) -> None:
    write_batch(store, story("Acme", 0, 7), AT)
    (event,) = explain(place(store), [change_of("Acme", "inc_1")], AT)
    found = event.evidence
    assert found.origin is not None
    assert (found.posts, found.origin.organic, found.origin.copies) == (30, 1, 29)
    (text,) = found.clusters
    assert (text.cluster_id, text.count, text.first.post_id) == (f"{7:016x}", 30, "test:100")
    assert found.cluster_ids == (f"{7:016x}",)
    assert [voice.author for voice in found.loudest] == ["author129", "author128", "author127"]
    (part,) = found.sources
    assert part.grew
    assert part.expected is not None
    assert 1.5 < part.expected < 2.5  # half-hourly before
    assert event.sentence.startswith("Acme: 30 negative posts in the last hour against 4")
    assert event.message.startswith(event.headline)


def test_it_says_how_far_the_model_may_be_off(store: Store) -> None:
    write_batch(store, story("Acme", 0, 7), AT)
    (event,) = explain(place(store), [change_of("Acme", "inc_a")], AT)
    share = event.evidence.share
    assert share is not None
    assert 0 <= share.lower < share.share < share.upper <= 1
    assert "true share may be" in event.message


def test_brands_that_open_at_once_are_linked_with_one_another(store: Store) -> None:
    write_batch(store, [*story("Acme", 0, 7), *story("Contoso", 1000, 7)], AT)
    write_batch(store, story("Fabrikam", 2000, 9), AT)
    changes = [change_of("Acme", "inc_1"), change_of("Contoso", "inc_2")]
    told = explain(place(store), changes, AT)
    assert links(told) == [
        (Link(incident_id="inc_2", brand="Contoso", by="texts", shared=1),),
        (Link(incident_id="inc_1", brand="Acme", by="texts", shared=1),),
    ]
    assert "Same story as Contoso's incident (1 shared text)." in told[0].message


def test_told_again_after_a_crash_it_is_the_same(store: Store) -> None:
    """Judged again with everything it wrote already there, and in another cut."""
    write_batch(store, [*story("Acme", 0, 7), *story("Contoso", 1000, 7)], AT)
    later = change_of("Contoso", "inc_2", at=AT + HOUR / 4, opened_at=AT + HOUR / 4)
    changes = [change_of("Acme", "inc_1"), later]
    once = explain(place(store), changes, AT)
    assert links(once)[0] == ()  # what is later is not known yet
    assert links(once)[1] != ()
    write_events(store, once, AT)
    again = explain(place(store), changes, AT)
    assert again == once
    one_by_one = [event for change in changes for event in explain(place(store), [change], AT)]
    assert one_by_one == once
    write_events(store, [replace(event, message="another") for event in again], AT)
    assert [event.message for event in events(store)] == [event.message for event in once]


def test_what_is_over_or_long_ago_is_no_story_of_today(store: Store) -> None:
    write_batch(store, [*story("Acme", 0, 7), *story("Contoso", 1000, 7)], AT)
    (own,) = explain(place(store), [change_of("Contoso", "inc_2")], AT)
    over = replace(own, change=replace(own.change, change="resolved"))
    old = replace(own, change=change_of("Contoso", "inc_3", at=AT - timedelta(hours=25)))
    write_events(store, [over, old], AT)
    assert links(explain(place(store), [change_of("Acme", "inc_1")], AT)) == [()]


def test_a_surge_of_volume_is_explained_by_all_posts(store: Store) -> None:
    posts = story("Acme", 0, 7)
    cheer = [
        post(500 + n, AT - n * timedelta(minutes=1), "Acme", "positive", text=f"goal {n} tonight")
        for n in range(1, 41)
    ]
    write_batch(store, [*posts, *cheer], AT)
    change = change_of("Acme", "inc_1", kind="volume_surge")
    (event,) = explain(place(store), [change], AT)
    assert event.evidence.posts == 70
    assert any("goal" in one.text for one in event.evidence.examples)
    assert "volume surge" in event.headline
    (negative,) = explain(place(store), [replace(change, kind="mood_shift")], AT)
    assert negative.evidence.posts == 30


def test_silence_has_no_posts_but_says_what_feeds_say(store: Store) -> None:
    write_batch(store, story("Contoso", 0, 7), AT)
    progress = Progress(feed="bluesky", clock=AT, sent=1, durable=1, state="running")
    report(store, progress, AT)
    change = change_of("Acme", "inc_1", kind="silence", observed=0, growing=False)
    (event,) = explain(place(store), [change], AT)
    assert event.evidence.posts == 0
    assert event.evidence.elsewhere == 30
    assert event.evidence.stamps is None
    assert "Other brands: 30 posts in the same time. Feeds: bluesky running" in event.message


def test_the_first_post_is_looked_for_before_the_hour(store: Store) -> None:
    first = post(900, AT - timedelta(minutes=95), "Acme", text="my battery burned down today")
    write_batch(store, [*story("Acme", 0, 7), first], AT)
    (event,) = explain(place(store), [change_of("Acme", "inc_1")], AT)
    assert event.evidence.first is not None
    assert event.evidence.first.post_id == "test:900"
