"""The share of broken words is counted as one would by hand."""

from hypothesis import given
from hypothesis import strategies as st

from processors.torch_text import broken

UNKNOWN = 3
TEXTS = st.lists(st.lists(st.lists(st.integers(2, 6), min_size=1, max_size=3), max_size=6))


@given(TEXTS)
def test_a_word_in_pieces_or_unknown_is_broken(texts: list[list[list[int]]]) -> None:
    """Texts are lists of words, and words lists of tokens."""
    ids = [[0, *(token for word in text for token in word), 1] for text in texts]
    words = [
        [None, *(number for number, word in enumerate(text) for _ in word), None] for text in texts
    ]
    wanted = [
        sum(len(word) > 1 or UNKNOWN in word for word in text) / max(1, len(text)) for text in texts
    ]
    assert broken(ids, words, UNKNOWN) == wanted


def test_without_an_unknown_token_pieces_alone_count() -> None:
    assert broken([[7, 7, 8]], [[0, 0, 1]], None) == [0.5]
    assert broken([], [], None) == []
