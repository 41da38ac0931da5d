"""Which words grew: the terms of a surge's posts against those of the posts before it."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Final

from msgspec import Struct

from forecasting.evidence import Term
from forecasting.examples import overlap

TERMS: Final = 5
PRIOR_POSTS: Final = 20.0  # weight of what is common to both sides
SURE: Final = 2.0  # standard deviations by which a term's log-odds must have grown
FREQUENT: Final = 12
LEAST_POSTS: Final = 3  # with the term
LEAST_SHARE: Final = 0.05  # of the surge's posts
LEAST_AUTHORS: Final = 2  # the words of one person alone are no term
SAME_POSTS: Final = 0.75  # two terms in nearly the same posts say one thing


class Grown(Struct, frozen=True, kw_only=True):
    """The terms that grew: how surely, in which posts of the surge, in how many before it."""

    sure: Mapping[str, float]
    where: Mapping[str, AbstractSet[int]]
    before: Mapping[str, int]
    posts: int
    posts_before: int
    frequent: tuple[str, ...] = ()  # what most posts hold, grown or not


def grown(
    surge: Sequence[Collection[str]],
    before: Sequence[Collection[str]],
    said_by: Sequence[Hashable] = (),
) -> Grown:
    """Find what grew. Both are the distinct terms of each post; `said_by`: who wrote each.

    Growth is the difference of the log-odds of a post having the term, with what both sides have
    in common as an informative prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words"), in
    standard deviations. Only terms of several authors are looked at: what one person alone said
    goes with that person's posts.
    """
    now = Counter(chain.from_iterable(surge))
    n, m = len(surge), len(before)
    least = max(LEAST_POSTS, LEAST_SHARE * n)
    candidates = {t for t, count in now.items() if count >= least}
    past = Counter(t for terms in before for t in terms if t in candidates)
    frequent = sorted(candidates, key=lambda t: (-now[t], t))[:FREQUENT]
    sure = {t: z for t in candidates if (z := _growth(now[t], n, past[t], m)) >= SURE}
    where: dict[str, set[int]] = defaultdict(set)
    for i, terms in enumerate(surge):
        for t in terms:
            if t in sure:
                where[t].add(i)
    if said_by:
        alone = {t for t in sure if len({said_by[i] for i in where[t]}) < LEAST_AUTHORS}
        sure = {t: z for t, z in sure.items() if t not in alone}
        where = defaultdict(set, {t: found for t, found in where.items() if t in sure})
    return Grown(
        sure=sure, where=dict(where), before=past, posts=n, posts_before=m, frequent=tuple(frequent)
    )


def top_terms(found: Grown) -> tuple[Term, ...]:
    """The terms that grew most, surest first, at most five and no two for the same posts.

    >>> top_terms(grown([{"fire", "car"}] * 9 + [{"car"}], [{"car"}] * 30))
    (Term(text='fire', share=0.9, share_before=0.0),)
    """
    sure, where = found.sure, found.where
    chosen: list[str] = []
    # Longer first where as sure: "battery fire" says more than "battery" in the same posts.
    for term in sorted(sure, key=lambda t: (-sure[t], -len(t), t)):
        if len(chosen) == TERMS:
            break
        wide = _widest(term, found)
        if all(overlap(where[wide], where[c]) < SAME_POSTS and wide != c for c in chosen):
            chosen.append(wide)
    return tuple(
        Term(
            text=t,
            share=len(where[t]) / found.posts,
            share_before=found.before[t] / found.posts_before if found.posts_before else 0.0,
        )
        for t in chosen
    )


def _growth(a: int, n: int, b: int, m: int) -> float:
    """Standard deviations by which the log-odds of a term in posts grew: a of n against b of m."""
    prior = PRIOR_POSTS * (a + b + 0.5) / (n + m + 1)
    rest = PRIOR_POSTS - prior
    grew = math.log((a + prior) / (n - a + rest)) - math.log((b + prior) / (m - b + rest))
    if not m:
        return SURE if a * 5 >= n else 0.0  # nothing to compare with: what a fifth of posts say
    return grew / math.sqrt(1 / (a + prior) + 1 / (b + prior))


def _widest(term: str, found: Grown) -> str:
    """The longest term that holds this one and stands in nearly all of the same posts."""
    where = found.where
    least = SAME_POSTS * len(where[term])
    wide = [t for t in found.sure if term in t and len(where[t]) >= least]
    return max(wide, key=lambda t: (len(t), len(where[t]), t))
