"""How a story spreads: the texts that are repeated, and the voices that carry furthest."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from forecasting.automation import LEAST_TEXT, account_of
from forecasting.evidence import Cluster, Example, Voice
from forecasting.views import PostView

CLUSTERS: Final = 3
CLUSTER_IDS: Final = 20
LEAST_POSTS: Final = 3
LEAST_SHARE: Final = 0.05  # of the posts: a text that is part of the story
VOICES: Final = 3


def clusters(
    posts: Sequence[PostView], earlier: Sequence[PostView] = ()
) -> tuple[tuple[Cluster, ...], tuple[str, ...]]:
    """The most repeated texts with their first post, and the ids of those that make up the story.

    Most posts first. The ids are what incidents are linked by, so they are of texts that are no
    chance: long enough, and in enough of the posts. `earlier`: further posts of the story, of
    which one may be a text's first.
    """
    found: dict[int, list[PostView]] = defaultdict(list)
    for post in posts:
        found[post.cluster_id].append(post)
    large = [some for some in found.values() if len(some) >= LEAST_POSTS]
    large.sort(key=lambda some: (-len(some), some[0].cluster_id))
    first: dict[int, PostView] = {}
    for post in sorted((*posts, *earlier), key=lambda p: (p.published_at, p.post_id)):
        first.setdefault(post.cluster_id, post)
    shown = tuple(
        Cluster(
            cluster_id=_hex(some[0]),
            count=len(some),
            authors=len({account_of(p) for p in some if p.author}),
            sources=len({p.source for p in some}),
            first=example_of(first[some[0].cluster_id]),
        )
        for some in large[:CLUSTERS]
    )
    telling = [
        some
        for some in large
        if len(some) >= LEAST_SHARE * len(posts) and len(some[0].key_text) >= LEAST_TEXT
    ]
    return shown, tuple(_hex(some[0]) for some in telling[:CLUSTER_IDS])


def loudest(posts: Sequence[PostView]) -> tuple[Voice, ...]:
    """The authors of widest reach, each with their first post here; those without any left out."""
    found: dict[tuple[str, str], list[PostView]] = defaultdict(list)
    for post in sorted(posts, key=lambda p: (p.published_at, p.post_id)):
        if post.author and post.followers:
            found[account_of(post)].append(post)
    reach = {account: max(p.followers for p in some) for account, some in found.items()}
    return tuple(
        Voice(
            post_id=found[account][0].post_id,
            author=account[1],
            followers=reach[account],
            url=found[account][0].url,
            published_at=found[account][0].published_at,
            posts=len(found[account]),
        )
        for account in sorted(reach, key=lambda a: (-reach[a], a))[:VOICES]
    )


def example_of(post: PostView) -> Example:
    """A post as it is shown."""
    return Example(
        post_id=post.post_id,
        author=post.author,
        followers=post.followers,
        url=post.url,
        text=post.text,
        published_at=post.published_at,
        p_negative=post.p_negative,
    )


def _hex(post: PostView) -> str:
    return f"{post.cluster_id % 2**64:016x}"
