"""Brand queries beside plain aliases, on the same posts and one core; over how many brands.

The bare search finds aliases and nothing else: one automaton, word boundaries, links left out, as
brands were found before there were queries.
"""

import random
import time
from collections.abc import Callable, Sequence

from ahocorasick_rs import AhoCorasick

from benchmarks.figures import Effort, spread
from benchmarks.posts import raw_posts
from processors.lines import Hit, find_in_each
from processors.match import BrandMatcher, WatchedBrand
from processors.normalise import URL, fold
from processors.passage import in_word
from processors.query_truth import Facts
from processors.simulate_plan import SIMULATED_BRANDS

POSTS = 20_000
AT_ONCE = 1_000
FEW, MANY = 5, 2_000
FACTS = Facts("en", "bluesky", "ann")
COMMON = (
    "battery",
    "fire",
    "delay",
    "refund",
    "strike",
    "recall",
    "outage",
    "price",
    "queue",
    "staff",
    "flight",
    "order",
    "delivery",
    "app",
    "account",
    "phone",
    "screen",
    "update",
    "support",
    "store",
    "service",
    "bag",
    "crew",
    "gate",
    "seat",
    "train",
    "bank",
    "card",
    "loan",
)


def measure(effort: Effort) -> dict[str, object]:
    """The ratios; what a post costs is told beside them."""
    texts = [fold(post.text) for post in raw_posts(effort.of(POSTS))]
    few, many = _queries(FEW), _queries(MANY)
    matchers = {
        "bare": _bare([w for b in _aliases(MANY) for w in (b.name, *b.aliases)]),
        "aliases": _settled(BrandMatcher(_aliases(MANY))),
        "queries": _settled(BrandMatcher(many)),
        "few": _settled(BrandMatcher(few)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in matchers}
    for _ in range(effort.rounds):
        for name, match in matchers.items():
            seconds[name].append(_seconds(match, texts) / len(texts))
    return {
        "brands": MANY,
        "queries over the bare search": _ratio(seconds["queries"], seconds["bare"]),
        "queries over aliases": _ratio(seconds["queries"], seconds["aliases"]),
        f"{MANY:,} queries over {FEW}": _ratio(seconds["queries"], seconds["few"]),
        "microseconds_a_post": {
            name: spread([1e6 * one for one in some]) for name, some in seconds.items()
        },
        "compile_seconds": _compile(many),
    }


def _aliases(count: int) -> list[WatchedBrand]:
    """The simulated brands, and others that few posts name."""
    watched = [WatchedBrand(brand.name, brand.aliases) for brand in SIMULATED_BRANDS]
    more = max(0, count - len(watched))
    return watched + [WatchedBrand(f"Quvo{n}", (f"quvo {n} inc",)) for n in range(more)]


def _queries(count: int, *, seed: int = 7) -> list[WatchedBrand]:
    """The same brands by queries as people write them: what else must be there, what must not,
    words near each other, languages, authors."""
    draw = random.Random(seed)
    found = []
    for number, brand in enumerate(_aliases(count)):
        names = " OR ".join(f'"{word}"' for word in (brand.name, *brand.aliases))
        some = draw.sample(COMMON, 6)
        extra = (
            f"NOT ({some[0]} OR giveaway OR hiring)",
            f"({' OR '.join(some)})",
            f'("{some[0]} {some[1]}"~5 OR {some[2]} OR NOT {some[3]})',
            "lang:(en OR es) AND NOT source:reddit",
            f"-author:(newsbot OR {some[4]}bot) -{some[5]}",
        )[number % 5]
        found.append(WatchedBrand(brand.name, query=f"({names}) AND {extra}"))
    return found


def _settled(matcher: BrandMatcher) -> Callable[[Sequence[str]], object]:
    return lambda texts: [one.settled(FACTS) for one in matcher.match_folded(texts)]


def _bare(words: Sequence[str]) -> Callable[[Sequence[str]], object]:
    folded = [fold(word) for word in words]
    names = [{word} for word in folded]
    automaton = AhoCorasick(folded)

    def named(text: str, hits: Sequence[Hit]) -> tuple[str, ...]:
        found: set[str] = set()
        links: list[tuple[int, int]] | None = None
        for index, start, end in hits:
            if names[index] <= found or not _is_whole(text, start, end):
                continue
            if "." not in folded[index]:
                if links is None:
                    has_link = "/" in text or "www." in text
                    links = [link.span() for link in URL.finditer(text)] if has_link else []
                if any(first <= start < last for first, last in links):
                    continue
            found |= names[index]
        return tuple(sorted(found)) if len(found) > 1 else tuple(found)

    def match(texts: Sequence[str]) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = [()] * len(texts)
        for number, hits in find_in_each(automaton, texts).items():
            found[number] = named(texts[number], hits)
        return found

    return match


def _is_whole(text: str, start: int, end: int) -> bool:
    if start and in_word(text[start]) and in_word(text[start - 1]):
        return False
    return not (end < len(text) and in_word(text[end - 1]) and in_word(text[end]))


def _seconds(match: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    began = time.process_time()
    for first in range(0, len(texts), AT_ONCE):
        match(texts[first : first + AT_ONCE])
    return time.process_time() - began


def _ratio(some: Sequence[float], others: Sequence[float]) -> dict[str, float]:
    return spread([a / b for a, b in zip(some, others, strict=True)])


def _compile(brands: Sequence[WatchedBrand]) -> float:
    began = time.process_time()
    BrandMatcher(brands)
    return round(time.process_time() - began, 2)
