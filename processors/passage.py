"""One text in which words are looked for, by where words begin and end.

A Latin word is found whole. Scripts that are written without spaces between words, or (Hangul)
with particles glued to them, have no such boundaries: there it is found anywhere. What begins with
`#` or `@` is not found behind a letter: `mail@acme.example` is nobody's handle. A link is no
mention, since most name only where something is hosted, unless what is looked for has a dot.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

from msgspec import Struct

from processors.normalise import URL

_UNSPACED = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1100", "\u11ff"),  # Hangul letters
    ("\u1780", "\u17ff"),  # Khmer
    ("\u2e80", "\ua4cf"),  # Han, kana, Bopomofo, Yi
    ("\ua960", "\ua97f"),
    ("\uac00", "\ud7ff"),  # Hangul
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)


class Passage(Struct, gc=False):
    """A plain text (`processors.query.plain`)."""

    text: str
    _links: list[tuple[int, int]] | None = None
    _begins: list[int] | None = None

    def has(self, words: str) -> bool:
        """Whether the plain `words` are in it."""
        start = self.text.find(words)
        while start >= 0:
            if self.is_mention(words, start):
                return True
            start = self.text.find(words, start + 1)
        return False

    def mentions(self, words: str) -> Iterator[int]:
        """Where the plain `words` begin, wherever they are."""
        start = self.text.find(words)
        while start >= 0:
            if self.is_mention(words, start):
                yield start
            start = self.text.find(words, start + 1)

    def is_mention(self, words: str, start: int) -> bool:
        """Whether `words`, which stand at `start`, are there as words, and not in a link."""
        if not is_whole(self.text, start, start + len(words)):
            return False
        return "." in words or not self.in_link(start)

    def near(self, words: Sequence[str], within: int) -> bool:
        """Whether all of them are there, with at most `within` other words between the first and
        the last. A character of a script without spaces is a word."""
        if not all(map(self.has, words)):
            return False
        spans = {word: self._spans(word) for word in words}
        own = sum(some[0][1] - some[0][0] for some in map(spans.__getitem__, words))
        most = own + within
        firsts = sorted({span[0] for some in spans.values() for span in some})
        return any(
            (end := _end_of(spans, words, first)) is not None and end - first <= most
            for first in firsts
        )

    def in_link(self, start: int) -> bool:
        """Whether a link goes over that place."""
        if self._links is None:
            text = self.text
            has_link = "/" in text or "www." in text
            self._links = [link.span() for link in URL.finditer(text)] if has_link else []
        place = bisect_right(self._links, start, key=itemgetter(0)) - 1
        return place >= 0 and start < self._links[place][1]

    def _spans(self, words: str) -> list[tuple[int, int]]:
        """The numbers of the words that each mention covers: first, and one after the last."""
        if self._begins is None:
            self._begins = word_begins(self.text)
        begins = self._begins
        return [
            (bisect_left(begins, start), bisect_left(begins, start + len(words)))
            for start in self.mentions(words)
        ]


def _end_of(
    spans: dict[str, list[tuple[int, int]]], words: Sequence[str], first: int
) -> int | None:
    """Where the shortest stretch from `first` on that holds all words ends; a word that is asked
    for twice has to be there twice."""
    end, taken = first, dict.fromkeys(spans, 0)
    for word in words:
        some = spans[word]
        place = bisect_left(some, (first, 0)) + taken[word]
        if place >= len(some):
            return None
        taken[word] += 1
        end = max(end, some[place][1])
    return end


def word_begins(text: str) -> list[int]:
    """Where each word begins; of scripts without spaces each character.

    >>> word_begins("it's \u82f9\u679c 3m")
    [0, 3, 5, 6, 8]
    """
    begins = []
    before = False
    for at, char in enumerate(text):
        inside = in_word(char)
        if (inside and not before) or is_unspaced(char):
            begins.append(at)
        before = inside
    return begins


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] neither begins nor ends inside a word."""
    # Mostly a space is beside it: to ask that first is what it costs.
    if start and (before := text[start - 1]) != " " and in_word(before):
        first = text[start]
        if first in "#@" or in_word(first):
            return False
    if end < len(text) and (after := text[end]) != " " and in_word(after):
        return not in_word(text[end - 1])
    return True


def in_word(char: str) -> bool:
    """Whether a word goes on over this character."""
    if char.isascii():
        return char.isalnum() or char == "_"
    if is_unspaced(char):
        return False
    # Marks: the vowel signs of Indic scripts, accents with no letter of their own
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def is_unspaced(char: str) -> bool:
    """Whether it is of a script that has no spaces between words."""
    return char > "\u0dff" and any(first <= char <= last for first, last in _UNSPACED)
