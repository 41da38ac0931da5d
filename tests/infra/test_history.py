"""A brand's past as it is read for a backtest of another query."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.history import posts_of_span
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def texts(store: Store, clean_post: Callable[..., CleanPost]) -> list[str]:
    """Posts every 80 seconds, then a day of nothing, then as many again, long and short."""
    posts = []
    for number in range(60):
        at = NOON + timedelta(seconds=80 * number, days=1 if number >= 30 else 0)
        clean = clean_post(
            post_id=f"x:{number}",
            position=number,
            cluster_id=number,
            text=f"{number} " + "smoke " * (number % 7),
            brands=("Acme", "Contoso") if number % 3 else ("Acme",),
            published_at=at,
        )
        sentiment = Sentiment("neutral", 0.1, 0.8, 0.1, "m-1")
        posts.append(ScoredPost(post=clean, sentiment=sentiment, scored_at=NOON))
    write_batch(store, posts, NOON)
    return sorted(post.post.text for post in posts)


@pytest.mark.parametrize("page_bytes", [1, 300, 1000, 1 << 20])
def test_each_post_comes_once_however_they_are_paged(
    store: Store, texts: list[str], page_bytes: int
) -> None:
    until = NOON + timedelta(days=2)
    found = posts_of_span(store, since=NOON, until=until, page_bytes=page_bytes)
    assert sorted(said.text for said in found) == texts


def test_only_what_the_span_holds(store: Store, texts: list[str]) -> None:
    since, until = NOON + timedelta(seconds=160), NOON + timedelta(seconds=400)
    found = posts_of_span(store, since=since, until=until)
    assert sorted(int(said.text.split()[0]) for said in found) == [2, 3, 4]
    assert not list(posts_of_span(store, since=until - timedelta(days=9), until=NOON))
