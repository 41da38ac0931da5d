"""Which watched brands a post is about.

The words without which no brand's query can be true are one Aho-Corasick automaton, so thousands of
brands cost what one does: a query is asked only of posts that hold one of its words.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation
from msgspec import Struct

from processors.accents import without_accents
from processors.lines import Hit, find_in_each
from processors.normalise import fold
from processors.passage import Passage, is_whole
from processors.query import Node, QueryError, Words, walk
from processors.query_branch import Branch, branches, rarity
from processors.query_truth import Facts, Question, Test, test_of
from processors.records import UNKNOWN_LANGUAGE
from processors.watched import WatchedBrand as WatchedBrand
from processors.watched import expression, version


class Found(Struct, frozen=True, gc=False):
    """Brands that a text is about, sorted, and what depends on more than its words."""

    brands: tuple[str, ...] = ()
    open: tuple[tuple[str, Question], ...] = ()

    def settled(self, facts: Facts) -> tuple[str, ...]:
        """The brands of a post of which more is known than its words."""
        if not self.open:
            return self.brands
        more = {name for name, question in self.open if question(facts)}
        return tuple(sorted(more.union(self.brands))) if more else self.brands


NOTHING: Final = Found()
NOT_KNOWN: Final = Facts(UNKNOWN_LANGUAGE, "", "")
QUICK: Final = 100_000
"""Bytes of all words up to which the automaton is of the quickest kind, of 400 bytes a byte."""


class BrandMatcher:
    """Finds brands in text. Immutable: swap it for another to change the brands.

    A word is found whatever its case, width, accents or spacing, where a word begins and ends:
    `delta` in "Delta's", "#delta", "@delta", "delt\u00e1" and "\u8fbe\u7f8edelta\u822a\u7a7a",
    not in "deltas" or "delta_1". Words in Chinese, Japanese, Korean and Thai are found anywhere.

    >>> brands = [WatchedBrand("Delta", query="delta -force"), WatchedBrand("Southwest", ("WN",))]
    >>> BrandMatcher(brands).match("Flew #delta, not WN")
    ('Delta', 'Southwest')

    Raises ValueError, naming the brand, for words with nothing visible in them and for queries that
    can't be followed.
    """

    def __init__(self, brands: Sequence[WatchedBrand]) -> None:
        nodes = [_expression(brand) for brand in brands]
        shared = Counter(word for node in nodes for word in set(_words(node)))
        sure: dict[str, set[str]] = {}
        asked: dict[str, set[int]] = {}
        self._tests: list[tuple[str, Test]] = []
        for brand, node in zip(brands, nodes, strict=True):
            for words, rest in _branches(brand, node, shared):
                for word in words:
                    if rest is None:
                        sure.setdefault(word, set()).add(brand.name)
                    else:
                        asked.setdefault(word, set()).add(len(self._tests))
                if rest is not None:
                    self._tests.append((brand.name, test_of(rest)))
        self._words = tuple({**sure, **asked})
        self._sure = tuple(sure.get(word, set()) for word in self._words)
        self._asked = tuple(asked.get(word, set()) for word in self._words)
        self._alone = {brand.name: Found((brand.name,)) for brand in brands}
        small = sum(len(word.encode()) for word in self._words) <= QUICK
        self._automaton = AhoCorasick(
            self._words, implementation=Implementation.DFA if small else None
        )
        self.versions: Mapping[str, str] = {brand.name: version(brand) for brand in brands}

    def match(
        self, text: str, given: Iterable[str] = (), *, facts: Facts | None = None
    ) -> tuple[str, ...]:
        """Brands found in `text` and the `given` ones as they are: distinct, sorted."""
        (found,) = self.match_folded([fold(text)])
        return tuple(sorted({*found.settled(facts or NOT_KNOWN), *given}))

    def match_folded(self, folded: Sequence[str]) -> list[Found]:
        """What is found in each of what `fold` gave, as far as the words alone say."""
        plain = [text if text.isascii() else without_accents(text) for text in folded]
        found = [NOTHING] * len(plain)
        for number, hits in find_in_each(self._automaton, plain).items():
            found[number] = self._named(plain[number], hits)
        return found

    def _named(self, text: str, hits: Sequence[Hit]) -> Found:
        """The brands of those hits that are mentions, and of the queries that they bring up."""
        names: set[str] = set()
        asked: set[int] = set()
        passage = Passage(text)
        has_links = "/" in text or "www." in text
        for index, start, end in hits:
            sure, more = self._sure[index], self._asked[index]
            if (sure <= names and more <= asked) or not is_whole(text, start, end):
                continue
            if has_links and "." not in self._words[index] and passage.in_link(start):
                continue
            if sure:
                names |= sure
            if more:
                asked |= more
        still_open: list[tuple[str, Question]] = []
        for number in asked:
            name, test = self._tests[number]
            answer = name in names or test(passage)
            if answer is True:
                names.add(name)
            elif answer is not False:
                still_open.append((name, answer))
        if still_open:
            return Found(tuple(sorted(names)), tuple(still_open))
        return self._found(names) if names else NOTHING

    def _found(self, names: set[str]) -> Found:
        if len(names) == 1:
            (name,) = names
            return self._alone[name]
        return Found(tuple(sorted(names)))


def _expression(brand: WatchedBrand) -> Node:
    try:
        return expression(brand)
    except QueryError as error:
        raise ValueError(f"brand {brand.name!r}: {error}") from error


def _words(node: Node) -> Iterator[str]:
    return (part.text for part in walk(node) if isinstance(part, Words))


def _branches(brand: WatchedBrand, node: Node, shared: Mapping[str, int]) -> list[Branch]:
    try:
        return branches(node, lambda word: shared.get(word, 1) * rarity(word))
    except QueryError as error:
        raise ValueError(f"brand {brand.name!r}: query: {error}") from error
