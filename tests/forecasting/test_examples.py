"""Posts to read: representative, different, own words first."""

import random

from hypothesis import given
from hypothesis import strategies as st

from forecasting.examples import Read, overlap, pick_examples
from tests.forecasting.posts import post


def read(i: int, words: str, **changes: object) -> Read:
    return Read(post(i, f"{words} {i}", followers=0, **changes), frozenset(words.split()))


WEIGHTS = {"fire": 20.0, "smoke": 9.0, "refund": 8.0}
CROWD = [read(i, f"fire {a} {b}") for i, (a, b) in enumerate(["ab", "cd", "ef", "gh", "ij", "kl"])]


def test_a_smaller_topic_is_shown_too() -> None:
    picked = pick_examples([*CROWD, read(50, "refund x y"), read(51, "smoke v w")], WEIGHTS)
    ids = [p.post_id for p in picked]
    assert ids[0] == "feed:0"
    assert {"feed:50", "feed:51"} <= set(ids)


def test_a_fourth_that_shows_nothing_new_is_left_out() -> None:
    assert len(pick_examples(CROWD, WEIGHTS)) == 3


def test_mood_counts_only_where_the_incident_is_about_mood() -> None:
    sure, typical = read(1, "nothing x", p_negative=0.99), read(2, "fire y", p_negative=0.1)
    assert pick_examples([sure, typical], {"fire": 1.0})[0].post_id == "feed:2"
    calm = read(3, "fire z", p_negative=0.0)
    assert pick_examples([calm, sure], {"fire": 0.1, "rain": 0.9})[0].post_id == "feed:1"
    picked = pick_examples([calm, sure], {"fire": 0.1, "rain": 0.9}, of_mood=False)
    assert picked[0].post_id == "feed:3"


posts = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["fire", "smoke", "refund", "x", "y"]), max_size=4),
        st.integers(0, 6),
        st.booleans(),
    ),
    max_size=25,
)


@given(rows=posts, seed=st.integers(0, 9))
def test_they_differ_whatever_the_order(rows: list[tuple[list[str], int, bool]], seed: int) -> None:
    some = [
        read(i, " ".join(words), author=f"a{author}", is_duplicate=copy)
        for i, (words, author, copy) in enumerate(rows)
    ]
    picked = pick_examples(some, WEIGHTS)
    assert len(picked) <= 5
    assert bool(picked) == bool(some)
    assert len({p.author for p in picked}) == len(picked)
    own = [r for r in some if not r.post.is_duplicate]
    assert not own or not picked[0].is_duplicate
    terms = {r.post.post_id: r.terms for r in some}
    for i, a in enumerate(picked):
        for b in picked[:i]:
            assert overlap(terms[a.post_id], terms[b.post_id]) < 0.6
    random.Random(seed).shuffle(some)
    assert pick_examples(some, WEIGHTS) == picked
