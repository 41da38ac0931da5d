"""Edits: small, repeatable, total."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.checks import edits
from processors.checks.edits import EDITS, Edit
from processors.clean import model_text

SENTENCE = "The service at this hotel was terrible"
WORD_EDITS = [name for name in EDITS if name not in {"neutral tail", "mention", "link"}]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_seed_decides(edit: Edit) -> None:
    edited = [edit(SENTENCE, Random(seed)) for seed in range(20)]
    assert edited == [edit(SENTENCE, Random(seed)) for seed in range(20)]
    assert SENTENCE not in edited


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@given(text=st.text(st.characters(codec=None), max_size=80), seed=st.integers(0, 9))
def test_every_text_has_an_answer(edit: Edit, text: str, seed: int) -> None:
    edit(text, Random(seed))


@pytest.mark.parametrize("name", WORD_EDITS)
@pytest.mark.parametrize("text", ["", "服务很差", "123", "😡"])
def test_without_a_word_nothing_happens(name: str, text: str) -> None:
    assert EDITS[name](text, Random(1)) == text


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_empty_text_stays_empty(edit: Edit) -> None:
    assert edit("", Random(0)) == ""


@pytest.mark.parametrize(
    ("edit", "word", "edited"),
    [
        (edits.swap_letters, "abbc", {"abcb"}),
        (edits.drop_letter, "abcd", {"acd", "abd", "abc"}),
        (edits.double_letter, "abcd", {"aabcd", "abbcd", "abccd", "abcdd"}),
        (edits.neighbour_key, "1qqqq", {"1qqqq"}),  # no word: a digit sticks to it
        (edits.neighbour_key, "zqqq", {"zwqq", "zqwq", "zqqw"}),
        (edits.elongate, "good", {"g" + "o" * n + "d" for n in (4, 5, 6)}),
        (edits.space_out, "awful", {"a w f u l"}),
        (edits.join_words, "not good", {"notgood"}),
        (edits.full_width, "Awful", {"Ａｗｆｕｌ"}),
        (edits.leet, "terrible", {"73rr1bl3"}),
        (edits.censor, "crap", {"cr*p", "cr@p"}),
        (edits.capitals, "so sad", {"SO SAD"}),
        (edits.small_letters, "SO sad", {"so sad"}),
    ],
)
def test_what_an_edit_does(edit: Edit, word: str, edited: set[str]) -> None:
    assert {edit(word, Random(seed)) for seed in range(60)} == edited


def test_names_and_links_are_left_alone() -> None:
    text = "@somebody #topic https://t.co/abcdef"
    assert {edits.drop_letter(text, Random(seed)) for seed in range(20)} <= {
        text,
        *(text.replace("https", "https"[:at] + "https"[at + 1 :]) for at in range(1, 5)),
    }


def test_function_words_are_left_alone() -> None:
    assert edits.space_out("This was from them", Random(0)) == "This was from them"


@given(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="`"), max_size=80
    ),
    st.integers(0, 9),
)
def test_cleaning_undoes_look_alikes_and_full_width(text: str, seed: int) -> None:
    for edit in (edits.look_alike, edits.full_width):
        assert model_text(edit(text, Random(seed))) == model_text(text)
