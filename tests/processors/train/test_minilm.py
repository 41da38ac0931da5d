"""MiniLM's vocabulary cut to Latin letters: English text comes out as before."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from processors.clean import model_text

pytestmark = pytest.mark.train

LETTERS = "abcdefghijklmnopqrstuvwxyzßøœł"
FOREIGN = ["α", "##α", "лед", "##ол", "好", "##د", "ا", "ᵃ"]
SIGNS = [*"0123456789.,!?'@#-", "↑", "↓", "€"]
LATIN_TEXT = st.lists(
    st.sampled_from(LETTERS + LETTERS.upper() + "éÖñçÅ" + " 0123456789.,!?'@#-↑↓€")
    | st.sampled_from(["the", " service", "##s", "ing ", " unbad"]),
    max_size=60,
).map("".join)


def whole() -> Tokenizer:
    """A tokenizer like MiniLM's: pieces that nobody needs are among the others."""
    from tokenizers import models, normalizers, pre_tokenizers, processors

    some = ["the", "service", "##ing", "##s", "was", "bad", "un", "##bad"]
    pieces = ["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused2]"]
    for number, letter in enumerate(LETTERS):
        pieces += [letter, f"##{letter}", *FOREIGN[number : number + 1]]
    pieces += [*SIGNS, *(f"##{digit}" for digit in "0123456789"), *some]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 4), ("[SEP]", 5)]
    )
    return tokenizer


def test_foreign_and_reserved_pieces_go() -> None:
    from processors.train.minilm import latin_pieces, prune

    tokenizer = whole()
    kept = latin_pieces(tokenizer)
    small = prune(tokenizer, kept)
    gone = set(tokenizer.get_vocab()) - set(small.get_vocab())
    assert gone == {*FOREIGN, "[unused0]", "[unused1]", "[unused2]"}
    assert sorted(small.get_vocab().values()) == list(range(len(kept)))
    assert kept == sorted(kept)


@settings(deadline=None)
@given(LATIN_TEXT)
def test_latin_text_gives_the_same_pieces(text: str) -> None:
    from processors.train.minilm import latin_pieces, prune

    tokenizer = whole()
    kept = latin_pieces(tokenizer)
    small = prune(tokenizer, kept)
    found = tokenizer.encode(model_text(text, emoji="mark"))
    again = small.encode(model_text(text, emoji="mark"))
    assert again.tokens == found.tokens
    assert [kept[index] for index in again.ids] == found.ids  # rows of the pruned table


def test_other_scripts_are_unknown_and_no_special_piece_moves() -> None:
    from processors.train.minilm import latin_pieces, prune

    small = prune(whole(), latin_pieces(whole()))
    assert small.encode("the α 好").tokens == ["[CLS]", "the", "[UNK]", "[UNK]", "[SEP]"]
    assert [small.id_to_token(index) for index in small.encode("").ids] == ["[CLS]", "[SEP]"]
    assert small.encode("a [MASK]").tokens == ["[CLS]", "a", "[MASK]", "[SEP]"]


def test_the_letters_of_the_test_are_latin() -> None:
    assert all(unicodedata.name(letter).startswith("LATIN") for letter in LETTERS)
