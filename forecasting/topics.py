"""Themes of a surge: terms that stand in the same posts. No model, only counting."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from forecasting.evidence import Topic

MOST: Final = 4
LEAST_POSTS: Final = 5  # that no larger topic has; fewer may share a word by chance
LEAST_SHARE: Final = 0.05  # of all
TOGETHER: Final = 0.6  # of a term's posts that lie in the topic's: then it belongs to it
TERMS: Final = 4
SAME_POSTS: Final = 0.75


def topics(where: Mapping[str, AbstractSet[int]], posts: int) -> tuple[Topic, ...]:
    """Group terms into at most four topics, largest first; a post is in the first that it fits.

    `where`: for each term that grew, the posts that hold it, of `posts` in all. The term with most
    posts that no topic has yet begins one, and takes with it the terms that mostly stand in the
    same posts: a term of two topics cannot join them into one, as it could if neighbours of
    neighbours were taken.

    >>> fire, refund = set(range(6)), set(range(6, 11))
    >>> [t.terms for t in topics({"fire": fire, "smoke": {0, 1, 2}, "refund": refund}, 11)]
    [('fire', 'smoke'), ('refund',)]
    """
    left = {term: frozenset(held) for term, held in where.items()}
    taken: frozenset[int] = frozenset()
    made: list[Topic] = []
    while left and len(made) < MOST:
        seed = max(left, key=lambda t: (len(left[t] - taken), len(t), t))
        fresh = left[seed] - taken
        if len(fresh) < max(LEAST_POSTS, LEAST_SHARE * posts):
            break
        members = [t for t in left if len(left[t] & left[seed]) >= TOGETHER * len(left[t])]
        held = frozenset().union(*(left[t] for t in members)) - taken
        made.append(
            Topic(
                terms=_named(members, seed, left),
                count=len(held),
                share=len(held) / posts,
            )
        )
        taken |= held
        left = {t: found for t, found in left.items() if t not in members}
    return tuple(sorted(made, key=lambda t: (-t.count, t.terms)))


def _named(
    members: Sequence[str], seed: str, where: Mapping[str, AbstractSet[int]]
) -> tuple[str, ...]:
    """The terms that say most of a topic: the seed first, none that says what another does."""
    names = [seed]
    for term in sorted(members, key=lambda t: (-len(where[t]), -len(t), t)):
        if len(names) == TERMS:
            break
        if not any(_says_the_same(term, name, where) for name in names):
            names.append(term)
    return tuple(names)


def _says_the_same(term: str, name: str, where: Mapping[str, AbstractSet[int]]) -> bool:
    both = len(where[term] & where[name])
    overlap = both / len(where[term] | where[name])
    return term in name or name in term or overlap >= SAME_POSTS
