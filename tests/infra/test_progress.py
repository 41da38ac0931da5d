"""What is known of a feed's rows."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.posts import write_batch
from infra.progress import Progress, Tally, brand_counts, progress_of, receipts_from, report, tally
from infra.store import Store
from processors.records import DeadLetter, Drop, Label, ScoredPost, Sentiment
from tests.posts import clean_post

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def progress(**changed: object) -> Progress:
    fields = {"feed": "f", "clock": NOW, "sent": 9, "durable": 7, "state": "running"}
    return Progress(**{**fields, **changed})  # type: ignore[arg-type]


def scored(
    position: int,
    *,
    post_id: str = "",
    feed: str = "f",
    label: Label = "neutral",
    brands: tuple[str, ...] = ("Acme",),
) -> ScoredPost:
    post = clean_post(
        post_id=post_id or f"x:{position}",
        feed=feed,
        position=position,
        followers=0,
        text="t",
        key_text="t",
        brands=brands,
        published_at=NOW,
        received_at=NOW,
    )
    return ScoredPost(post=post, sentiment=Sentiment(label, 0.2, 0.6, 0.2, "m"), scored_at=NOW)


def dead(position: int) -> DeadLetter:
    return DeadLetter(
        feed="f", position=position, reason="not_json", detail="", payload=b"{", arrived_at=NOW
    )


def test_the_newest_report_counts(store: Store) -> None:
    assert progress_of(store, "f") is None
    report(store, progress(), NOW)
    report(store, progress(feed="g", clock=NOW + timedelta(days=1)), NOW)
    newest = progress(clock=NOW + timedelta(minutes=1, milliseconds=5), durable=9, state="finished")
    report(store, newest, NOW + timedelta(milliseconds=1))
    assert progress_of(store, "f") == newest


def test_a_report_counts_also_when_the_clock_went_back(store: Store) -> None:
    report(store, progress(durable=7), NOW)
    newest = progress(durable=9, state="finished")
    report(store, newest, NOW - timedelta(hours=1))
    assert progress_of(store, "f") == newest


def test_who_reports_again_needs_no_look_at_its_last_report(store: Store) -> None:
    version = report(store, progress(durable=7), NOW)
    newest = progress(durable=9, state="finished")
    assert report(store, newest, NOW - timedelta(hours=1), last=version) > version
    assert progress_of(store, "f") == newest


def test_every_receipt_has_one_outcome(store: Store) -> None:
    assert tally(store, "f") == Tally(stored=0, repeats=0, dead_letters=0, dropped={})
    batch = [
        scored(0),
        scored(1),
        scored(2, post_id="x:0"),
        Drop(feed="f", position=3, post_id="x:1", reason="repeat"),
        Drop(feed="f", position=4, post_id="x:4", reason="no_brand"),
        Drop(feed="f", position=5, post_id="x:5", reason="no_brand"),
        Drop(feed="f", position=6, post_id="x:6", reason="empty_text"),
        dead(7),
        dead(8),
        scored(0, feed="g", post_id="x:of-g"),
    ]
    for _ in range(2):  # a re-delivery changes no count
        write_batch(store, batch, NOW)
        found = tally(store, "f")
        assert found == Tally(
            stored=2, repeats=2, dead_letters=2, dropped={"no_brand": 2, "empty_text": 1}
        )
        assert receipts_from(store, "f", 0) == set(range(9))
    assert receipts_from(store, "f", 7) == {7, 8}
    assert receipts_from(store, "f", 9) == set()
    assert receipts_from(store, "nobody", 0) == set()
    assert tally(store, "g") == Tally(stored=1, repeats=0, dead_letters=0, dropped={})


def test_counts_of_brands(store: Store) -> None:
    assert brand_counts(store, "f") == {}
    batch = [
        scored(0, label="negative"),
        scored(1, label="positive", brands=("Acme", "Delta")),
        scored(2, label="negative", brands=("Delta",)),
        scored(0, feed="g", post_id="x:g"),
    ]
    for _ in range(2):
        write_batch(store, batch, NOW)
        assert brand_counts(store, "f") == {
            "Acme": {"posts": 2, "negative": 1, "neutral": 0, "positive": 1},
            "Delta": {"posts": 2, "negative": 1, "neutral": 0, "positive": 1},
        }


@pytest.mark.parametrize("feed", ["it's", "a'; DROP TABLE receipts; --", "北风", "x\\y"])
def test_names_of_feeds_are_only_names(feed: str, store: Store) -> None:
    report(store, progress(feed=feed), NOW)
    write_batch(store, [scored(0, feed=feed)], NOW)
    found = progress_of(store, feed)
    assert found
    assert found.feed == feed
    assert receipts_from(store, feed, 0) == {0}
    assert tally(store, feed).stored == 1
