"""What is probably not meant in a query: parts that find nothing, or far too much."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from msgspec import Struct

from processors.passage import Passage
from processors.query import And, Field, Near, Node, Not, Or, Words, canonical, flat, walk, written
from processors.query_branch import branches, pushed
from processors.query_truth import test_of

MAX_CASES: Final = 256
"""Ways in which a query can be true; of one with more it is not told which are impossible."""
_APART: Final = " , " + "\u2014 " * 2
_FILLER: Final = " ".join(["zzqx"] * 51)
_WORDS: Final = """
    a about after all also am an and any are as at back be because been but by can com could das
    day de der did die do does for from get go good got had has have he her here him his how i if
    il in is it its just know la le les like lol me more my new no not now of off on one or our out
    people que rt say se see she so some that the their them then there these they this time to
    today too two un una und up us was we were what when which who why will with would www y you
    your 的 了 是 我 不 在 有 人 这 他 也 都 就
    你 好 很 和 说 个 大 中
"""
_EVERYWHERE: Final = frozenset(_WORDS.split())
"""What nearly every post has. No list for search engines: only what finds far too much alone."""
_OPERATORS: Final = ("and", "or", "not")


class Doubt(Struct, frozen=True):
    """One part, and what is wrong with it; it finds nothing at all where `is_fatal`."""

    text: str
    is_fatal: bool = False


def doubts(node: Node) -> list[Doubt]:
    """What to look at again, worst first. The query is one that `branches` takes."""
    found = [*_impossible(node), *_operators(node), *_everywhere(node), *_twice(node)]
    return list(dict.fromkeys(sorted(found, key=lambda doubt: not doubt.is_fatal)))


def _operators(node: Node) -> Iterator[Doubt]:
    for part in walk(node):
        if isinstance(part, Words) and part.text in _OPERATORS:
            name = part.text
            yield Doubt(f"{name} is looked for as a word: the operator is written {name.upper()}")


def _everywhere(node: Node) -> Iterator[Doubt]:
    """Words that are enough to look further, or for good."""
    for words, rest in branches(node):
        for word in sorted(words):
            told = written(Words(text=word))
            alone = "alone is enough" if rest is None else "decides with what stands beside it"
            if word in _EVERYWHERE:
                yield Doubt(f"{told} {alone}, and nearly every post has it")
            elif len(word) == 1:
                yield Doubt(f"{told} {alone}, and is a single character: it finds far too much")
            elif rest is None and word.isdecimal() and len(word) < 5:
                yield Doubt(f"{told} {alone}, and is a bare number: join it with AND to a word")
            elif rest is None and len(word) == 2 and word.isascii() and word.isalpha():
                yield Doubt(f"{told} {alone}, and has two letters: it may mean something else")


def _twice(node: Node) -> Iterator[Doubt]:
    for part in walk(node):
        if isinstance(part, And | Or):
            parts = [canonical(one) for one in flat(part, type(part))]
            for one in flat(part, type(part)):
                if parts.count(canonical(one)) > 1:
                    yield Doubt(f"{written(one)} is there twice")


def _impossible(node: Node) -> Iterator[Doubt]:
    """Ways in which the query should be true and can't."""
    cases = _cases(pushed(node, positive=True))
    if cases is None:
        return
    reasons = [(case, why) for case in cases if (why := _contradiction(case))]
    if cases and len(reasons) == len(cases):
        yield Doubt(f"can never be true: {reasons[0][1]}", is_fatal=True)
        return
    for case, why in reasons:
        told = " AND ".join(
            written(part, inside=True) for part in case if not isinstance(part, Not)
        )
        yield Doubt(f"{told} can never be true: {why}")


def _cases(node: Node) -> list[tuple[Node, ...]] | None:
    """Each way in which it is true as parts that hold together; None if there are too many."""
    match node:
        case Or():
            found: list[tuple[Node, ...]] = []
            for part in flat(node, Or):
                some = _cases(part)
                if some is None or len(found) + len(some) > MAX_CASES:
                    return None
                found += some
            return found
        case And():
            of_parts: list[list[tuple[Node, ...]]] = []
            count = 1
            for part in flat(node, And):
                some = _cases(part)
                count *= len(some or ())
                if some is None or count > MAX_CASES:
                    return None
                of_parts.append(some)
            return [tuple(one for case in cases for one in case) for cases in product(*of_parts)]
    return [(node,)]


def _contradiction(case: Sequence[Node]) -> str:
    """Why these can't hold together; empty if they can as far as is known."""
    values: dict[str, str] = {}
    for part in case:
        if isinstance(part, Field) and values.setdefault(part.name, part.value) != part.value:
            return f"a post has one {part.name}, not {values[part.name]} and {part.value}"
    for part in case:
        inner = part.part if isinstance(part, Not) else None
        if isinstance(inner, Field) and values.get(inner.name) == inner.value:
            return f"{written(inner)} is asked for and left out"
    needed = [
        " ".join(part.words) if isinstance(part, Near) else part.text
        for part in case
        if isinstance(part, Words | Near)
    ]
    # Far apart, so that only what is in one of them counts against them.
    passage = Passage(f"{_APART}{_FILLER}{_APART}".join(needed))
    for part in case:
        if isinstance(part, Not) and _has_words(part.part) and test_of(part.part)(passage) is True:
            return f"{written(part.part)} is left out, and is in what must be there"
    return ""


def _has_words(node: Node) -> bool:
    return isinstance(node, Words | Near)
