"""The outbox: accepted is on disk, finished is gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.intake import (
    Given,
    OutboxFull,
    accept,
    forget,
    given,
    sizes,
    waiting,
    with_outcome,
)
from infra.store import Store, StoreUnavailable

NOW = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)
FEED = "push:1"
HOSTILE = ["it's", "a:b,c", "北风", "x\\y", "'; DROP TABLE outbox; --"]


def keys(store: Store, limit: int = 100) -> list[tuple[str, int]]:
    return [row.key for row in waiting(store, limit)]


def add_receipts(store: Store, *receipts: tuple[str, int]) -> None:
    columns = ("feed", "position", "post_id", "outcome", "reason")
    store.insert("receipts", columns, [(*receipt, "x:1", "stored", "") for receipt in receipts])


def test_rows_come_back_byte_by_byte(store: Store) -> None:
    items = [b'{"a": 1}', b"\xff\xfe\x00", b"", "北".encode()]
    assert accept(store, feed=FEED, items=items, now=NOW, first_position=7) == range(7, 11)
    assert sizes(store, [*keys(store), (FEED, 99)]) == {
        (FEED, at): len(items[at - 7]) for at in range(7, 11)
    }
    assert given(store, [(FEED, 9), (FEED, 99), (FEED, 8), (FEED, 7)]) == [
        Given(feed=FEED, position=at, topic="posts.raw", payload=items[at - 7], arrived_at=NOW)
        for at in (9, 8, 7)
    ]


def test_the_same_again_is_the_same_row(store: Store) -> None:
    for _ in range(3):
        accept(store, feed=FEED, items=[b"a", b"b"], now=NOW, first_position=0)
    assert keys(store) == [(FEED, 0), (FEED, 1)]


def test_the_oldest_come_first(store: Store) -> None:
    later = NOW + timedelta(milliseconds=1)
    accept(store, feed="push:a", items=[b"a"], now=later, first_position=0)
    accept(store, feed="push:c", items=[b"c"], now=NOW, first_position=0)
    accept(store, feed="push:b", items=[b"b"] * 11, now=NOW, first_position=0)
    everything = [("push:b", at) for at in range(11)] + [("push:c", 0), ("push:a", 0)]
    assert keys(store) == everything
    assert keys(store, limit=3) == everything[:3]


def test_too_much_waiting_is_refused_and_nothing_is_taken(store: Store) -> None:
    accept(store, feed=FEED, items=[b"a", b"b"], now=NOW, first_position=0, most=2)
    with pytest.raises(OutboxFull, match="2 rows wait"):
        accept(store, feed=FEED, items=[b"c"], now=NOW, first_position=2, most=2)
    assert keys(store) == [(FEED, 0), (FEED, 1)]
    assert issubclass(OutboxFull, StoreUnavailable)  # whoever retries the one retries the other


@pytest.mark.parametrize("feed", HOSTILE)
def test_finished_rows_go_and_no_others(
    feed: str, store: Store, eventually: Callable[..., Any]
) -> None:
    accept(store, feed=feed, items=[b"x"] * 5, now=NOW, first_position=0)
    accept(store, feed="push:other", items=[b"y"], now=NOW, first_position=0)
    add_receipts(store, (feed, 1), (feed, 3), (feed, 30), ("push:third", 2))
    done = with_outcome(store, [(feed, at) for at in range(5)] + [("push:other", 0)])
    assert done == {(feed, 1), (feed, 3)}
    forget(store, list(done))
    left = {(feed, 0), (feed, 2), (feed, 4), ("push:other", 0)}
    eventually(lambda: set(keys(store)) == left, what="the finished rows gone")
    accept(store, feed=feed, items=[b"x"], now=NOW, first_position=3)
    assert (feed, 3) in keys(store)  # given again after it went


def test_a_row_whose_outcome_was_taken_back_stays(
    store: Store, eventually: Callable[..., Any]
) -> None:
    accept(store, feed=FEED, items=[b"x"] * 2, now=NOW, first_position=0)
    add_receipts(store, (FEED, 0))
    forget(store, [(FEED, 0), (FEED, 1)])
    eventually(lambda: keys(store) == [(FEED, 1)], what="the row with an outcome gone")
    unfinished = "SELECT count() FROM system.mutations WHERE table = 'outbox' AND NOT is_done"
    eventually(lambda: store.query(unfinished) == [(0,)], what="the deletion over")
    assert keys(store) == [(FEED, 1)]


def test_many_rows_at_once(store: Store, eventually: Callable[..., Any]) -> None:
    accept(store, feed=FEED, items=[b"x" * 5_000] * 4_500, now=NOW, first_position=0)
    everything = [(FEED, at) for at in range(4_500)]
    assert keys(store, limit=9_999) == everything
    assert [row.position for row in given(store, everything)] == list(range(4_500))
    add_receipts(store, *everything)
    assert with_outcome(store, everything) == set(everything)
    forget(store, everything)
    eventually(lambda: not keys(store), seconds=30, what="an empty outbox")


def test_nothing_to_do_is_nothing_done(store: Store) -> None:
    assert accept(store, feed=FEED, items=[], now=NOW, first_position=0) == range(0)
    assert waiting(store, 5) == given(store, []) == []
    assert with_outcome(store, []) == set()
    forget(store, [])
