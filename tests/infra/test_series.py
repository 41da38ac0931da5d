"""What watch reads and remembers."""

from datetime import datetime, timedelta

from forecasting.records import BUCKET, Forecast
from infra.posts import write_batch
from infra.progress import FeedState, Progress, report
from infra.series import (
    PAGE_BYTES,
    Clock,
    Memory,
    counts,
    earliest_post,
    line_clock,
    memories,
    recent_posts,
    remember,
    write_forecast,
)
from infra.store import Store
from processors.records import ScoredPost
from tests.posts import NEUTRAL, NOON
from tests.posts import numbered_post as scored

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def write(store: Store, *posts: ScoredPost) -> None:
    write_batch(store, posts, NOON + timedelta(seconds=3))


def says(store: Store, feed: str, clock: datetime, state: FeedState, *, at: int) -> None:
    progress = Progress(feed=feed, clock=clock, sent=0, durable=0, state=state)
    report(store, progress, NOON + timedelta(seconds=at))


def test_the_slowest_running_feed_is_the_clock(store: Store) -> None:
    assert line_clock(store) is None
    says(store, "a", NOON, "running", at=0)
    assert line_clock(store) == Clock(NOON, running=True)
    says(store, "b", NOON - DAY, "running", at=0)
    assert line_clock(store) == Clock(NOON - DAY, running=True)
    says(store, "b", NOON + DAY, "running", at=1)
    assert line_clock(store) == Clock(NOON, running=True)


def test_a_finished_feed_holds_nobody_up(store: Store) -> None:
    says(store, "old", NOON - 365 * DAY, "finished", at=0)
    says(store, "new", NOON, "running", at=0)
    assert line_clock(store) == Clock(NOON, running=True)
    says(store, "new", NOON + MINUTE, "finished", at=1)
    assert line_clock(store) == Clock(NOON + MINUTE, running=False)


def test_counts_tell_voices_from_repeats(store: Store) -> None:
    write(
        store,
        scored(1),
        scored(2, sentiment=NEUTRAL),
        scored(3, is_duplicate=True),
        scored(4, is_repost=True),
        scored(5, is_spam=True, sentiment=NEUTRAL),
        scored(6, NOON + BUCKET - timedelta(milliseconds=1)),
        scored(7, NOON + BUCKET, brands=("Acme", "Delta")),
        scored(8, NOON + 2 * BUCKET),
        scored(9, NOON - timedelta(milliseconds=1)),
    )
    found = counts(store, since=NOON, until=NOON + 2 * BUCKET)
    assert set(found) == {"Acme", "Delta"}
    assert set(found["Acme"]) == {NOON, NOON + BUCKET}
    first = found["Acme"][NOON]
    assert (first.start, first.volume, first.negative) == (NOON, 6, 4)
    assert (first.voices, first.negative_voices) == (3, 2)
    assert found["Delta"][NOON + BUCKET] == found["Acme"][NOON + BUCKET]
    write(store, scored(1))  # again
    assert counts(store, since=NOON, until=NOON + 2 * BUCKET) == found


def test_the_earliest_post(store: Store) -> None:
    assert earliest_post(store) is None
    write(store, scored(1), scored(2, NOON - DAY), scored(3, NOON + DAY))
    assert earliest_post(store) == NOON - DAY


def test_the_later_bucket_is_what_is_remembered(store: Store) -> None:
    assert memories(store) == {}
    first = Memory(brand="", bucket=NOON, state="", verdict="")
    old = Memory(brand="Acme", bucket=NOON, state='{"it\'s": 1}', verdict="null")
    new = Memory(brand="Acme", bucket=NOON + BUCKET, state="{}", verdict="{}")
    remember(store, [first, new])
    remember(store, [old])  # a watcher that was killed and judges again
    assert memories(store) == {"": first, "Acme": new}


def test_what_refine_remembers(store: Store) -> None:
    assert list(recent_posts(store, limit=2)) == []
    write(store, *(scored(n, NOON + n * MINUTE, brands=("Acme", "Delta")) for n in range(4)))
    found = list(recent_posts(store, limit=2))
    assert [post.post_id for post in found] == ["x:2", "x:3"]
    assert [(post.feed, post.position) for post in found] == [("f", 2), ("f", 3)]
    assert (found[0].key_text, found[0].is_duplicate) == ("text 2", False)
    assert found[0].cluster_id == 2**64 - 3


def test_what_refine_remembers_of_a_post_written_twice_is_what_was_written_last(
    store: Store,
) -> None:
    write(store, scored(1), scored(2))
    write_batch(store, [scored(1, cluster_id=7)], NOON + DAY)
    found = list(recent_posts(store, limit=10))
    assert [(post.post_id, post.cluster_id) for post in found] == [("x:1", 7), ("x:2", 2**64 - 3)]


def test_pages_are_of_bytes_and_hold_each_post_once_whatever_comes_at_one_time(
    store: Store,
) -> None:
    long = "x" * (PAGE_BYTES // 16)
    posts = [
        scored(n, NOON + n // 20 * MINUTE, brands=("Acme", "Delta"), key_text=f"{n} {long}")
        for n in range(60)
    ]
    for start in range(0, 60, 20):
        write(store, *posts[start : start + 20])
    found = [post.post_id for post in recent_posts(store, limit=50)]
    assert len(found) == 50
    assert sorted(found) == sorted(set(found))
    # By time, and at one time by id.
    assert found == sorted(found, key=lambda name: (int(name[2:]) // 20, name))
    assert {f"x:{n}" for n in range(20, 60)} <= set(found)


def test_a_forecast_is_kept_as_it_was_made(store: Store) -> None:
    made = Forecast(
        starts=(NOON, NOON + BUCKET), mean=(1.5, 2.0), lower=(0.0, 0.5), upper=(4.0, 5.0), model="m"
    )
    for _ in range(2):
        write_forecast(store, "Acme", series="negative", step=BUCKET, made=made, at=NOON)
    write_forecast(store, "Acme", series="volume", step=timedelta(hours=1), made=made, at=NOON)
    rows = store.query(
        "SELECT series, step, bucket, mean, lower, upper, model FROM forecasts FINAL "
        "ORDER BY series, bucket"
    )
    assert rows == [
        ("negative", "5m", NOON, 1.5, 0.0, 4.0, "m"),
        ("negative", "5m", NOON + BUCKET, 2.0, 0.5, 5.0, "m"),
        ("volume", "60m", NOON, 1.5, 0.0, 4.0, "m"),
        ("volume", "60m", NOON + BUCKET, 2.0, 0.5, 5.0, "m"),
    ]


def test_the_clock_of_one_feed_goes_on_beside_an_abandoned_one(store: Store) -> None:
    for feed, clock in (("abandoned", NOON - DAY), ("ours", NOON)):
        progress = Progress(feed=feed, clock=clock, sent=1, durable=1, state="running")
        report(store, progress, NOON)
    assert line_clock(store, "ours") == Clock(NOON, running=True)
    assert line_clock(store) == Clock(NOON - DAY, running=True)
