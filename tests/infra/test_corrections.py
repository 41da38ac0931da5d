"""What people say of posts, on disk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.corrections import (
    Correction,
    PostText,
    id_of_text,
    post_texts,
    read_corrections,
    write_corrections,
)
from infra.model_events import model_event, read_model_events, write_model_events
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
Post = Callable[..., ScoredPost]


@pytest.fixture
def post(clean_post: Callable[..., CleanPost]) -> Post:
    def make(post_id: str, text: str, brands: tuple[str, ...] = ("Acme",)) -> ScoredPost:
        clean = clean_post(
            post_id=post_id,
            position=len(text),
            text=text,
            key_text=text.lower(),
            brands=brands,
            published_at=AT,
            received_at=AT,
        )
        sentiment = Sentiment("negative", 0.8, 0.1, 0.1, "m")
        return ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)

    return make


def test_posts_are_found_by_their_id_whatever_is_in_it(store: Store, post: Post) -> None:
    odd = "x:it's, {a} 和"
    write_batch(store, [post("x:1", "One", ("Acme", "Delta")), post(odd, "Another")], AT)
    found = post_texts(store, ["x:1", odd, "x:nobody", "x:\ud800"])
    assert found == {"x:1": PostText("One", "en"), odd: PostText("Another", "en")}


def test_the_last_word_on_a_post_counts(store: Store, post: Post) -> None:
    write_batch(store, [post("x:1", "One")], AT)
    first = Correction(post_id="x:1", label="positive", at=AT, by="ann")
    last = Correction(post_id="x:1", label="neutral", at=AT + timedelta(hours=1), note="it's")
    write_corrections(store, [last])
    write_corrections(store, [first])
    (found,) = read_corrections(store)
    assert (found.label, found.note, found.by) == ("neutral", "it's", "")
    assert (found.text, found.language) == ("One", "en")


def test_an_erased_post_leaves_nothing_to_learn(store: Store, post: Post) -> None:
    write_batch(store, [post("x:1", "One")], AT)
    write_corrections(
        store,
        [
            Correction(post_id="x:1", label="positive", at=AT),
            Correction(
                post_id=id_of_text("mine"), label="positive", at=AT, text="mine", language="en"
            ),
        ],
    )
    assert len(read_corrections(store)) == 2
    store.command("TRUNCATE TABLE posts SYNC")
    assert [one.text for one in read_corrections(store)] == ["mine"]


def test_ids_of_texts_tell_them_apart() -> None:
    ids = {id_of_text(text) for text in ("a", "b", "", "a ", "\ud800")}
    assert len(ids) == 5


def test_an_event_told_twice_is_one_and_stays_as_it_was(store: Store) -> None:
    event = model_event("drift", "m", AT, {"signal": "confidence", "before": 0.7})
    again = model_event("drift", "m", AT, {"signal": "confidence", "before": 0.8})
    other = model_event("drift", "m", AT, {"signal": "oov", "before": 0.8})
    assert write_model_events(store, [event]) == [event]
    assert write_model_events(store, [again, other]) == [other]
    assert write_model_events(store, []) == []
    assert sorted(read_model_events(store), key=lambda one: one.detail) == [event, other]


def test_the_newest_events_come_first(store: Store) -> None:
    events = [model_event("activated", f"m{n}", AT + timedelta(hours=n), {}) for n in range(4)]
    write_model_events(store, events)
    assert read_model_events(store, limit=2) == [events[3], events[2]]
