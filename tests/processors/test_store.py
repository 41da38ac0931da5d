from datetime import UTC, datetime, timedelta

import pytest

from processors.known import Key, Known, OnDisk
from processors.records import (
    DeadLetter,
    Drop,
    DropReason,
    Erasure,
    ScoredPost,
)
from processors.store import (
    DEAD_COLUMNS,
    EDIT_COLUMNS,
    KEY_COLUMNS,
    POST_COLUMNS,
    RECEIPT_COLUMNS,
    Item,
    Plan,
    authors_of,
    plan_writes,
    post_ids,
)
from processors.version import ERASED, contested, version_of
from tests.posts import negative_post

AT = datetime(2026, 3, 1, 22, 55, tzinfo=UTC)
STORED = AT + timedelta(seconds=9)


def post(
    post_id: str = "x:1",
    position: int = 1,
    brands: tuple[str, ...] = ("Acme",),
    published_at: datetime = AT,
    edited_at: datetime | None = None,
    author: str = "ann",
) -> ScoredPost:
    return negative_post(
        post_id=post_id,
        position=position,
        author=author,
        url="https://x.example/1",
        brands=brands,
        published_at=published_at,
        received_at=AT,
        cluster_id=2**64 - 1,
        is_duplicate=True,
        edited_at=edited_at,
        scored_at=AT,
    )


def drop(post_id: str = "x:1", position: int = 1, reason: DropReason = "no_brand") -> Drop:
    return Drop(feed="f", position=position, post_id=post_id, reason=reason)


def dead(position: int = 1) -> DeadLetter:
    return DeadLetter(
        feed="f", position=position, reason="not_json", detail="d", payload=b"\xff", arrived_at=AT
    )


def outcomes(plan: Plan) -> dict[int, tuple[str, str]]:
    return {position: (outcome, reason) for _, position, _, outcome, reason in plan.receipts}


def test_a_new_post_is_owned_by_its_receipt() -> None:
    plan = plan_writes([post(brands=("Acme", "Bolt"))], OnDisk(), STORED, kept_days={"Bolt": 7})
    assert [row[:5] for row in plan.keys] == [("x:1", AT, "f", 1, ("Acme", "Bolt"))]
    rows = [dict(zip(POST_COLUMNS, row, strict=True)) for row in plan.posts]
    assert [row["brand"] for row in rows] == ["Acme", "Bolt"]
    assert rows[0] == rows[1] | {"brand": "Acme", "kept_days": 400}
    assert (rows[0]["version"], rows[0]["is_deleted"], rows[1]["kept_days"]) == (1, 0, 7)
    assert rows[0]["stored_at"] == STORED
    assert rows[0]["cluster_id"] == 2**64 - 1
    assert (rows[0]["is_duplicate"], rows[0]["is_repost"], rows[0]["is_spam"]) == (1, 0, 0)
    assert (rows[0]["sentiment"], rows[0]["p_negative"]) == ("negative", 0.8)
    assert outcomes(plan) == {1: ("stored", "")}


def on_disk(keys: dict[str, Key]) -> OnDisk:
    return OnDisk({post_id: Known(frozenset([key])) for post_id, key in keys.items()})


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
    plan = plan_writes(batch, on_disk(known), STORED)
    assert outcomes(plan) == expected
    assert sum(map(plan.count, ("stored", "repeat", "dropped", "dead"))) == len(expected)


def test_a_re_delivery_keeps_time_and_brands_of_first_sight() -> None:
    plan = plan_writes([post(brands=("New",))], on_disk({"x:1": MINE}), STORED)
    assert plan.keys == []
    assert [row[:3] for row in plan.posts] == [("Old", MINE.published_at, "x:1")]


def test_a_repeat_writes_no_post() -> None:
    plan = plan_writes([post(position=2)], on_disk({"x:1": MINE}), STORED)
    assert (plan.keys, plan.posts) == ([], [])


def test_a_dead_letter_keeps_its_bytes() -> None:
    [row] = plan_writes([dead()], OnDisk(), STORED).dead_letters
    assert dict(zip(DEAD_COLUMNS, row, strict=True))["payload"] == b"\xff"


def test_rows_have_a_value_for_each_column() -> None:
    edit = post("x:2", 3, edited_at=AT)
    plan = plan_writes([post(), dead(2), edit], on_disk({"x:2": MINE}), STORED)
    for rows, columns in (
        (plan.edits, EDIT_COLUMNS),
        (plan.keys, KEY_COLUMNS),
        (plan.posts, POST_COLUMNS),
        (plan.dead_letters, DEAD_COLUMNS),
        (plan.receipts, RECEIPT_COLUMNS),
    ):
        assert {len(row) for row in rows} == {len(columns)}


