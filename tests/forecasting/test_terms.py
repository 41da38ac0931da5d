"""Terms: words, pairs, Chinese phrases, and what is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.terms import terms_of


@pytest.mark.parametrize(
    ("text", "has", "has_not"),
    [
        ("Battery FIRE!", {"battery", "fire", "battery fire"}, set()),
        ("a fire, battery", {"fire", "battery"}, {"fire battery", "a"}),  # a comma parts words
        ("fire in the battery", {"fire", "battery"}, {"fire battery", "in", "the"}),
        ("see https://x.y/fire?a=smoke @fire_dept", set(), {"fire", "smoke", "fire_dept"}),
        ("#recall now", {"recall"}, {"#recall"}),
        ("I don’t trust brakes", {"trust", "brakes", "trust brakes"}, {"don't"}),
        ("2026 12 cars", {"cars"}, {"2026", "12"}),
        ("Northwind battery Northwind fire", {"battery", "fire"}, {"northwind", "battery fire"}),
        ("northwinds blow", {"northwinds"}, {"blow northwind"}),  # another word
        ("north-wind recall", {"recall"}, set()),
        ("北风汽车电池起火了", {"电池", "起火", "电池起火"}, {"北风汽车", "汽车电池", "起火了"}),
        ("iPhone电池bad", {"iphone", "电池", "bad"}, {"iphone bad"}),
        ("", set(), {""}),
    ],
)  # fmt: skip
def test_what_is_a_term(text: str, has: set[str], has_not: set[str]) -> None:
    terms = terms_of(text, ["Northwind", "北风汽车"])
    assert has <= terms
    assert not has_not & terms


@given(text=st.text(max_size=300), names=st.lists(st.text(max_size=5), max_size=3))
def test_any_text_has_terms_or_none_and_never_a_name(text: str, names: list[str]) -> None:
    terms = terms_of(text, names)
    assert all(len(t) >= 2 for t in terms)
    assert not terms & {n.casefold() for n in names if n.isascii() and n.isalnum()}
