"""Figures of everything that is stored."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from infra.audit import audit_row, read_audit, write_audit
from infra.erasures import erase
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.stats import (
    BrandFigures,
    FeedFigures,
    ScoringFigures,
    StageFigures,
    read_stats,
)
from infra.store import Store
from processors.records import (
    CleanPost,
    DeadLetter,
    Drop,
    Erasure,
    ScoredPost,
    Sentiment,
)

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NOW = datetime.now(UTC).replace(microsecond=0)
Clean = Callable[..., CleanPost]


def scored(clean_post: Clean, number: int, brands: tuple[str, ...] = ("Acme",)) -> ScoredPost:
    clean = clean_post(
        post_id=f"x:{number}",
        position=number,
        brands=brands,
        published_at=AT + timedelta(minutes=number),
    )
    sentiment = Sentiment(("negative", "neutral")[number % 2], 0.8, 0.1, 0.1, f"m-{number % 2}")
    return ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)


def dead(position: int, reason: str) -> DeadLetter:
    return DeadLetter(
        feed="f", position=position, reason=reason, detail="", payload=b"{", arrived_at=AT
    )


def test_an_empty_database(store: Store) -> None:
    stats = read_stats(store)
    assert (stats.brands, stats.models, stats.receipts, stats.feeds) == ((), {}, {}, ())
    assert (stats.waiting, stats.bytes_per_post, stats.audit) == (0, 0.0, ())


def test_posts_and_outcomes_each_once(store: Store, clean_post: Clean) -> None:
    batch = [
        *(scored(clean_post, n, ("Acme", "Bolt")) for n in range(5)),
        Drop(feed="f", position=10, post_id="x:10", reason="no_brand"),
        Drop(feed="f", position=11, post_id="x:11", reason="no_brand"),
        Drop(feed="f", position=12, post_id="x:12", reason="empty_text"),
        dead(20, "not_json"),
        dead(21, "wrong_type"),
    ]
    for _ in range(2):
        write_batch(store, batch, NOW)
    gone = Erasure(feed="hand", position=-1, scope="post", id="x:4", at=NOW)
    erase(store, [gone], NOW, "kim")
    stats = read_stats(store)
    assert stats.brands == tuple(
        BrandFigures(
            brand=brand,
            posts=4,
            negative=2,
            neutral=2,
            positive=0,
            backfill=0,
            first=AT,
            last=AT + timedelta(minutes=3),
            kept_days=400,
        )
        for brand in ("Acme", "Bolt")
    )
    assert stats.models == {"m-0": 4, "m-1": 4}
    assert stats.receipts == {"stored": 5, "dropped": 3, "dead": 2}
    assert stats.dropped == {"no_brand": 2, "empty_text": 1}
    assert stats.dead_letters == {"not_json": 1, "wrong_type": 1}
    assert stats.erasures == {"post": 1}
    size = {table.table: table.bytes for table in stats.tables}
    assert stats.bytes_on_disk == sum(size.values())
    assert stats.bytes_per_post == round(size["posts"] / 8, 1)


def test_a_dead_letter_that_was_put_right_is_none(store: Store) -> None:
    write_batch(store, [dead(20, "not_json")], NOW)
    columns = ("feed", "position", "post_id", "outcome", "reason")
    store.insert("receipts", columns, [("f", 20, "x:1", "stored", "")])
    stats = read_stats(store)
    assert (stats.dead_letters, stats.receipts) == ({}, {"stored": 1})


def test_what_waits_in_the_outbox(store: Store) -> None:
    columns = ("feed", "position", "payload", "arrived_at")
    store.insert("outbox", columns, [("f", n, b"{}", AT) for n in range(3)])
    store.insert("outbox", columns, [("f", 0, b"{}", AT)])
    assert read_stats(store).waiting == 3
    write_batch(store, [dead(1, "not_json"), dead(9, "not_json")], NOW)
    assert read_stats(store).waiting == 2


def test_feeds_stages_and_scorings(store: Store) -> None:
    progress = Progress(feed="f", clock=AT, sent=9, durable=8, state="running")
    report(store, progress, NOW)
    columns = ("id", "at", "stage", "kind", "detail")
    events = [(f"e{n}", AT + timedelta(hours=n), "score", "stalled", "{}") for n in range(2)]
    store.insert("stage_events", columns, [*events, ("e9", AT, "score", "poisoned", "{}")])
    store.insert("stage_events", columns, events)
    scorings = [("Acme", n, f"m-{n}", AT) for n in (1, 2)]
    store.insert("scorings", ("brand", "number", "model", "at"), scorings)
    stats = read_stats(store)
    assert stats.feeds == (
        FeedFigures(feed="f", clock=AT, sent=9, durable=8, state="running", updated_at=NOW),
    )
    assert stats.stage_events == (
        StageFigures(kind="poisoned", stage="score", times=1, last=AT),
        StageFigures(kind="stalled", stage="score", times=2, last=AT + timedelta(hours=1)),
    )
    assert stats.scorings == (ScoringFigures(brand="Acme", number=2, model="m-2", at=AT),)


def test_the_audit_newest_first_and_each_deed_once(store: Store) -> None:
    began = audit_row("erase", AT, "kim", {"done": False})
    done = audit_row("erase", AT, "kim", {"done": True})
    later = audit_row("erase", AT + timedelta(hours=1), "kim", {})
    for row in (began, later, done):
        write_audit(store, row)
    assert read_audit(store) == [later, done]
    assert read_audit(store, limit=1) == [later]
    assert read_stats(store).audit == (later, done)
    assert audit_row("erase", AT, "ann", {}).id != done.id
