"""Emoji that take sides, and the marks in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from processors.clean import model_text
from processors.emoji import DOWN, GLAD, UP, UPSET, mark
from processors.model_card import TOKENIZER_FILE
from processors.models import ENGLISH


def test_no_emoji_is_listed_twice() -> None:
    assert len(set(GLAD + UPSET)) == len(GLAD + UPSET)
    assert not {UP, DOWN} & set(GLAD + UPSET)


def test_all_listed_ones_are_emoji_to_cleaning() -> None:
    assert model_text(GLAD + UPSET, emoji="drop") == ""
    assert model_text(GLAD, emoji="mark") == " ".join(UP * len(GLAD))
    assert model_text(UPSET, emoji="mark") == " ".join(DOWN * len(UPSET))


def test_the_shipped_vocabulary_has_the_marks() -> None:
    tokenizer = Tokenizer.from_file(str(ENGLISH / TOKENIZER_FILE))
    unknown = tokenizer.token_to_id("[UNK]")
    for sign in (UP, DOWN):
        (piece,) = tokenizer.encode(f" {sign} ", add_special_tokens=False).ids
        assert piece == tokenizer.token_to_id(sign) != unknown


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("good\U0001f600", f"good {UP} "),
        ("\U0001f621\U0001f494", f" {DOWN}  {DOWN} "),
        ("\U0001f602 \u2192", "\U0001f602 \u2192"),  # neither side: for others to drop
        (f"up {UP} down{DOWN}", "up   down "),  # not an emoji's
    ],
)
def test_marks(text: str, marked: str) -> None:
    assert mark(text) == marked


@given(st.text(st.sampled_from(GLAD + UPSET + UP + DOWN + "ab \U0001f602") | st.characters()))
def test_there_are_as_many_marks_as_emoji_that_take_sides(text: str) -> None:
    marked = mark(text)
    assert marked.count(UP) == sum(letter in GLAD for letter in text)
    assert marked.count(DOWN) == sum(letter in UPSET for letter in text)
    assert not set(marked) & set(GLAD + UPSET)
