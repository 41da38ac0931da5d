"""Why, and who says it: from the posts of a surge and the posts before it to evidence."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec import Struct

from forecasting.records import Evidence, Example, Part, Stamps, Term
from forecasting.terms import terms_of
from forecasting.views import PostView

TERMS: Final = 5
EXAMPLES: Final = 3
PARTS: Final = 5
PRIOR_POSTS: Final = 20.0  # weight of what is common to both sides
SURE: Final = 2.0  # standard deviations by which a term's log-odds must have grown
LEAST_POSTS: Final = 3  # with the term
LEAST_SHARE: Final = 0.05  # of the surge's posts
SAME_POSTS: Final = 0.75  # two terms in nearly the same posts say one thing
SAME_TEXT: Final = 0.6  # overlap of terms from which two texts are copies


class _Read(Struct, frozen=True):
    """A post with its terms."""

    post: PostView
    terms: frozenset[str]


def evidence(
    surge: Sequence[PostView],
    baseline: Sequence[PostView],
    *,
    names: Collection[str] = (),
    stamps: Stamps | None = None,
) -> Evidence:
    """Explain the negative posts of a surge by what they say that the `baseline` does not.

    `baseline` are negative posts of the same brand from before the surge; empty is allowed, terms
    are then merely frequent. `names` are the brand's own names and handles. The
    order of the posts changes nothing. Time is linear: about 0.1 ms a post.
    """
    posts = sorted(surge, key=lambda p: (p.published_at, p.post_id))
    read = [_Read(p, terms_of(p.text, names)) for p in posts]
    old = [terms_of(p.text, names) for p in baseline]
    terms = top_terms([r.terms for r in read], old)
    repeats = sum(_repeats(p) for p in posts)
    first = next((r.post for r in read if terms and terms[0].text in r.terms), None)
    return Evidence(
        terms=terms,
        sources=_parts(p.source for p in posts),
        languages=_parts(p.lang for p in posts),
        authors=len({(p.source, p.author) for p in posts if p.author}),
        reposts=repeats,
        organic_share=1 - repeats / len(posts) if posts else 0.0,
        examples=tuple(_example(p) for p in pick_examples(read, terms)),
        first=_example(first) if first else None,
        stamps=stamps,
    )


def top_terms(
    surge: Sequence[Collection[str]], before: Sequence[Collection[str]]
) -> tuple[Term, ...]:
    """The terms that grew most, surest first, at most five and no two for the same posts.

    Both are the distinct terms of each post. Growth is the difference of the log-odds of a post
    having the term, with what both sides have in common as an informative prior (Monroe, Colaresi
    and Quinn 2008, "Fightin' Words"), in standard deviations.

    >>> top_terms([{"fire", "car"}] * 9 + [{"car"}], [{"car"}] * 30)
    (Term(text='fire', share=0.9, share_before=0.0),)
    """
    now = Counter(t for terms in surge for t in terms)
    n, m = len(surge), len(before)
    least = max(LEAST_POSTS, LEAST_SHARE * n)
    candidates = {t for t, count in now.items() if count >= least}
    past = Counter(t for terms in before for t in terms if t in candidates)
    sure = {t: z for t in candidates if (z := _growth(now[t], n, past[t], m)) >= SURE}
    where: dict[str, set[int]] = {t: set() for t in sure}
    for i, terms in enumerate(surge):
        for t in terms:
            if t in where:
                where[t].add(i)
    chosen: list[str] = []
    # Longer first where as sure: "battery fire" says more than "battery" in the same posts.
    for term in sorted(sure, key=lambda t: (-sure[t], -len(t), t)):
        if len(chosen) == TERMS:
            break
        wide = _widest(term, sure, where)
        if all(_overlap(where[wide], where[c]) < SAME_POSTS and wide != c for c in chosen):
            chosen.append(wide)
    return tuple(
        Term(text=t, share=now[t] / n, share_before=past[t] / m if m else 0.0) for t in chosen
    )


def pick_examples(read: Sequence[_Read], terms: Sequence[Term]) -> list[PostView]:
    """Up to three posts that stand for the surge and differ from one another.

    Posts that hold its terms and are surely negative come first, own words before copies, reach
    where that is equal. A second post of a cluster, an author or nearly the same words is left out.
    """

    def rank(r: _Read) -> tuple[bool, float, int, str]:
        typical = sum(t.share for t in terms if t.text in r.terms)
        return (
            _repeats(r.post),
            -round(r.post.p_negative + typical / max(sum(t.share for t in terms), 1e-9), 1),
            -r.post.followers,
            r.post.post_id,
        )

    picked: list[_Read] = []
    for r in sorted(read, key=rank):
        if len(picked) == EXAMPLES:
            break
        if not any(_same(r, p) for p in picked):
            picked.append(r)
    return [r.post for r in picked]


def _growth(a: int, n: int, b: int, m: int) -> float:
    """Standard deviations by which the log-odds of a term in posts grew: a of n against b of m."""
    prior = PRIOR_POSTS * (a + b + 0.5) / (n + m + 1)
    rest = PRIOR_POSTS - prior
    grew = math.log((a + prior) / (n - a + rest)) - math.log((b + prior) / (m - b + rest))
    if not m:
        return SURE if a * 5 >= n else 0.0  # nothing to compare with: what a fifth of posts say
    return grew / math.sqrt(1 / (a + prior) + 1 / (b + prior))


def _widest(term: str, sure: Collection[str], where: dict[str, set[int]]) -> str:
    """The longest term that holds this one and stands in nearly all of the same posts."""
    wide = [t for t in sure if term in t and len(where[t]) >= SAME_POSTS * len(where[term])]
    return max(wide, key=lambda t: (len(t), len(where[t]), t))


def _overlap(a: AbstractSet[object], b: AbstractSet[object]) -> float:
    together = len(a | b)
    return len(a & b) / together if together else 0.0


def _same(a: _Read, b: _Read) -> bool:
    return (
        a.post.cluster_id == b.post.cluster_id
        or a.post.key_text == b.post.key_text
        or (a.post.author == b.post.author and a.post.author != "")
        or _overlap(a.terms, b.terms) >= SAME_TEXT
    )


def _repeats(post: PostView) -> bool:
    return post.is_repost or post.is_duplicate


def _parts(names: Iterable[str]) -> tuple[Part, ...]:
    counts = sorted(Counter(names).items(), key=lambda part: (-part[1], part[0]))
    return tuple(Part(name=name, count=count) for name, count in counts[:PARTS])


def _example(post: PostView) -> Example:
    return Example(
        post_id=post.post_id,
        author=post.author,
        followers=post.followers,
        url=post.url,
        text=post.text,
        published_at=post.published_at,
        p_negative=post.p_negative,
    )
