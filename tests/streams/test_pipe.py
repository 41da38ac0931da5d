"""What watch is told of its counts: stalled sources, new models, changed queries."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.brands import Brand
from infra.posts import write_batch
from infra.quality import read_quality, unseen_hours, write_quality
from infra.series import remember
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment
from streams.pipe import PipeWatch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUCKET = timedelta(minutes=5)
Fill = Callable[..., None]
ACME = (Brand(name="Acme"), Brand(name="Other"))


@pytest.fixture
def fill(store: Store, clean_post: Callable[..., CleanPost]) -> Fill:
    """Store `each` posts in every bucket from `first` to before `last`."""

    def write(
        first: int,
        last: int,
        each: int,
        *,
        source: str = "x",
        model: str = "m-1",
        brand: str = "Acme",
    ) -> None:
        posts = []
        for bucket in range(first, last):
            for number in range(each):
                name = f"{source}:{brand}-{bucket}-{number}-{model}"
                clean = clean_post(
                    post_id=name,
                    source=source,
                    feed=name,
                    brands=(brand,),
                    text=name,
                    published_at=NOON + bucket * BUCKET + timedelta(seconds=number),
                )
                sentiment = Sentiment("neutral", 0.1, 0.8, 0.1, model)
                posts.append(ScoredPost(post=clean, sentiment=sentiment, scored_at=NOON))
        write_batch(store, posts, NOON)

    return write


def at(bucket: int) -> datetime:
    return NOON + bucket * BUCKET


def test_a_source_that_stops_hides_the_brands_it_feeds(store: Store, fill: Fill) -> None:
    fill(0, 12, 10)
    fill(0, 18, 10, source="y", brand="Other")
    found = PipeWatch(store, ACME).judge(at(0), at(18))
    assert found == {"Acme": {at(i): "gap" for i in range(14, 18)}}


def test_a_brand_that_falls_silent_on_a_busy_source_is_silent(store: Store, fill: Fill) -> None:
    fill(0, 12, 10)
    fill(0, 18, 30, brand="Other")
    assert PipeWatch(store, ACME).judge(at(0), at(18)) == {}


def test_a_process_that_starts_again_goes_on(store: Store, fill: Fill) -> None:
    fill(0, 20, 10)
    first = PipeWatch(store, ACME)
    assert first.judge(at(0), at(21)) == {}
    remember(store, [first.memory()])
    first.remembered()
    again = PipeWatch(store, ACME)
    assert again.judge(at(21), at(24)) == first.judge(at(21), at(24))
    assert again.judge(at(21), at(24)) == {"Acme": {at(22): "gap", at(23): "gap"}}  # asked again


def test_a_brand_with_other_words_is_marked(store: Store, fill: Fill) -> None:
    fill(0, 4, 4)
    first = PipeWatch(store, ACME)
    assert first.judge(at(0), at(1)) == {}
    remember(store, [first.memory()])
    wider = (Brand(name="Acme", aliases=("acme bikes",)), ACME[1])
    assert PipeWatch(store, wider).judge(at(1), at(2)) == {"Acme": {at(1): "changed"}}


def test_what_was_judged_is_kept_and_read(store: Store) -> None:
    write_quality(store, {"Acme": {at(1): "gap"}, "Other": {at(1): "changed"}}, NOON)
    write_quality(store, {"Acme": {at(1): "gap"}}, NOON)
    assert read_quality(store, "Acme", since=at(0), until=at(9)) == {at(1): "gap"}


def test_hours_with_a_stall_are_not_seen(store: Store) -> None:
    found = {"Acme": {at(1): "gap", at(13): "changed", at(25): "catch_up"}}
    write_quality(store, found, NOON)  # type: ignore[arg-type]
    unseen = unseen_hours(store, since=at(0), until=at(48))
    assert unseen == {"Acme": {NOON, NOON + timedelta(hours=2)}}
