from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.records import CleanPost, DeadLetter, Drop, DropReason, ScoredPost, Sentiment
from processors.store import (
    DEAD_COLUMNS,
    KEY_COLUMNS,
    POST_COLUMNS,
    RECEIPT_COLUMNS,
    Item,
    Key,
    Plan,
    plan_writes,
    post_ids,
)

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
STORED = AT + timedelta(seconds=9)


def post(
    post_id: str = "x:1",
    position: int = 1,
    brands: tuple[str, ...] = ("Acme",),
    published_at: datetime = AT,
) -> ScoredPost:
    clean = CleanPost(
        post_id=post_id,
        feed="f",
        position=position,
        source="x",
        author="ann",
        followers=5,
        url="https://x.example/1",
        text="Oh no",
        key_text="oh no",
        lang="en",
        brands=brands,
        published_at=published_at,
        received_at=AT,
        is_repost=False,
        cluster_id=2**64 - 1,
        is_duplicate=True,
        is_spam=False,
    )
    return ScoredPost(post=clean, sentiment=Sentiment("negative", 0.8, 0.1, 0.1, "m"), scored_at=AT)


def drop(post_id: str = "x:1", position: int = 1, reason: DropReason = "no_brand") -> Drop:
    return Drop(feed="f", position=position, post_id=post_id, reason=reason)


def dead(position: int = 1) -> DeadLetter:
    return DeadLetter(
        feed="f", position=position, reason="not_json", detail="d", payload=b"\xff", arrived_at=AT
    )


def outcomes(plan: Plan) -> dict[int, tuple[str, str]]:
    return {position: (outcome, reason) for _, position, _, outcome, reason in plan.receipts}


def test_a_new_post_is_owned_by_its_receipt() -> None:
    plan = plan_writes([post(brands=("Acme", "Bolt"))], {}, STORED)
    assert plan.keys == [("x:1", AT, "f", 1, ("Acme", "Bolt"))]
    rows = [dict(zip(POST_COLUMNS, row, strict=True)) for row in plan.posts]
    assert [row["brand"] for row in rows] == ["Acme", "Bolt"]
    assert rows[0] == rows[1] | {"brand": "Acme"}
    assert rows[0]["stored_at"] == STORED
    assert rows[0]["cluster_id"] == 2**64 - 1
    assert (rows[0]["is_duplicate"], rows[0]["is_repost"], rows[0]["is_spam"]) == (1, 0, 0)
    assert (rows[0]["sentiment"], rows[0]["p_negative"]) == ("negative", 0.8)
    assert outcomes(plan) == {1: ("stored", "")}


MINE = Key(AT - timedelta(hours=1), "f", 1, ("Old",))


@pytest.mark.parametrize(
    ("batch", "known", "expected"),
    [
        # re-delivered: the key decides time and brands, not what came now
        ([post()], {"x:1": MINE}, {1: ("stored", "")}),
        # brought by another receipt before
        ([post(position=2)], {"x:1": MINE}, {2: ("repeat", "repeat")}),
        # the same position of another feed is another receipt
        ([post()], {"x:1": Key(AT, "g", 1, ("Acme",))}, {1: ("repeat", "repeat")}),
        # two rows in one batch: the first owns
        ([post(), post(position=2)], {}, {1: ("stored", ""), 2: ("repeat", "repeat")}),
        # twice in one batch is once
        ([post(), post()], {}, {1: ("stored", "")}),
        ([drop()], {}, {1: ("dropped", "no_brand")}),
        ([drop(reason="repeat")], {}, {1: ("repeat", "repeat")}),
        # an echo of what is stored takes nothing away, in any order
        ([drop(reason="repeat")], {"x:1": MINE}, {1: ("stored", "")}),
        ([drop(reason="repeat"), post()], {}, {1: ("stored", "")}),
        ([post(), drop()], {}, {1: ("stored", "")}),
        # a dropped post leaves its id to the next
        ([drop(), post(position=2)], {}, {1: ("dropped", "no_brand"), 2: ("stored", "")}),
        ([dead()], {}, {1: ("dead", "not_json")}),
        ([], {}, {}),
    ],
)
def test_outcomes(
    batch: list[Item], known: dict[str, Key], expected: dict[int, tuple[str, str]]
) -> None:
    plan = plan_writes(batch, known, STORED)
    assert outcomes(plan) == expected
    assert plan.stored + plan.repeats + plan.dropped + plan.dead == len(expected)


