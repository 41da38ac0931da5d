"""The life of a post on disk: edited, deleted, its author gone, and sent again after all that."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.corrections import post_texts
from infra.erasures import erase
from infra.posts import Written, write_batch
from infra.progress import tally
from infra.series import counts, recent_posts
from infra.store import Param, Row, Store
from processors.records import Erasure, Label, ScoredPost, Sentiment
from processors.store import Item
from tests.posts import clean_post

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
DAY = timedelta(days=1)


def post(
    post_id: str = "x:1",
    position: int = 1,
    brands: tuple[str, ...] = ("Acme",),
    *,
    text: str = "Oh no",
    label: Label = "negative",
    edited: timedelta | None = None,
    author: str = "ann",
    published_at: datetime = AT,
) -> ScoredPost:
    clean = clean_post(
        post_id=post_id,
        position=position,
        author=author,
        url="https://x.example/1",
        text=text,
        key_text=text.lower(),
        brands=brands,
        published_at=published_at,
        received_at=published_at,
        cluster_id=2**64 - 1,
        edited_at=None if edited is None else AT + edited,
    )
    return ScoredPost(post=clean, sentiment=Sentiment(label, 0.8, 0.1, 0.1, "m"), scored_at=AT)


def delete(post_id: str = "x:1", position: int = 90) -> Erasure:
    return Erasure(feed="f", position=position, scope="post", id=post_id, at=AT + DAY)


def account_delete(at: datetime = AT + DAY, author: str = "x:ann") -> Erasure:
    return Erasure(feed="f", position=91, scope="author", id=author, at=at)


def told(store: Store) -> dict[str, dict[datetime, tuple[int, int]]]:
    """Brand -> bucket -> posts, negative ones, as watch reads them."""
    found = counts(store, since=AT - DAY, until=AT + 9 * DAY)
    return {
        brand: {start: (bucket.volume, bucket.negative) for start, bucket in buckets.items()}
        for brand, buckets in found.items()
    }


def words(store: Store) -> list[Row]:
    return store.query("SELECT brand, post_id, text FROM counted_posts ORDER BY brand, post_id")


def test_an_edit_moves_the_counts_and_not_the_bucket(store: Store) -> None:
    write_batch(store, [post()], AT)
    late = AT + timedelta(hours=3)
    edit = post(
        position=2, text="Sorted", label="positive", edited=DAY, published_at=late, author="ann"
    )
    for _ in range(2):
        assert write_batch(store, [edit], AT) == Written(0, 0, 0, 0, edited=1)
        assert told(store) == {"Acme": {AT: (1, 0)}}
        assert words(store) == [("Acme", "x:1", "Sorted")]
    assert write_batch(store, [post()], AT).stored == 1  # sent again: the edit still counts
    assert words(store) == [("Acme", "x:1", "Sorted")]
    assert post_texts(store, ["x:1"])["x:1"].text == "Sorted"


@pytest.mark.parametrize("first", ["post", "edit"])
def test_an_edit_changes_the_brands(store: Store, first: str) -> None:
    batches: list[list[Item]] = [
        [post(brands=("Acme", "Bolt"))],
        [post(position=2, brands=("Bolt", "Zeta"), text="of Zeta", edited=DAY)],
    ]
    for batch in batches if first == "post" else batches[::-1]:
        write_batch(store, batch, AT)
    assert words(store) == [("Bolt", "x:1", "of Zeta"), ("Zeta", "x:1", "of Zeta")]
    assert post_texts(store, ["x:1"])["x:1"].text == "of Zeta"
    write_batch(store, [post(position=3, brands=(), text="", edited=2 * DAY)], AT)
    assert words(store) == []
    assert post_texts(store, ["x:1"]) == {}


def test_a_deleted_post_leaves_every_count_and_does_not_come_back(store: Store) -> None:
    batch: list[Item] = [post(brands=("Acme", "Bolt")), post("x:2", 2)]
    write_batch(store, batch, AT)
    assert write_batch(store, [delete()], AT + DAY) == Written(0, 0, 0, 0, erased=1)
    for again in (batch, [post(position=7, edited=2 * DAY, author="")], [delete()], batch):
        write_batch(store, again, AT + 2 * DAY)
        assert told(store) == {"Acme": {AT: (1, 1)}}
        assert words(store) == [("Acme", "x:2", "Oh no")]
    assert [known.post_id for known in recent_posts(store, limit=9)] == ["x:2"]
    kept = store.query("SELECT DISTINCT author, text, key_text, url FROM posts FINAL")
    assert kept == [("ann", "Oh no", "oh no", "https://x.example/1")]
    found = tally(store, "f")
    assert (found.stored, found.edited, found.erased) == (2, 1, 1)


def test_the_words_of_a_deleted_post_go_from_the_disk(store: Store) -> None:
    write_batch(store, [post(text="a secret"), post("x:2", 2)], AT)
    write_batch(store, [delete()], AT)
    store.command("OPTIMIZE TABLE posts FINAL")
    assert store.query("SELECT count() FROM posts WHERE text = 'a secret'") == [(0,)]


@pytest.mark.parametrize("first", ["posts", "erasure"])
def test_an_account_delete_spares_later_posts_and_namesakes(store: Store, first: str) -> None:
    batches: list[list[Item]] = [
        [
            post("x:1", 1, ("Acme", "Bolt")),
            post("x:2", 2, published_at=AT + DAY),
            post("x:3", 3, published_at=AT + 2 * DAY),
            post("x:4", 4, author="bob"),
            post("x:5", 5, author=""),
        ],
        [account_delete(), account_delete(author="x:"), account_delete(author="y:bob")],
    ]
    for batch in batches if first == "posts" else batches[::-1]:
        write_batch(store, batch, AT)
    assert [row[1] for row in words(store)] == ["x:3", "x:4", "x:5"]
    # An edit that names nobody is of a post that is known to be gone.
    write_batch(store, [post("x:1", 8, edited=3 * DAY, author="")], AT)
    assert [row[1] for row in words(store)] == ["x:3", "x:4", "x:5"]


def test_of_two_deletes_of_an_account_the_later_one_counts(store: Store) -> None:
    write_batch(store, [account_delete(AT + 2 * DAY)], AT)
    write_batch(store, [account_delete(AT)], AT)
    write_batch(store, [post(published_at=AT + DAY)], AT)
    assert words(store) == []


def test_an_erasure_before_its_post_keeps_it_away(store: Store) -> None:
    write_batch(store, [delete()], AT)
    assert write_batch(store, [post()], AT).stored == 1
    assert words(store) == []
    write_batch(store, [post("x:2", 2), delete("x:2", 92)], AT)  # in one batch
    assert words(store) == []


def test_erasing_says_how_many_rows_stopped_counting(store: Store) -> None:
    write_batch(store, [post(brands=("Acme", "Bolt")), post("x:2", 2), post("y'\0:3", 3)], AT)
    both = [delete("x:2"), account_delete(AT)]
    assert erase(store, both, AT, "cli") == 4
    assert erase(store, both, AT, "cli") == 0
    assert erase(store, [delete("y'\0:3"), delete("never seen")], AT, "cli") == 0
    assert erase(store, [], AT, "cli") == 0
    by = store.query("SELECT DISTINCT by FROM erasures FINAL")
    assert by == [("cli",)]


def test_more_erasures_than_one_lookup_takes(store: Store) -> None:
    write_batch(store, [post(f"x:{n}", n) for n in range(1100)], AT)
    assert erase(store, [delete(f"x:{n}") for n in range(1050)], AT, "cli") == 1050
    assert told(store) == {"Acme": {AT: (50, 50)}}


class Interrupting:
    """The store; just before the given insert something else happens there."""

    def __init__(self, store: Store, table: str, batch: Sequence[Item]) -> None:
        self.store = store
        self.table = table
        self.meanwhile: Callable[[], object] = lambda: write_batch(store, batch, AT)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows and table == self.table:
            self.table = ""
            self.meanwhile()
        self.store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self.store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.store.command(sql, params)

    def close(self) -> None:
        self.store.close()


class Blind:
    """The store, to one who looked before anybody had claimed anything."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.looks = 0
        self.insert, self.command, self.close = store.insert, store.command, store.close

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self.looks += 1
        return [] if self.looks == 1 else self.store.query(sql, params)


