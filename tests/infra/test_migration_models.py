"""A database made before scores said whether they abstained keeps its posts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from infra.migrate import known_migrations, migrate
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment
from processors.store import POST_COLUMNS

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
NEW = ("abstained", "oov")
LATER = ("is_backfill", "kept_days", "query", "first_said_by")  # of the migrations after it


@pytest.fixture
def older(store: Store) -> Iterator[Store]:
    """The tables as the first three migrations leave them."""
    for column in NEW:
        store.command(f"ALTER TABLE posts DROP COLUMN IF EXISTS {column}")
    for table in ("corrections", "model_events", "migrations"):
        store.command(f"DROP TABLE IF EXISTS {table} SYNC")
    migrate(store, known_migrations()[:3])
    yield store
    migrate(store)


def test_posts_of_an_older_database_get_the_new_columns(
    older: Store, clean_post: Callable[..., CleanPost]
) -> None:
    old_columns = [column for column in POST_COLUMNS if column not in (*NEW, *LATER)]
    values = {"brand": "Acme", "published_at": AT, "post_id": "x:1", "version": 1}
    times = dict.fromkeys(("received_at", "scored_at", "stored_at"), AT)
    numbers = dict.fromkeys(("position", "followers", "cluster_id"), 1)
    flags = dict.fromkeys(("is_duplicate", "is_repost", "is_spam", "is_deleted"), 0)
    shares = dict.fromkeys(("p_negative", "p_neutral", "p_positive"), 0.25)
    row = {**dict.fromkeys(old_columns, "a"), **values, **times, **numbers, **flags, **shares}
    older.insert("posts", old_columns, [tuple(row[column] for column in old_columns)])

    assert "0004_models" in migrate(older)
    clean = clean_post(post_id="x:2", position=2, cluster_id=2, published_at=AT, received_at=AT)
    sentiment = Sentiment("neutral", 0.3, 0.4, 0.3, "m", True, 0.25)
    write_batch(older, [ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)], AT)

    found = older.query("SELECT post_id, abstained, oov FROM posts FINAL ORDER BY post_id")
    assert found == [("x:1", 0, 0.0), ("x:2", 1, 0.25)]
    assert older.query("SELECT count() FROM corrections") == [(0,)]
    assert older.query("SELECT count() FROM model_events") == [(0,)]