def test_a_re_delivery_keeps_time_and_brands_of_first_sight() -> None:
    plan = plan_writes([post(brands=("New",))], {"x:1": MINE}, STORED)
    assert plan.keys == []
    assert [row[:3] for row in plan.posts] == [("Old", MINE.published_at, "x:1")]


def test_a_repeat_writes_no_post() -> None:
    plan = plan_writes([post(position=2)], {"x:1": MINE}, STORED)
    assert (plan.keys, plan.posts) == ([], [])


def test_a_dead_letter_keeps_its_bytes() -> None:
    [row] = plan_writes([dead()], {}, STORED).dead_letters
    assert dict(zip(DEAD_COLUMNS, row, strict=True))["payload"] == b"\xff"


def test_rows_have_a_value_for_each_column() -> None:
    plan = plan_writes([post(), dead(2)], {}, STORED)
    for rows, columns in (
        (plan.keys, KEY_COLUMNS),
        (plan.posts, POST_COLUMNS),
        (plan.dead_letters, DEAD_COLUMNS),
        (plan.receipts, RECEIPT_COLUMNS),
    ):
        assert {len(row) for row in rows} == {len(columns)}


def test_ids_are_asked_for_once() -> None:
    assert post_ids([post(), post(), drop("x:2"), dead(3)]) == ["x:1", "x:2"]


def items() -> st.SearchStrategy[list[Item]]:
    """Some receipts, each with what its stage made of it: one thing, for ever."""
    kinds = st.sampled_from(["post", "no_brand", "dead"])
    receipt = st.tuples(kinds, st.sampled_from(["x:1", "x:2", "x:3"]))
    return st.lists(receipt, max_size=8).map(
        lambda made: [
            dead(n) if kind == "dead" else post(i, n) if kind == "post" else drop(i, n)
            for n, (kind, i) in enumerate(made)
        ]
    )


@given(made=items(), data=st.data())
def test_counts_do_not_depend_on_order_or_delivery(made: list[Item], data: st.DataObject) -> None:
    """Any batches, in any order, any of them again: each receipt ends with one outcome, each id
    with one owner, and the counts are the same."""
    known: dict[str, Key] = {}
    receipts: dict[int, str] = {}
    posts: dict[tuple[str, str], int] = {}
    order = data.draw(st.permutations(made))
    again = data.draw(st.lists(st.sampled_from(made), max_size=8)) if made else []
    rest = [*order, *again]
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch, rest = rest[:size], rest[size:]
        plan = plan_writes(batch, known, STORED)
        for post_id, at, feed, position, brands in plan.keys:
            assert post_id not in known
            known[post_id] = Key(at, feed, position, tuple(brands))
        for row in plan.posts:
            posts[row[2], row[0]] = row[5]
        for _, position, _, outcome, _ in plan.receipts:
            assert receipts.setdefault(position, outcome) == outcome
    distinct = {item.post.post_id for item in made if isinstance(item, ScoredPost)}
    scored = sum(isinstance(item, ScoredPost) for item in made)
    told = list(receipts.values())
    assert len(receipts) == len(made)
    assert told.count("stored") == len(distinct) == len(posts)
    assert told.count("repeat") == scored - len(distinct)
    assert told.count("dropped") == sum(isinstance(item, Drop) for item in made)
    assert told.count("dead") == sum(isinstance(item, DeadLetter) for item in made)
