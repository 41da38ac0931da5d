"""Letters without their accents, one for one: what is found in the one text lies at the same place
in the other.

Latin and Greek letters, and the Cyrillic \u0451. \u0439 is a letter of its own, and so is every
mark of Arabic, Hebrew or Indic scripts.
"""

import re
import unicodedata
from typing import Final

_RANGES: Final = ((0xC0, 0x250), (0x386, 0x3CF), (0x1E00, 0x2000))
_NOT_COMPOSED: Final = {"\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u0127": "h", "\u0131": "i"}
_CYRILLIC: Final = {"\u0451": "\u0435"}


def _bare() -> dict[str, str]:
    found = {**_NOT_COMPOSED, **_CYRILLIC}
    for first, end in _RANGES:
        for char in map(chr, range(first, end)):
            letter, *marks = list(unicodedata.normalize("NFD", char))
            if marks and all(unicodedata.category(mark) == "Mn" for mark in marks):
                found[char] = letter
    return found


_BARE: Final = _bare()
_TABLE: Final = str.maketrans(_BARE)
_ACCENTED: Final = re.compile(f"[{''.join(sorted(_BARE))}]")


def without_accents(folded: str) -> str:
    """What `fold` gave, of the same length, with plain letters for accented ones.

    >>> without_accents("nestl\u00e9, \u0142\u00f3d\u017a, m\u00fcller")
    'nestle, lodz, muller'
    """
    if folded.isascii() or not _ACCENTED.search(folded):
        return folded
    return folded.translate(_TABLE)
