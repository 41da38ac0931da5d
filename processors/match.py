"""Which watched brands a post is about, by the words that name them.

All aliases of all brands are one Aho-Corasick automaton, so thousands of brands cost what one does.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from ahocorasick_rs import AhoCorasick
from msgspec import Struct

from processors.lines import Hit, find_in_each
from processors.normalise import URL, fold

# Written without spaces between words, or (Hangul) with particles glued to them: no boundaries.
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


class WatchedBrand(Struct, frozen=True):
    """A brand and the further words that name it; its name is always one of them."""

    name: str
    aliases: tuple[str, ...] = ()


class BrandMatcher:
    """Finds brands in text. Immutable: swap it for another to change the brands.

    An alias is found whatever its case, width or spacing, where a word begins and ends: `delta` in
    "Delta's", "#delta", "@delta" and "\u8fbe\u7f8edelta\u822a\u7a7a", not in "deltas", "delta_1" or
    "delt\u00e1". Chinese, Japanese, Korean and Thai aliases are found anywhere. A link is no
    mention, since most name only where something is hosted, unless the alias itself has a dot.

    >>> brands = [WatchedBrand("Delta"), WatchedBrand("Southwest", ("southwest airlines", "WN"))]
    >>> BrandMatcher(brands).match("Flew #delta, not WN")
    ('Delta', 'Southwest')

    Raises ValueError, naming the brand, for an alias with nothing visible in it.
    """

    def __init__(self, brands: Sequence[WatchedBrand]) -> None:
        names: dict[str, set[str]] = {}
        for brand in brands:
            for alias in (brand.name, *brand.aliases):
                folded = fold(alias)
                if not folded:
                    raise ValueError(f"brand {brand.name!r}: alias {alias!r} is blank")
                names.setdefault(folded, set()).add(brand.name)
        self._aliases = tuple(names)
        self._names = tuple(names.values())
        self._automaton = AhoCorasick(self._aliases)

    def match(self, text: str, given: Iterable[str] = ()) -> tuple[str, ...]:
        """Brands found in `text` and the `given` ones as they are: distinct, sorted."""
        (found,) = self.match_folded([fold(text)])
        return tuple(sorted({*found, *given}))

    def match_folded(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        """`match` in each of what `fold` gave."""
        found: list[tuple[str, ...]] = [()] * len(folded)
        for number, hits in find_in_each(self._automaton, folded).items():
            found[number] = self._named(folded[number], hits)
        return found

    def _named(self, text: str, hits: Sequence[Hit]) -> tuple[str, ...]:
        """The brands of those hits that are mentions."""
        found: set[str] = set()
        links: list[tuple[int, int]] | None = None
        for index, start, end in hits:
            if self._names[index] <= found or not _is_whole(text, start, end):
                continue
            if "." not in self._aliases[index]:
                if links is None:
                    has_link = "/" in text or "www." in text
                    links = [link.span() for link in URL.finditer(text)] if has_link else []
                if any(first <= start < last for first, last in links):
                    continue
            found |= self._names[index]
        return tuple(sorted(found)) if len(found) > 1 else tuple(found)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] neither begins nor ends inside a word."""
    if start and _in_word(text[start]) and _in_word(text[start - 1]):
        return False
    return not (end < len(text) and _in_word(text[end - 1]) and _in_word(text[end]))


def _in_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char == "_"
    if any(first <= char <= last for first, last in _UNSPACED):
        return False
    # Marks: the vowel signs of Indic scripts, accents with no letter of their own
    return char.isalnum() or unicodedata.category(char)[0] == "M"