def test_ids_are_asked_for_once() -> None:
    gone = Erasure(feed="f", position=9, scope="post", id="x:9", at=AT)
    batch = [post(), post(), drop("x:2"), dead(3), gone]
    assert post_ids(batch) == ["x:1", "x:2", "x:9"]
    assert authors_of(batch) == ["x:ann"]


def rows_of(plan: Plan) -> dict[str, tuple[int, str, int]]:
    """Brand -> version, text, whether the row takes the post out."""
    named = [dict(zip(POST_COLUMNS, row, strict=True)) for row in plan.posts]
    return {row["brand"]: (row["version"], row["text"], row["is_deleted"]) for row in named}


LATER = AT + timedelta(hours=5)
EDIT = version_of(edited_at=LATER, text="Oh no")


def test_an_edit_moves_the_post_between_brands_and_not_in_time() -> None:
    known = on_disk({"x:1": Key(AT, "f", 1, ("Acme", "Old"))})
    edit = post(position=2, brands=("Acme", "Bolt"), published_at=LATER, edited_at=LATER)
    plan = plan_writes([edit], known, STORED)
    assert rows_of(plan) == {"Acme": (EDIT, "Oh no", 0), "Bolt": (EDIT, "Oh no", 0)} | {
        "Old": (EDIT, "", 1)
    }
    assert {row[1] for row in plan.posts} == {AT}
    assert plan.edits == [("x:1", LATER, EDIT, ("Acme", "Bolt"))]
    assert plan.keys == []
    assert outcomes(plan) == {2: ("edited", "")}


def test_an_edit_about_no_brand_takes_the_post_out() -> None:
    edit = post(position=2, brands=(), edited_at=LATER)
    plan = plan_writes([edit], on_disk({"x:1": Key(AT, "f", 1, ("Acme",))}), STORED)
    assert rows_of(plan) == {"Acme": (EDIT, "", 1)}


def test_an_edit_that_comes_first_is_a_first_sight_without_an_owner() -> None:
    edit = post(position=2, brands=("Bolt",), edited_at=LATER)
    first = plan_writes([edit], OnDisk(), STORED)
    assert [row[:5] for row in first.keys] == [("x:1", AT, "", -1, ())]
    late = post(position=7, brands=("Acme",), published_at=AT - timedelta(hours=3))
    then = plan_writes([late], first.known(), STORED)
    assert [row[:5] for row in then.keys] == [("x:1", AT, "f", 7, ("Acme",))]
    assert rows_of(then) == {"Acme": (EDIT, "", 1)}  # it does not come back under what it left
    assert outcomes(then) == {7: ("stored", "")}
    assert outcomes(plan_writes([post(position=8)], then.known(), STORED)) == {8: ("repeat",) * 2}


def test_an_older_edit_that_comes_late_only_takes_out() -> None:
    known = Known(frozenset([MINE]), {EDIT: ("Bolt",)})
    edit = post(position=2, brands=("Bolt", "Old", "Zeta"), edited_at=AT)
    plan = plan_writes([edit], OnDisk({"x:1": known}), STORED)
    assert rows_of(plan) == {"Old": (EDIT, "", 1), "Zeta": (EDIT, "", 1)}


@pytest.mark.parametrize("how", ["post", "author", "edit"])
def test_what_was_erased_does_not_come_back(how: str) -> None:
    known = Known(frozenset([MINE]), {EDIT: ("Bolt",)}, erased=how != "author")
    disk = OnDisk({"x:1": known}, {"x:ann": AT} if how == "author" else {})
    item = post(position=5, edited_at=STORED, author="") if how == "edit" else post()
    plan = plan_writes([item], disk, STORED)
    brands = {"Old", "Bolt", "Acme"} if how == "edit" else {"Old", "Bolt"}
    assert rows_of(plan) == dict.fromkeys(brands, (ERASED, "", 1))
    # by its id from now on, so that an edit without an author stays away too
    assert [row[:3] for row in plan.erasures] == ([("post", "x:1", AT)] if how == "author" else [])


def test_later_posts_of_an_erased_author_stay() -> None:
    disk = OnDisk({}, {"x:ann": AT - timedelta(seconds=1)})
    assert rows_of(plan_writes([post()], disk, STORED)) == {"Acme": (1, "Oh no", 0)}


def test_of_two_first_sights_one_owns_and_the_others_rows_go() -> None:
    other = Key(AT - timedelta(hours=2), "e", 1, ("Acme", "Bolt"))
    known = Known(frozenset([other, Key(AT, "f", 1, ("Acme", "Zeta"))]))
    plan = plan_writes([post()], OnDisk({"x:1": known}), STORED)
    found = {(row[0], row[1]): (row[3], row[28]) for row in plan.posts}
    assert found == {
        ("Zeta", other.published_at): (contested(1, 1), 1),
        **{(brand, AT): (contested(1, 1), 1) for brand in ("Acme", "Bolt", "Zeta")},
    }
    assert outcomes(plan) == {1: ("repeat", "repeat")}
