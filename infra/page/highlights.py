"""Where a text names a brand."""

import re
from collections.abc import Sequence
from typing import Final

MOST: Final = 50
"""Places that are marked in one text."""


def marker(words: Sequence[str]) -> "re.Pattern[str] | None":
    """A pattern that finds any of the words, the longest first; None without words.

    Where a word begins or ends with a letter or digit it has to end there, unless it is written
    without spaces, as Chinese is.
    """
    parts = [_part(word) for word in sorted(set(words), key=len, reverse=True) if word.strip()]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def highlights(text: str, pattern: "re.Pattern[str] | None") -> list[tuple[int, int]]:
    r"""Spans of the text in UTF-16 units, as scripts in browsers count.

    >>> highlights("\U0001f525 northwind!", marker(["Northwind"]))
    [(3, 12)]
    """
    if pattern is None:
        return []
    found = []
    for number, hit in enumerate(pattern.finditer(text)):
        if number == MOST:
            break
        start = _units(text[: hit.start()])
        found.append((start, start + _units(hit.group())))
    return found


def _part(word: str) -> str:
    word = word.strip()
    # Letters of scripts without spaces may stand beside it.
    before = r"(?<![A-Za-z0-9_])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![A-Za-z0-9_])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + r"\s+".join(map(re.escape, word.split())) + after


def _units(text: str) -> int:
    return len(text) + sum(ord(char) > 0xFFFF for char in text)