@pytest.mark.parametrize("table", ["post_keys", "posts"])
@pytest.mark.parametrize("other", [delete(), account_delete()])
def test_a_writer_that_slept_through_an_erasure_brings_nothing_back(
    store: Store, table: str, other: Erasure
) -> None:
    write_batch(Interrupting(store, table, [other]), [post()], AT)
    assert words(store) == []


@pytest.mark.parametrize("table", ["post_keys", "posts"])
def test_a_writer_that_slept_through_an_edit_does_not_undo_it(store: Store, table: str) -> None:
    edit = post(position=2, brands=("Bolt",), text="of Bolt", edited=DAY)
    write_batch(Interrupting(store, table, [edit]), [post()], AT)
    assert words(store) == [("Bolt", "x:1", "of Bolt")]
    assert write_batch(store, [post(position=3)], AT).repeats == 1


def test_two_writers_that_saw_a_post_first_agree_on_its_owner_and_bucket(store: Store) -> None:
    other = post(position=2, published_at=AT - timedelta(hours=2))
    write_batch(Interrupting(store, "post_keys", [other]), [post()], AT)
    assert told(store) == {"Acme": {AT: (1, 1)}}
    assert (tally(store, "f").stored, tally(store, "f").repeats) == (1, 1)
    store.command("OPTIMIZE TABLE post_keys FINAL")
    assert write_batch(store, [post(), other], AT) == Written(1, 1, 0, 0)
    assert told(store) == {"Acme": {AT: (1, 1)}}


