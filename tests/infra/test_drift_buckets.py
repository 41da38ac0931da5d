"""What scores looked like, by bucket."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.drift_buckets import observed
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUCKET = timedelta(minutes=5)
Scored = Callable[..., ScoredPost]


@pytest.fixture
def scored(clean_post: Callable[..., CleanPost]) -> Scored:
    def make(
        number: int, at: datetime, *, lang: str = "en", sure: float = 0.5, model: str = "m1"
    ) -> ScoredPost:
        post = clean_post(
            post_id=f"x:{number}",
            position=number,
            cluster_id=number,
            lang=lang,
            brands=("Acme", "Delta"),
            published_at=at,
            received_at=at,
        )
        rest = (1 - sure) / 2
        sentiment = Sentiment("positive", rest, rest, sure, model, oov=sure / 2)
        return ScoredPost(post=post, sentiment=sentiment, scored_at=at)

    return make


def test_a_post_counts_once_however_many_brands_and_deliveries(
    store: Store, scored: Scored
) -> None:
    posts = [scored(n, NOON + n * timedelta(seconds=1), sure=0.5) for n in range(4)]
    posts.append(scored(4, NOON + BUCKET / 2, lang="de", sure=1.0, model="m2"))
    for _ in range(2):
        write_batch(store, posts, NOON)
    (found,) = observed(store, since=NOON, until=NOON + BUCKET)
    assert (found.start, found.posts, found.model) == (NOON, 5, "m1")
    assert found.confidence == pytest.approx(0.6)
    assert found.oov == pytest.approx(0.3)
    assert found.languages == {"en": 4, "de": 1}


def test_buckets_with_few_posts_are_left_out(store: Store, scored: Scored) -> None:
    few = [scored(n, NOON) for n in range(4)]
    enough = [scored(10 + n, NOON + BUCKET, lang="und", model="") for n in range(5)]
    after = [scored(20 + n, NOON + 2 * BUCKET) for n in range(5)]
    write_batch(store, [*few, *enough, *after], NOON)
    (found,) = observed(store, since=NOON, until=NOON + 2 * BUCKET)
    assert (found.start, found.posts, found.model) == (NOON + BUCKET, 5, "")
