"""What attacks count, on cases worked out by hand."""

import pytest

from processors.checks.attacks import ANY_EDIT, attack, negate, toggle_not
from processors.checks.edits import EDITS
from processors.records import Label
from processors.score_constant import ConstantScorer

EXAMPLES: list[tuple[str, Label]] = [
    ("awful", "negative"),
    ("excellent", "positive"),
    ("on Monday at the station", "neutral"),
    ("nothing of note", "negative"),  # which the scorer takes for neutral
]


def test_each_edit_is_judged_on_what_it_changes() -> None:
    found = attack(ConstantScorer(), EXAMPLES, seed=0)
    assert set(found) == {*EDITS, ANY_EDIT}
    dropped, tail = found["dropped letter"], found["neutral tail"]
    assert (dropped.posts, dropped.accuracy_before) == (4, 0.75)
    assert (dropped.accuracy_after, dropped.flipped) == (0.25, 0.5)
    assert (tail.accuracy_after, tail.flipped) == (0.75, 0)
    assert found["joined words"].posts == 2
    # Cleaning undoes these.
    undone = ("look-alikes", "full width", "spaced out")
    assert {found[name].flipped for name in undone} == {0}
    assert (found[ANY_EDIT].posts, found[ANY_EDIT].accuracy_after) == (4, 0.25)


def test_the_seed_decides() -> None:
    texts: list[tuple[str, Label]] = [
        (f"an awful sentence {n} about something", "negative") for n in range(30)
    ]
    first = attack(ConstantScorer(), texts, seed=3)
    assert attack(ConstantScorer(), texts, seed=3) == first
    assert attack(ConstantScorer(), texts, seed=4) != first


def test_no_examples_have_no_results() -> None:
    assert attack(ConstantScorer(), [], seed=0) == {}


def test_an_edit_that_changes_nothing_is_left_out() -> None:
    found = attack(ConstantScorer(), [("服务很差", "negative")], seed=0, language="zh")
    assert set(found) == {"neutral tail", "mention", "link", ANY_EDIT}


@pytest.mark.parametrize(
    ("text", "toggled"),
    [
        ("The food was great!", "The food was not great!"),
        ("My new phone is not bad.", "My new phone is bad."),
        ("It is awful", "It is not awful"),
        ("They say the food was great", None),  # whose "not" would it be?
        ("It is better", None),
        ("The shop is here", None),
        ("I like it", None),
        ("The food was great, the rest was not", None),
    ],
)
def test_not_goes_only_where_it_is_sound(text: str, toggled: str | None) -> None:
    assert toggle_not(text) == (toggled or text)


def test_negate_counts_short_opinions_only() -> None:
    found = negate(
        ConstantScorer(),
        [
            ("The food was great", "positive"),  # the scorer knows no "not"
            ("On Monday it was great", "positive"),
            ("The door is green", "neutral"),
        ],
    )
    assert (found.cases, found.failed) == (1, 1.0)
    assert negate(ConstantScorer(), []).cases == 0
