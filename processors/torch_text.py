"""Texts to tokens, and the share of their words that a vocabulary does not know whole."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

Tokens = list[list[int]]


class Coder:
    """Tokens of texts by a tokenizer of transformers. For one thread at a time.

    A tokenizer in Rust is asked itself: it uses all cores that RAYON_NUM_THREADS allows it. Through
    transformers, and with words counted one by one, a post took four times as long (measured).
    """

    def __init__(self, tokenizer: Any, *, longest: int) -> None:
        self._tokenizer = tokenizer
        self._longest = longest
        self._rust = tokenizer.backend_tokenizer if tokenizer.is_fast else None
        self._unknown = tokenizer.unk_token_id
        self.padding: int = tokenizer.pad_token_id or 0
        if self._rust is not None:
            side = tokenizer.truncation_side
            self._rust.enable_truncation(max_length=longest, direction=side)
            self._rust.no_padding()

    def code(self, texts: Sequence[str]) -> tuple[Tokens, list[float]]:
        """Return the tokens of each text, and its share of words in pieces or unknown, 0 to 1."""
        if self._rust is None:
            coded = self._tokenizer(list(texts), truncation=True, max_length=self._longest)
            return coded["input_ids"], [0.0] * len(texts)
        encodings = self._rust.encode_batch(list(texts))
        ids = [encoding.ids for encoding in encodings]
        return ids, broken(ids, [encoding.word_ids for encoding in encodings], self._unknown)


def broken(ids: Tokens, words: Sequence[Sequence[int | None]], unknown: int | None) -> list[float]:
    """Return of each text the share of its words that are several tokens, or an unknown one.

    `words`: of each token the number of its word, in order; None of a token that the text has not.

    >>> broken([[0, 7, 8, 9, 1]], [[None, 0, 0, 1, None]], unknown=3)
    [0.5]
    """
    if not any(words):
        return [0.0] * len(ids)
    counts = np.fromiter(map(len, words), np.int64, len(words))
    text = np.repeat(np.arange(len(words)), counts)
    # None becomes NaN, which is equal to nothing.
    word = np.array(list(chain.from_iterable(words)), np.float64)
    token = np.fromiter(chain.from_iterable(ids), np.int64, len(word))
    real = ~np.isnan(word)
    text, word, token = text[real], word[real], token[real]
    first = np.ones(len(word), bool)
    first[1:] = (word[1:] != word[:-1]) | (text[1:] != text[:-1])
    number = np.cumsum(first) - 1
    pieces = np.bincount(number, minlength=1) if len(number) else np.zeros(0, np.int64)
    strange = np.zeros(len(pieces), bool)
    if unknown is not None:
        strange[number[token == unknown]] = True
    of_text = text[first]
    bad = np.bincount(of_text[(pieces > 1) | strange], minlength=len(ids))
    all_words = np.bincount(of_text, minlength=len(ids))
    shares: list[float] = (bad / np.maximum(1, all_words)).tolist()
    return shares
