"""Posts to read for yourself: representative of what was said, and different from one another."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec import Struct

from forecasting.views import PostView

EXAMPLES: Final = 5
LEAST: Final = 3  # that are shown even where they add nothing to those before
SAME_TEXT: Final = 0.6  # overlap of terms from which two texts are copies
MOST: Final = 0.5  # of the posts that hold a term of the incident: then those are what it is about
NEWS: Final = 0.5  # of an example's worth: how much is about what no example has shown yet


class Read(Struct, frozen=True):
    """A post with its terms."""

    post: PostView
    terms: frozenset[str]


def weights_of(
    read: Sequence[Read], told: Collection[str], frequent: Collection[str]
) -> dict[str, float]:
    """Terms that examples should show, by how many posts hold them.

    The `told` ones; where those are in few posts, the `frequent` ones beside them, so that an
    example stands for the many and not for the odd.
    """
    said = {t: sum(t in r.terms for r in read) for t in sorted({*told, *frequent})}
    covered = sum(any(t in r.terms for t in told) for r in read)
    if covered < MOST * len(read):
        return {t: float(n) for t, n in said.items()}
    return {t: float(said[t]) for t in sorted(told)}


def pick_examples(
    read: Sequence[Read], weights: Mapping[str, float], *, of_mood: bool = True
) -> list[PostView]:
    """Three to five posts that stand for a surge and differ; fewer where there are not so many.

    `weights`: the terms to show, by how many posts hold them. One after the other the post is taken
    that holds most of their weight, that of terms not shown yet counting more (maximal marginal
    relevance, Carbonell and Goldstein 1998, over terms), and that is surely negative if `of_mood`.
    Own words come before copies, reach decides where the rest is equal. A second post of a
    cluster, an author or nearly the same words is left out; so is a fourth that shows nothing new.
    """
    whole = max(sum(weights.values()), 1e-9)
    held = {r.post.post_id: frozenset(t for t in weights if t in r.terms) for r in read}
    left = sorted(read, key=lambda r: r.post.post_id)
    picked: list[Read] = []
    shown: set[str] = set()
    while left and len(picked) < EXAMPLES:

        def rank(r: Read) -> tuple[bool, float, int, str]:
            typical = sum(weights[t] for t in held[r.post.post_id]) / whole
            fresh = sum(weights[t] for t in held[r.post.post_id] - shown) / whole  # noqa: B023
            worth = (1 - NEWS) * typical + NEWS * fresh
            sure = r.post.p_negative if of_mood else 0.0
            return repeats(r.post), -round(sure + worth, 1), -r.post.followers, r.post.post_id

        best = min(left, key=rank)
        if len(picked) >= LEAST and not held[best.post.post_id] - shown:
            fresher = [r for r in left if held[r.post.post_id] - shown and not repeats(r.post)]
            if not fresher:
                break
            best = min(fresher, key=rank)
        picked.append(best)
        shown |= held[best.post.post_id]
        left = [r for r in left if not _same(r, best)]
    return [r.post for r in picked]


def repeats(post: PostView) -> bool:
    """Whether it says what another post said."""
    return post.is_repost or post.is_duplicate


def overlap(a: AbstractSet[object], b: AbstractSet[object]) -> float:
    """Jaccard similarity; 0 of nothing."""
    both = len(a & b)
    together = len(a) + len(b) - both
    return both / together if together else 0.0


def _same(a: Read, b: Read) -> bool:
    return (
        a.post.post_id == b.post.post_id
        or a.post.cluster_id == b.post.cluster_id
        or a.post.key_text == b.post.key_text
        or (a.post.author == b.post.author and a.post.author != "")
        or overlap(a.terms, b.terms) >= SAME_TEXT
    )