@pytest.mark.parametrize("hours", [2, 0])
def test_a_writer_that_slept_before_its_receipts_does_not_own_the_post_twice(
    store: Store, hours: int
) -> None:
    """Both had read that nobody knows the post: the rival writes between."""
    other = post(position=1, published_at=AT - timedelta(hours=hours))
    sleeper = Interrupting(Interrupting(store, "post_keys", [other]), "receipts", [other])
    assert write_batch(sleeper, [post(position=2)], AT) == Written(0, 1, 0, 0)
    assert (tally(store, "f").stored, tally(store, "f").repeats) == (1, 1)


def test_a_sleeper_does_not_replace_the_owner_who_saw_it(store: Store) -> None:
    """The loser claimed, slept before its posts, and has another text in the same hour."""
    owner = post(position=1, text="the owner's", brands=("Acme",))
    before = post(position=2, text="the sleeper's", published_at=AT + timedelta(minutes=4))
    sleeper = Interrupting(store, "posts", [])
    sleeper.meanwhile = lambda: write_batch(Blind(store), [owner], AT)
    write_batch(sleeper, [before], AT)
    assert words(store) == [("Acme", "x:1", "the owner's")]
    assert told(store) == {"Acme": {AT: (1, 1)}}
    assert (tally(store, "f").stored, tally(store, "f").repeats) == (1, 1)


def test_a_place_that_was_given_up_can_be_taken_again(store: Store) -> None:
    """Of three first sights the last one, which owns the post, is in an hour that had lost."""
    early, late = AT - timedelta(hours=5), AT
    first, second = post(position=2, published_at=early), post(position=3, published_at=late)
    write_batch(Interrupting(store, "post_keys", [second]), [first], AT)
    assert told(store) == {"Acme": {early: (1, 1)}}
    write_batch(Blind(store), [post(position=1, published_at=late)], AT)
    assert told(store) == {"Acme": {late: (1, 1)}}
    write_batch(store, [post(position=9, text="Sorted", edited=DAY)], AT)
    assert words(store) == [("Acme", "x:1", "Sorted")]
    assert store.query("SELECT count() FROM erasures") == [(0,)]


def test_how_long_a_post_is_kept_is_its_brands(store: Store) -> None:
    batch = [post(brands=("Acme", "Bolt"))]
    write_batch(store, batch, AT, kept_days={"Bolt": 30})
    found = store.query("SELECT brand, kept_days, is_backfill FROM posts FINAL ORDER BY brand")
    assert found == [("Acme", 400, 0), ("Bolt", 30, 0)]


def test_what_refine_remembers_of_an_edited_post(store: Store) -> None:
    write_batch(store, [post(), post("x:2", 2)], AT)
    write_batch(store, [post(position=3, edited=DAY), post("x:2", 4, (), edited=DAY)], AT)
    store.command("OPTIMIZE TABLE posts FINAL")
    # The receipt of the edit is not the post's: that one may still come.
    assert [(known.post_id, known.feed) for known in recent_posts(store, limit=9)] == [("x:1", "")]
