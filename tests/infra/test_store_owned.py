"""The owner of a database, who knows what nobody has written: the same outcome with fewer looks."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from infra.erasures import erase
from infra.posts import Written, write_batch
from infra.store import Param, Row, Store, StoreUnavailable
from infra.store_owned import OwnedStore
from processors.records import Erasure, ScoredPost
from processors.store import KEY_COLUMNS, Item
from tests.posts import negative_post

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
DAY = timedelta(days=1)
CLAIMS = ("post_keys", "post_edits", "erasures")


def post(number: int = 1, position: int = 1, *, edited: bool = False, **changed: Any) -> ScoredPost:
    fields = {
        "post_id": f"x:{number}",
        "position": position,
        "published_at": AT,
        "received_at": AT,
        "edited_at": AT + DAY if edited else None,
    }
    return negative_post(scored_at=AT, **{**fields, **changed})


EDIT = post(1, 2, edited=True, brands=("Bolt",), text="of Bolt")
RIVAL = post(1, 0, published_at=AT - timedelta(hours=2))
DELETE = Erasure(feed="f", position=90, scope="post", id="x:1", at=AT + DAY)
ACCOUNT_DELETE = Erasure(feed="f", position=91, scope="author", id="x:ann", at=AT + DAY)


def outcome(store: Store) -> list[list[Row]]:
    """What anyone sees of the posts, and what became of their receipts."""
    return [
        store.query(
            "SELECT brand, post_id, published_at, text FROM counted_posts ORDER BY brand, post_id"
        ),
        store.query("SELECT position, outcome FROM receipts FINAL ORDER BY position"),
    ]


class Watched:
    """The store: what is asked about known posts, and what happens before an insert."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.looks = 0
        self.before: dict[str, Callable[[], object]] = {}

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows and (happens := self.before.pop(table, None)):
            happens()
        self.store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self.looks += sql.startswith("-- What is known of some posts")
        return self.store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.store.command(sql, params)

    def close(self) -> None:
        self.store.close()


@pytest.fixture
def below(store: Store) -> Watched:
    return Watched(store)


@pytest.fixture
def owned(below: Watched) -> OwnedStore:
    """Over an empty database, which it has read."""
    owned = OwnedStore(below)
    assert owned.maybe_known(["x:1"], ["x:ann"]) == ([], [])
    return owned


def test_new_posts_are_written_without_a_look(owned: OwnedStore, below: Watched) -> None:
    batch: list[Item] = [post(number, number) for number in range(50)]
    assert write_batch(owned, batch, AT).stored == 50
    assert below.looks == 0
    again: list[Item] = [post(7, 99), post(51, 51)]
    assert write_batch(owned, again, AT) == Written(stored=1, repeats=1, dropped=0, dead=0)
    assert below.looks == 1


# Of a writer who read that nobody knows the post, and slept before one of its writes.
@pytest.mark.parametrize("table", ["post_keys", "posts", "receipts"])
@pytest.mark.parametrize("other", [DELETE, ACCOUNT_DELETE, EDIT, RIVAL, post(1, 3)])
def test_what_somebody_else_does_meanwhile_is_seen(
    owned: OwnedStore, below: Watched, store: Store, table: str, other: Item
) -> None:
    below.before[table] = lambda: write_batch(owned, [other], AT)
    write_batch(owned, [post()], AT)
    [posts, receipts] = outcome(store)
    assert not below.before
    if isinstance(other, Erasure):
        assert posts == []
    elif other is EDIT:
        assert [row[0] for row in posts] == ["Bolt"]
    else:
        # After its claim the sleeper is not new any more to who comes.
        owner = 0 if other is RIVAL and table == "post_keys" else 1
        assert [row[2] for row in posts] == [RIVAL.post.published_at if owner == 0 else AT]
        assert [row[0] for row in receipts if row[1] == "stored"] == [owner]
    assert len(receipts) == 2


