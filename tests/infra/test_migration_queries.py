"""A database made before posts kept the query that found them: its posts stay, and count."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from infra.migrate import migrate
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment
from processors.store import POST_COLUMNS

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)


@pytest.fixture
def older(store: Store) -> Iterator[Store]:
    """With the view of before; what is inserted has no such column either."""
    store.command(
        "CREATE OR REPLACE VIEW counted_posts AS SELECT * EXCEPT (query) FROM posts FINAL"
    )
    store.command("DROP TABLE IF EXISTS migrations SYNC")
    yield store
    migrate(store)


def test_posts_are_found_by_a_query_that_is_not_known(
    older: Store, clean_post: Callable[..., CleanPost]
) -> None:
    columns = [one for one in POST_COLUMNS if one not in ("query", "first_said_by")]
    values = {"brand": "Acme", "published_at": AT, "post_id": "x:1", "version": 1, "kept_days": 400}
    times = dict.fromkeys(("received_at", "scored_at", "stored_at"), AT)
    numbers = dict.fromkeys(("position", "followers", "cluster_id"), 1)
    flags = ("is_duplicate", "is_repost", "is_spam", "is_deleted", "abstained", "is_backfill")
    shares = dict.fromkeys(("p_negative", "p_neutral", "p_positive", "oov"), 0.25)
    row = {**dict.fromkeys(columns, "a"), **values, **times, **numbers, **shares}
    row |= dict.fromkeys(flags, 0)
    older.insert("posts", columns, [tuple(row[column] for column in columns)])

    assert "0016_queries" in migrate(older)
    clean = clean_post(
        post_id="x:2",
        position=2,
        brands=("Acme", "Other", "Zeta"),
        queries=("1234abcd", "", "5678abcd"),
        published_at=AT,
    )
    sentiment = Sentiment("neutral", 0.3, 0.4, 0.3, "m")
    scored = ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)
    for _ in range(2):
        write_batch(older, [scored], AT)

    found = older.query("SELECT post_id, brand, query FROM counted_posts ORDER BY post_id, brand")
    assert found == [
        ("x:1", "Acme", ""),
        ("x:2", "Acme", "1234abcd"),
        ("x:2", "Other", ""),
        ("x:2", "Zeta", "5678abcd"),
    ]
    assert migrate(older) == []


def test_an_edit_is_found_by_the_query_of_its_time(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    sentiment = Sentiment("neutral", 0.3, 0.4, 0.3, "m")
    first = clean_post(published_at=AT, brands=("Acme", "Other"), queries=("1111", "1111"))
    edit = clean_post(
        position=2, published_at=AT, edited_at=AT, text="new", brands=("Acme",), queries=("2222",)
    )
    for post in (first, edit, first):
        write_batch(store, [ScoredPost(post=post, sentiment=sentiment, scored_at=AT)], AT)
    assert store.query("SELECT brand, query FROM counted_posts") == [("Acme", "2222")]
