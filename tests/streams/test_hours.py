"""When hours are counted, beside other work."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from infra.hours import shown
from infra.posts import write_batch
from infra.store import Store
from processors.records import CleanPost, ScoredPost, Sentiment
from streams.hours import PAUSE, Hours

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def stored(store: Store, clean_post: Callable[..., CleanPost], number: int) -> None:
    post = clean_post(post_id=f"x:{number}", position=number, published_at=NOON)
    score = Sentiment("neutral", 0.1, 0.8, 0.1, "m")
    write_batch(store, [ScoredPost(post=post, sentiment=score, scored_at=NOON)], NOON)


def counted(store: Store) -> int:
    """Posts in counted hours."""
    rows = store.query("SELECT sum(arraySum(volumes)) FROM hour_counts FINAL")
    return int(rows[0][0])


def test_what_came_is_counted_after_a_pause_and_shown_before(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    seconds = 0.0
    hours = Hours(store, clock=lambda: seconds)
    span = {"since": NOON, "until": NOON + timedelta(hours=1)}
    for number in (1, 2):
        stored(store, clean_post, number)
        assert shown(store, **span) == {"Acme": {NOON: (number, 0)}}
        assert counted(store) == number - 1
        seconds += PAUSE
        hours.refresh()
        assert counted(store) == number
        assert shown(store, **span) == {"Acme": {NOON: (number, 0)}}
    stored(store, clean_post, 3)
    seconds += PAUSE / 2
    hours.refresh()
    assert counted(store) == 2


def test_a_slow_step_is_followed_by_a_long_pause(
    store: Store, clean_post: Callable[..., CleanPost]
) -> None:
    ticks = iter([0.0, 0.0, 0.0, 2.0, 41.0, 43.0, 43.0, 43.0])  # the first step takes 2 seconds
    hours = Hours(store, clock=lambda: next(ticks))
    stored(store, clean_post, 1)
    hours.refresh()
    assert counted(store) == 1
    stored(store, clean_post, 2)
    hours.refresh()  # at 41 s
    assert counted(store) == 1
    hours.refresh()  # at 43 s
    assert counted(store) == 2
