"""What evidence is made of: posts, their times, other stories and what feeds say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from forecasting.evidence import Evidence, FeedWord, Story, Term
from forecasting.records import IncidentEvent
from infra.evidence import (
    EVIDENCE_POSTS,
    earliest_posts,
    feed_words,
    newest_posts,
    newest_stamps,
    other_stories,
)
from infra.incidents import write_events
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.store import Store
from processors.records import ScoredPost
from tests.posts import NEUTRAL, NOON
from tests.posts import numbered_post as scored

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Told = Callable[..., IncidentEvent]


def write(store: Store, *posts: ScoredPost) -> None:
    write_batch(store, posts, NOON + timedelta(seconds=3))


def test_negative_posts_are_the_newest_first(store: Store) -> None:
    write(
        store,
        scored(1),
        scored(2, NOON + MINUTE, is_repost=True),
        scored(3, NOON + 2 * MINUTE, sentiment=NEUTRAL),
        scored(4, NOON + 3 * MINUTE, brands=("Delta",)),
        scored(5, NOON + 5 * MINUTE),
        scored(6, NOON - MINUTE),
    )
    found = newest_posts(store, "Acme", since=NOON, until=NOON + 5 * MINUTE, of_mood=True)
    assert [post.post_id for post in found] == ["x:2", "x:1"]
    newest = found[0]
    assert (newest.author, newest.followers, newest.text) == ("a2", 2, "Text 2")
    assert (newest.url, newest.key_text) == ("https://example.com/2", "text 2")
    assert (newest.is_repost, newest.is_duplicate) == (True, False)
    assert newest.cluster_id == 2**64 - 3
    assert newest.published_at == NOON + MINUTE
    assert abs(newest.p_negative - 0.9) < 1e-6


def test_an_explanation_reads_a_bounded_number_of_posts(store: Store) -> None:
    write(store, *(scored(n, NOON + n * timedelta(milliseconds=1)) for n in range(2_100)))
    found = newest_posts(store, "Acme", since=NOON, until=NOON + DAY, of_mood=True)
    assert len(found) == EVIDENCE_POSTS
    assert found[0].post_id == "x:2099"


def test_the_five_times_of_the_newest_negative_post(store: Store) -> None:
    fired = NOON + timedelta(minutes=7)
    assert newest_stamps(store, "Acme", until=NOON + MINUTE, fired=fired, of_mood=True) is None
    write(store, scored(1), scored(2, NOON + timedelta(seconds=9)), scored(3, NOON + MINUTE))
    write(store, scored(4, NOON + timedelta(seconds=10), sentiment=NEUTRAL))
    stamps = newest_stamps(store, "Acme", until=NOON + MINUTE, fired=fired, of_mood=True)
    assert stamps
    seconds = [(moment - NOON).total_seconds() for moment in msgspec.structs.astuple(stamps)]
    assert seconds == [9, 10, 11, 3, 420]


def test_the_earliest_come_first_and_there_may_be_more(store: Store) -> None:
    write(store, *(scored(n, NOON + n * timedelta(milliseconds=1)) for n in range(2_100)))
    found = earliest_posts(store, "Acme", since=NOON, until=NOON + DAY, of_mood=True)
    assert len(found) == EVIDENCE_POSTS
    assert [found[0].post_id, found[-1].post_id] == ["x:0", "x:1999"]


def test_posts_of_every_mood_where_the_incident_is_not_about_mood(store: Store) -> None:
    write(store, scored(1), scored(2, NOON + MINUTE, sentiment=NEUTRAL, is_spam=True))
    found = newest_posts(store, "Acme", since=NOON, until=NOON + DAY, of_mood=False)
    assert [(post.post_id, post.is_spam) for post in found] == [("x:2", True), ("x:1", False)]
    (first, _) = earliest_posts(store, "Acme", since=NOON, until=NOON + DAY, of_mood=False)
    assert first.post_id == "x:1"
    fired = NOON + DAY
    stamps = newest_stamps(store, "Acme", until=fired, fired=fired, of_mood=False)
    assert stamps
    assert stamps.published == NOON + MINUTE


def test_other_stories_are_those_told_of_other_brands_in_time(
    store: Store, make_event: Told
) -> None:
    def told(incident: str, brand: str, at: datetime, **changed: Any) -> IncidentEvent:
        event = make_event(incident)
        change = replace(event.change, brand=brand, at=at, **changed)
        return replace(event, change=change)

    event = told("inc_2", "Contoso", NOON)
    found: Evidence = replace(
        event.evidence,
        cluster_ids=("00ff", "0100"),
        terms=(Term(text='it\'s "fire"', share=0.5, share_before=0.0),),
    )
    write_events(
        store,
        [
            replace(event, evidence=found),
            told("inc_1", "Acme", NOON),
            told("inc_3", "Fabrikam", NOON + timedelta(milliseconds=1)),
            told("inc_4", "Fabrikam", NOON - DAY - MINUTE),
            told("inc_5", "Fabrikam", NOON, change="resolved"),
        ],
        NOON,
    )
    first = event.evidence.first
    assert first
    assert other_stories(store, "Acme", since=NOON - DAY, until=NOON) == [
        Story(
            incident_id="inc_2",
            brand="Contoso",
            cluster_ids=("00ff", "0100"),
            terms=('it\'s "fire"',),
            first=first.post_id,
        )
    ]


def test_incidents_of_an_earlier_version_have_a_story_too(store: Store, make_event: Told) -> None:
    body = msgspec.json.decode(msgspec.json.encode(make_event("inc_2")))
    kept = ("terms", "first", "sources", "languages", "examples")
    body["evidence"] = {name: body["evidence"][name] for name in kept}
    columns = ("event_id", "incident_id", "brand", "number", "change", "at", "fired_at", "body")
    row = (
        "inc_2.1",
        "inc_2",
        "Contoso",
        1,
        "opened",
        NOON,
        NOON,
        msgspec.json.encode(body).decode(),
    )
    store.insert("incident_events", columns, [row])
    (story,) = other_stories(store, "Acme", since=NOON, until=NOON)
    assert (story.cluster_ids, story.terms) == ((), ("battery fire", "recall"))


def test_what_feeds_say_of_themselves(store: Store) -> None:
    assert feed_words(store) == ()
    for name, state, clock in (("b", "finished", NOON - DAY), ("a", "running", NOON)):
        made = Progress(feed=name, clock=clock, sent=0, durable=0, state=state)  # type: ignore
        report(store, made, NOON)
    assert feed_words(store) == (
        FeedWord(name="a", state="running", clock=NOON),
        FeedWord(name="b", state="finished", clock=NOON - DAY),
    )
