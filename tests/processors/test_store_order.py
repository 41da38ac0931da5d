"""Whatever the order, the batches and the repetition, also with two writers at once: the same rows.

The tables are modelled by their rules: a row replaces an earlier one of its sort key unless that
has a higher version.
"""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.known import Key, Known, OnDisk
from processors.post_rows import rows_of_erased
from processors.records import Erasure, ScoredPost, Sentiment
from processors.store import POST_COLUMNS, Item, authors_of, plan_writes, post_ids
from processors.version import content_of
from tests.posts import clean_post

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
STORED = AT + timedelta(days=1)
MINUTE = timedelta(minutes=1)


class Tables:
    """What two writers share."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], Key] = {}
        self.edits: dict[str, dict[int, tuple[str, ...]]] = {}
        self.erased: dict[tuple[str, str], datetime] = {}
        self.posts: dict[tuple[str, datetime, str], dict[str, Any]] = {}
        self.receipts: dict[tuple[str, int], str] = {}

    def known(self, ids: Sequence[str], authors: Sequence[str]) -> OnDisk:
        posts = {}
        for post_id in ids:
            keys = frozenset(key for (of, _), key in self.keys.items() if of == post_id)
            edits = dict(self.edits.get(post_id, {}))
            erased = ("post", post_id) in self.erased
            if keys or edits or erased:
                posts[post_id] = Known(keys, edits, erased)
        until = {a: self.erased["author", a] for a in authors if ("author", a) in self.erased}
        return OnDisk(posts, until)

    def put_posts(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            named = dict(zip(POST_COLUMNS, row, strict=True))
            at = named["published_at"]
            place = (named["brand"], at.replace(minute=0), named["post_id"])
            if place not in self.posts or self.posts[place]["version"] <= named["version"]:
                self.posts[place] = named

    def put_erasures(self, rows: Sequence[tuple[str, str, datetime, str]]) -> None:
        for scope, id_, at, _ in rows:
            self.erased[scope, id_] = max(at, self.erased.get((scope, id_), at))

    def visible(self) -> set[tuple[Any, ...]]:
        shown = ("brand", "published_at", "post_id", "text", "is_backfill")
        return {
            (content_of(row["version"]), *(row[name] for name in shown))
            for row in self.posts.values()
            if not row["is_deleted"]
        }


def write(tables: Tables, batch: Sequence[Item]) -> Generator[None, None, None]:
    """`infra.posts.write_batch` and `infra.erasures.erase`, pausing between any two steps."""
    erasures = [item for item in batch if isinstance(item, Erasure)]
    tables.put_erasures([(each.scope, each.id, each.at, "feed") for each in erasures])
    yield
    found = {each.id: each.at for each in erasures if each.scope == "post"}
    for each in erasures:
        for row in tables.posts.values():
            author = f"{row['source']}:{row['author']}"
            if each.scope == "author" and author == each.id and row["published_at"] <= each.at:
                found[row["post_id"]] = each.at
    tables.put_erasures([("post", post_id, at, "feed") for post_id, at in found.items()])
    yield
    for post_id, known in tables.known(list(found), []).posts.items():
        tables.put_posts(rows_of_erased(post_id, known, STORED))
    yield
    ids, authors = post_ids(batch), authors_of(batch)
    known = tables.known(ids, authors)
    while True:
        yield
        plan = plan_writes(batch, known, STORED)
        for post_id, at, feed, position, brands, claim in plan.keys:
            tables.keys[post_id, claim] = Key(at, feed, position, brands)
        yield
        for post_id, _, version, brands in plan.edits:
            tables.edits.setdefault(post_id, {})[version] = brands
        yield
        tables.put_erasures([(row[0], row[1], row[2], row[3]) for row in plan.erasures])
        yield
        tables.put_posts(plan.posts)
        yield
        for feed, position, _, outcome, _ in plan.receipts:
            tables.receipts[feed, position] = outcome
        yield
        fresh = tables.known(list(plan.known().posts), authors)
        if fresh == plan.known():
            break
        known = OnDisk({**known.posts, **fresh.posts}, fresh.authors)


def item(
    number: int,
    post_id: str,
    text: str,
    *,
    edited: int | None = None,
    backfill: bool = False,
) -> ScoredPost:
    """A post or an edit; its brands are the capital letters of its text."""
    post = clean_post(
        post_id=post_id,
        position=number,
        followers=0,
        text=text,
        key_text=text.lower(),
        brands=tuple(sorted({letter for letter in text if letter.isupper()})),
        published_at=AT + int(post_id[2:]) * 20 * MINUTE,
        received_at=AT,
        edited_at=None if edited is None else AT + edited * MINUTE,
        is_backfill=backfill,
    )
    return ScoredPost(post=post, sentiment=Sentiment("neutral", 0.2, 0.6, 0.2, "m"), scored_at=AT)


IDS = ("x:1", "x:2")


@st.composite
def histories(draw: st.DrawFn) -> list[Item]:
    """Everything that happened to two posts; each post has one text as first published."""
    made: list[Item] = []
    for post_id in IDS:
        text = draw(st.sampled_from(["A", "A B", "C"]))
        backfill = draw(st.booleans())
        for _ in range(draw(st.integers(0, 2))):
            made.append(item(len(made), post_id, text, backfill=backfill))
        for _ in range(draw(st.integers(0, 3))):
            edited = draw(st.integers(1, 2))
            words = draw(st.sampled_from(["A", "B c", "C", "nothing"]))
            made.append(item(len(made), post_id, words, edited=edited))
        if draw(st.integers(0, 3)) == 0:
            gone = Erasure(feed="f", position=len(made), scope="post", id=post_id, at=AT)
            made.append(gone)
    for _ in range(draw(st.integers(0, 1))):
        at = AT + draw(st.sampled_from([0, 30, 50])) * MINUTE
        made.append(Erasure(feed="f", position=len(made), scope="author", id="x:ann", at=at))
    return made


@st.composite
def deliveries(draw: st.DrawFn, made: Sequence[Item]) -> list[list[Item]]:
    """All of it at least once, in any order, in batches."""
    again = draw(st.lists(st.sampled_from(made), max_size=4)) if made else []
    rest = draw(st.permutations([*made, *again]))
    batches = []
    while rest:
        size = draw(st.integers(1, len(rest)))
        batches.append(list(rest[:size]))
        rest = rest[size:]
    return batches


def in_turn(batches: Sequence[Sequence[Item]]) -> Tables:
    tables = Tables()
    for batch in batches:
        for _ in write(tables, batch):
            pass
    return tables


def writer(tables: Tables, batches: Sequence[Sequence[Item]]) -> Generator[None, None, None]:
    for batch in batches:
        yield from write(tables, batch)


@settings(deadline=None, max_examples=300)
@given(data=st.data(), made=histories())
def test_order_batches_and_repetition_change_nothing(data: st.DataObject, made: list[Item]) -> None:
    expected = in_turn([made])
    found = in_turn(data.draw(deliveries(made)))
    assert found.visible() == expected.visible()
    told = sorted(expected.receipts.values())
    assert sorted(found.receipts.values()) == told


@given(made=histories())
def test_the_short_way_of_new_posts_gives_what_the_long_one_does(made: list[Item]) -> None:
    """What comes twice in a batch takes the long way."""
    batch = [one for one in made if not isinstance(one, Erasure)]
    once, twice = (plan_writes(some, OnDisk(), STORED) for some in (batch, [*batch, *batch]))
    assert twice.firsts.keys == []
    assert once.known() == twice.known()
    for name in ("keys", "edits", "posts", "dead_letters", "receipts"):
        rows, same = getattr(once, name), getattr(twice, name)
        assert len(rows) == len(same)
        assert set(rows) == set(same)


@settings(deadline=None, max_examples=400)
@given(data=st.data(), made=histories())
def test_two_writers_at_once_end_as_one(data: st.DataObject, made: list[Item]) -> None:
    """Each message is for either of them, or for both, as for a zombie and its successor."""
    expected = in_turn([made]).visible()
    share = data.draw(st.lists(st.sampled_from("abx"), min_size=len(made), max_size=len(made)))
    tables = Tables()
    running = {
        name: writer(
            tables,
            data.draw(
                deliveries([one for one, to in zip(made, share, strict=True) if to in (name, "x")])
            ),
        )
        for name in "ab"
    }
    while running:
        name = data.draw(st.sampled_from(sorted(running)))
        for _ in range(data.draw(st.integers(1, 12))):
            if next(running[name], "over") == "over":
                del running[name]
                break
    assert tables.visible() == expected


@pytest.mark.parametrize("first", [0, 1])
def test_a_race_for_a_new_post_has_one_owner(first: int) -> None:
    tables = Tables()
    rivals = [item(1, "x:1", "A"), item(2, "x:1", "A B")]
    racing = [write(tables, [one]) for one in rivals]
    for _ in range(5):  # both have read that nobody knows the post
        for each in racing:
            next(each)
    for each in (racing[first], racing[1 - first]):
        for _ in each:
            pass
    assert [row[1] for row in tables.visible()] == ["A"]
    assert sorted(tables.receipts.values()) == ["repeat", "stored"]


HOURS = (timedelta(), timedelta(hours=-2), timedelta(hours=-4))


@settings(deadline=None, max_examples=400)
@given(
    data=st.data(),
    hours=st.lists(st.sampled_from(HOURS), min_size=3, max_size=3),
    edit_first=st.booleans(),
)
def test_three_first_sights_at_once_leave_the_owners_hour(
    data: st.DataObject, hours: list[timedelta], edit_first: bool
) -> None:
    """Each sees the post at another time; none of their places is given up for good."""
    tables = Tables()
    rivals = [item(number, "x:1", "A B"[: 1 + number]) for number in range(3)]
    moved = [
        replace(one, post=replace(one.post, published_at=AT + hour))
        for one, hour in zip(rivals, hours, strict=True)
    ]
    running = dict(enumerate(write(tables, [one]) for one in moved))
    for each in running.values():
        for _ in range(4):  # they have read that nobody knows the post
            next(each)
    if edit_first:
        for _ in write(tables, [item(9, "x:1", "C", edited=1)]):
            pass
    while running:
        number = data.draw(st.sampled_from(sorted(running)))
        for _ in range(data.draw(st.integers(1, 12))):
            if next(running[number], "over") == "over":
                del running[number]
                break
    known = tables.known(["x:1"], []).posts["x:1"]
    shown = [(row[1], row[2]) for row in tables.visible()]
    assert len(shown) == 1
    assert shown[0][0] == known.brands[0]
    assert shown[0][1].replace(minute=0) == known.published_at.replace(minute=0)
    assert sorted(tables.receipts.values()).count("stored") == 1
