"""Batches into the tables, with crashes between any two writes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.posts import Written, write_batch
from infra.store import Param, Row, Store, StoreUnavailable
from processors.records import DeadLetter, Drop, ScoredPost
from processors.store import Item
from tests.posts import negative_post

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)


def post(post_id: str, position: int, brands: tuple[str, ...] = ("Acme",)) -> ScoredPost:
    return negative_post(
        post_id=post_id,
        position=position,
        brands=brands,
        published_at=AT + timedelta(seconds=position),
        received_at=AT,
        cluster_id=2**64 - 1,
        scored_at=AT,
    )


def dead(position: int) -> DeadLetter:
    return DeadLetter(
        feed="f",
        position=position,
        reason="not_json",
        detail="it's",
        payload=b"\xff\x00{",
        arrived_at=AT,
    )


def tally(store: Store) -> dict[str, int]:
    return dict(store.query("SELECT outcome, count() FROM receipts FINAL GROUP BY outcome"))


class Failing:
    """The store, until the given write."""

    def __init__(self, store: Store, writes: int) -> None:
        self.store = store
        self.writes = writes

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        if self.writes == 0:
            raise StoreUnavailable("the disk is full")
        self.writes -= 1
        self.store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self.store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.store.command(sql, params)

    def close(self) -> None:
        self.store.close()


BATCH: list[Item] = [
    post("x:1", 1, ("Acme", "Bolt")),
    post("x:1", 2),
    post("x:2", 3),
    Drop(feed="f", position=4, post_id="x:3", reason="no_brand"),
    dead(5),
]


def test_a_batch_lands_in_its_tables(store: Store) -> None:
    assert write_batch(store, BATCH, AT) == Written(stored=2, repeats=1, dropped=1, dead=1)
    assert store.query("SELECT brand, post_id FROM posts FINAL ORDER BY brand, post_id") == [
        ("Acme", "x:1"),
        ("Acme", "x:2"),
        ("Bolt", "x:1"),
    ]
    assert store.query("SELECT payload, detail, arrived_at FROM dead_letters FINAL") == [
        (b"\xff\x00{", "it's", AT)
    ]
    assert tally(store) == {"stored": 2, "repeat": 1, "dropped": 1, "dead": 1}


@pytest.mark.parametrize("writes", range(5))
def test_a_crash_between_any_writes_is_made_good_by_the_same_batch(
    store: Store, writes: int
) -> None:
    if writes < 4:
        with pytest.raises(StoreUnavailable):
            write_batch(Failing(store, writes), BATCH, AT)
        # a receipt on disk means that all of it is
        assert tally(store) == {}
    else:
        write_batch(store, BATCH, AT)
    for later in (1, 2):
        again = [*BATCH[1:], BATCH[0]] if later == 2 else BATCH
        written = write_batch(store, again, AT + timedelta(minutes=later))
        assert written == Written(stored=2, repeats=1, dropped=1, dead=1)
    assert store.query("SELECT brand, count() FROM posts FINAL GROUP BY 1 ORDER BY 1") == [
        ("Acme", 2),
        ("Bolt", 1),
    ]
    assert tally(store) == {"stored": 2, "repeat": 1, "dropped": 1, "dead": 1}


def test_the_first_sight_of_a_post_decides_for_ever(store: Store) -> None:
    write_batch(store, [post("x:1", 1)], AT)
    changed = post("x:1", 1, ("Other",))
    assert write_batch(store, [changed], AT).stored == 1
    assert write_batch(store, [post("x:1", 9, ("Other",))], AT).repeats == 1
    rows = store.query("SELECT brand, published_at FROM posts FINAL")
    assert rows == [("Acme", AT + timedelta(seconds=1))]


@pytest.mark.parametrize(
    "native", ["it's", "a,b", "back\\slash", "nul\0", "line\nfeed", "{ids:String}", "🎉", "%s", ""]
)
def test_ids_may_hold_anything(store: Store, native: str) -> None:
    batch = [post(f"x:{native}", 1), post("x:", 2), post("x:a", 3)]
    distinct = len({item.post.post_id for item in batch})
    for _ in range(2):
        assert write_batch(store, batch, AT).stored == distinct
    assert store.query("SELECT count() FROM posts FINAL") == [(distinct,)]


def test_more_ids_than_one_lookup_takes(store: Store) -> None:
    batch: list[Item] = [post(f"x:{n}", n) for n in range(1200)]
    assert write_batch(store, batch, AT).stored == 1200
    repeats: list[Item] = [post(f"x:{n}", 5000 + n) for n in range(1200)]
    assert write_batch(store, repeats, AT) == Written(0, 1200, 0, 0)


def test_an_empty_batch_writes_nothing(store: Store) -> None:
    assert write_batch(Failing(store, 4), [], AT) == Written(0, 0, 0, 0)
    assert tally(store) == {}


class Counting(Failing):
    """Counts what is asked."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, -1)
        self.asked = 0

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self.asked += 1
        return super().query(sql, params)


def test_where_nobody_else_writes_a_batch_asks_twice(store: Store) -> None:
    counting = Counting(store)
    batch: list[Item] = [post(f"x:{n}", n) for n in range(50)]
    write_batch(counting, batch, AT)
    assert counting.asked == 2


class Late(Failing):
    """The store; just before its receipts those of another writer are there."""

    def __init__(self, store: Store, batch: Sequence[Item]) -> None:
        super().__init__(store, -1)
        self.batch = batch

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if table == "receipts" and self.batch:
            batch, self.batch = self.batch, ()
            write_batch(self.store, batch, AT)
        super().insert(table, columns, rows)


@pytest.mark.parametrize("company", [[], [post("x:2", 2)]])
def test_a_dead_letter_does_not_replace_an_outcome_that_came_meanwhile(
    store: Store, company: list[Item]
) -> None:
    written = write_batch(Late(store, [post("x:1", 1)]), [dead(1), *company], AT)
    assert written == Written(stored=len(company), repeats=0, dropped=0, dead=0)
    assert tally(store) == {"stored": 1 + len(company)}
    assert store.query("SELECT post_id FROM receipts FINAL WHERE position = 1") == [("x:1",)]