@pytest.mark.parametrize("table", ["post_keys", "posts", "receipts"])
def test_an_erasure_by_hand_meanwhile_is_seen(
    owned: OwnedStore, below: Watched, store: Store, table: str
) -> None:
    below.before[table] = lambda: erase(owned, [ACCOUNT_DELETE], AT, "cli")
    write_batch(owned, [post()], AT)
    assert outcome(store)[0] == []


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_what_was_there_before_is_known_after_a_restart(
    below: Watched, store: Store, page: int
) -> None:
    write_batch(store, [post(number, number) for number in range(3)], AT)
    write_batch(store, [post(4, 4, edited=True)], AT)
    erase(store, [replace(DELETE, id="x:5"), replace(ACCOUNT_DELETE, id="x:bob")], AT, "cli")
    owned = OwnedStore(below, page=page)
    batch: list[Item] = [
        *[post(number, 10 + number) for number in range(3)],  # repeats
        post(4, 14),  # what had been edited before it came
        post(5, 15),  # erased, as is the next one's author
        post(6, 16, author="bob"),
    ]
    for _ in range(8):
        assert write_batch(owned, batch, AT) == Written(stored=3, repeats=3, dropped=0, dead=0)
        assert [row[1] for row in outcome(store)[0]] == ["x:0", "x:1", "x:2", "x:4"]
    ids = [f"x:{number}" for number in range(8)]
    assert owned.maybe_known(ids, ["x:ann", "x:bob"]) == ([*ids[:3], *ids[4:7]], ["x:bob"])


def test_all_that_was_there_before_is_known(below: Watched, store: Store) -> None:
    """Enough of it for digests that end in zeros."""
    ids = [f"x:{number}" for number in range(3000)]
    store.insert("post_keys", KEY_COLUMNS, [(one, AT, "f", 1, ("Acme",), "f/1") for one in ids])
    authors = [f"x:ann{number}" for number in range(3000)]
    erasures = [("author", one, AT, "cli") for one in authors]
    store.insert("erasures", ("scope", "id", "at", "by"), erasures)
    owned = OwnedStore(below)
    assert owned.maybe_known([*ids, "y:1"], [*authors, "y:ann"]) == (ids, authors)


def test_what_failed_half_way_is_looked_for(owned: OwnedStore, below: Watched) -> None:
    def fail() -> None:
        raise StoreUnavailable("the disk is full")

    for table in ("post_keys", "posts", "receipts"):
        below.before[table] = fail
        with pytest.raises(StoreUnavailable):
            write_batch(owned, [post()], AT)
        assert owned.maybe_known(["x:1"], [])[0] == ["x:1"]
    assert write_batch(owned, [post()], AT).stored == 1
    assert write_batch(owned, [post(1, 2)], AT).repeats == 1


@pytest.mark.parametrize("table", CLAIMS)
def test_a_statement_about_claims_is_taken_for_a_write_of_any(
    owned: OwnedStore, store: Store, table: str
) -> None:
    claims = owned.claims
    owned.command(
        "INSERT INTO erasures (scope, id, at, by) SELECT 'post', 'x:1', now(), 'hand'"
        if table == "erasures"
        else f"INSERT INTO {table} (post_id) SELECT 'x:1'"
    )
    assert owned.claims > claims
    assert owned.maybe_known(["x:1", "x:2"], ["x:ann"]) == (["x:1"], [])


def test_a_write_that_cannot_be_noted_is_read(owned: OwnedStore) -> None:
    row = (b"x:1", AT, "f", 1, ("Acme",), "f/1")
    with pytest.raises(AttributeError):
        owned.insert("post_keys", KEY_COLUMNS, [row])
    assert owned.maybe_known(["x:1", "x:2"], []) == (["x:1"], [])


def test_a_write_counts_when_it_returns_and_is_noted_before(
    owned: OwnedStore, below: Watched
) -> None:
    seen: list[object] = []
    below.before["post_keys"] = lambda: seen.append(owned.claims)
    claims = owned.claims
    owned.insert("post_keys", KEY_COLUMNS, [("x:1", AT, "f", 1, ("Acme",), "f/1")])
    assert seen == [claims]
    assert owned.claims == claims + 1
    owned.insert("post_keys", KEY_COLUMNS, [])
    owned.insert("receivers", ("name", "since"), [("r", AT)])
    assert owned.claims == claims + 1


def test_writers_at_the_same_time_agree_on_every_owner(owned: OwnedStore, store: Store) -> None:
    """Four threads, each with its own receipts of the same posts, in batches of its own."""

    def work(writer: int) -> None:
        items = [post(number, 100 * writer + number) for number in range(40)]
        size = 3 + 4 * writer
        for start in range(0, len(items), size):
            write_batch(owned, items[start : start + size], AT)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    posts, receipts = outcome(store)
    assert len(posts) == 40
    assert len(receipts) == 160
    assert sum(told == "stored" for _, told in receipts) == 40
