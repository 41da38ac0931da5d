"""What the words of posts say by themselves: brands, key_text, spam, language; many at once.

Reposts say word for word what was read before, so it is remembered by text.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from processors.language import LanguageDetector
from processors.match import BrandMatcher, Found
from processors.normalise import fold, key_of_folded
from processors.query_parse import field_value
from processors.query_truth import Facts, Question
from processors.records import UNKNOWN_LANGUAGE
from processors.said import Said, said
from processors.spam import are_spam

READ_TEXTS: Final = 16_384
"""Texts of which it is remembered what was read in them: 20 MB of tweets."""
LONGEST_READ: Final = 600
"""Characters of the longest of these: 80 MB at the very most."""


_NOTHING: Final = said("")


class Reading(Struct, gc=False):
    """What was read in one text; the rest once it was asked for."""

    folded: str
    brands: tuple[str, ...]
    open: tuple[tuple[str, Question], ...] = ()  # brands that depend on more than the words
    key_text: str = ""
    said: Said = _NOTHING
    lang: str = UNKNOWN_LANGUAGE
    is_spam: bool = False
    is_meant: bool = False

    def brands_of(self, source: str, author: str) -> tuple[str, ...]:
        """The brands of a post with this text."""
        if not self.open:
            return self.brands
        author = field_value("author", author)
        facts = Facts(self.lang, field_value("source", source), author)
        return Found(self.brands, self.open).settled(facts)


class Reader:
    """Reads texts; knows the last ones again."""

    def __init__(self, detector: LanguageDetector, matcher: BrandMatcher) -> None:
        self._detector = detector
        self._matcher = matcher
        self._forget()

    def watch(self, matcher: BrandMatcher) -> None:
        """From now on find the brands that this one finds."""
        self._matcher = matcher
        self._forget()

    def _forget(self) -> None:
        # The newer half and the older half: a text that is met again becomes new.
        self._new: dict[str, Reading] = {}
        self._old: dict[str, Reading] = {}

    def name(self, texts: Sequence[str]) -> list[Reading]:
        """Each text folded, with the brands that it names. Equal texts have one reading."""
        unread = [text for text in dict.fromkeys(texts) if text not in self._new]
        readings = {text: self._old[text] for text in unread if text in self._old}
        unread = [text for text in unread if text not in readings]
        folded = [fold(text) for text in unread]
        found = self._matcher.match_folded(folded)
        for text, one, of in zip(unread, folded, found, strict=True):
            readings[text] = Reading(one, of.brands, of.open)
        if some := [one for one in readings.values() if one.open]:
            self.mean(some)  # of the rest it is not known yet whether anybody asks
        known = self._new
        answer = [known.get(text) or readings[text] for text in texts]
        self._keep(readings)
        return answer

    def mean(self, readings: Sequence[Reading]) -> None:
        """Fill in what `name` left open."""
        open_ones = list({id(one): one for one in readings if not one.is_meant}.values())
        keys = [key_of_folded(one.folded) for one in open_ones]
        spam = are_spam([one.folded for one in open_ones])
        # Step by step over all texts: what a model reads stays in the processor's caches.
        languages = self._detector.detect_folded(keys)
        for one, key, lang, is_spam in zip(open_ones, keys, languages, spam, strict=True):
            one.key_text, one.said, one.lang, one.is_spam = key, said(key), lang, is_spam
            one.is_meant = True

    def _keep(self, readings: dict[str, Reading]) -> None:
        for text, reading in readings.items():
            if len(text) <= LONGEST_READ:
                self._new[text] = reading
                if len(self._new) >= READ_TEXTS // 2:
                    self._old, self._new = self._new, {}
