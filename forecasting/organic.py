"""Organic or manufactured: every post of an incident is counted in exactly one of six groups.

The first that holds: spam, of a suspected account, repost, syndicated, copy, organic. So
"organic" is what is left: somebody's own words, of somebody whom nothing speaks against.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal

from forecasting.automation import Account, account_of, suspected, suspicions
from forecasting.evidence import Origin
from forecasting.views import PostView

Group = Literal["spam", "automated", "repost", "syndicated", "copy", "organic"]

WIRE_SOURCES: Final = 3  # sources that one text stands on
WIRE_ACCOUNTS: Final = 3  # that share one text and one link
WIRE_LINKED: Final = 0.5  # of the posts of the text that hold the link
_LINK = re.compile(r"https?://(?:www\.)?([^\s?#]+)")


def origin(
    posts: Sequence[PostView], before: Sequence[PostView] = (), *, hours: float = 1.0
) -> Origin:
    """Count how the posts of a surge came about. `before` are those of the day before.

    The groups add up to all posts, and their order changes nothing.
    """
    grounds = suspected(posts, before, hours=hours)
    counts = Counter(groups(posts, grounds.keys()))
    return Origin(
        posts=len(posts),
        organic=counts["organic"],
        reposts=counts["repost"],
        copies=counts["copy"],
        syndicated=counts["syndicated"],
        automated=counts["automated"],
        spam=counts["spam"],
        suspected_accounts=len(grounds),
        suspicions=suspicions(posts, grounds),
    )


def groups(posts: Sequence[PostView], suspects: AbstractSet[Account]) -> list[Group]:
    """The group of each post, in their order."""
    wires = _wires(posts)
    return [_group(post, suspects, wires) for post in posts]


def _group(post: PostView, suspects: AbstractSet[Account], wires: AbstractSet[int]) -> Group:
    if post.is_spam:
        return "spam"
    if account_of(post) in suspects:
        return "automated"
    if post.is_repost:
        return "repost"
    if post.is_duplicate:
        return "syndicated" if post.cluster_id in wires else "copy"
    return "organic"


def _wires(posts: Sequence[PostView]) -> set[int]:
    """Clusters that an article, an agency or a scheduling tool spreads, and not people's copying.

    One text on three sources, or one text and one link by three accounts.
    """
    by_cluster: dict[int, list[PostView]] = defaultdict(list)
    for post in posts:
        if not post.is_repost:
            by_cluster[post.cluster_id].append(post)
    return {cluster for cluster, some in by_cluster.items() if _is_wire(some)}


def _is_wire(some: Sequence[PostView]) -> bool:
    if len({p.source for p in some}) >= WIRE_SOURCES:
        return True
    if len(some) < WIRE_ACCOUNTS:
        return False
    sharing: dict[str, list[Account]] = defaultdict(list)
    for post in some:
        if link := _LINK.search(post.text):
            sharing[link[1].rstrip("/.,)")].append(account_of(post))
    return any(
        len(accounts) >= WIRE_LINKED * len(some) and len(set(accounts)) >= WIRE_ACCOUNTS
        for accounts in sharing.values()
    )
