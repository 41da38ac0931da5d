from ahocorasick_rs import AhoCorasick
from hypothesis import given
from hypothesis import strategies as st

from processors.lines import find_in_each

WORDS = ["a", "ab", "b c", "\u5317\u98ce", "\U0001f600"]
texts = st.lists(st.lists(st.sampled_from([*WORDS, " ", "x"])).map("".join), max_size=8)


@given(texts)
def test_each_text_has_its_own_hits_at_their_places(some: list[str]):
    automaton = AhoCorasick(WORDS)
    alone = {
        number: sorted(automaton.find_matches_as_indexes(text, overlapping=True))
        for number, text in enumerate(some)
    }
    found = find_in_each(automaton, some)
    assert {number: sorted(hits) for number, hits in found.items()} == {
        number: hits for number, hits in alone.items() if hits
    }


def test_no_texts_have_no_hits():
    assert find_in_each(AhoCorasick(WORDS), []) == {}
