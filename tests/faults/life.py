"""The life of posts after their first sight: edits and erasures among them, of known effect."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.faults.posts import Post, make_texts

OF_CLUSTERS = frozenset({"clusters", "voices"})
"""An edited post stays in the cluster that it had: texts do not tell clusters apart any more."""


def with_life(seed: int, posts: Sequence[Post], *, share: float = 0.1) -> list[Post]:
    """`posts` with edits, deletes and a few deletions of accounts after them, in order of time."""
    chance = random.Random(f"life {seed}")
    texts = make_texts(chance, len(posts) // 4)
    first = [post for post in posts if post.outcome == "stored"]
    last = posts[-1].observed
    events: list[Post] = []
    for post in first:
        at = _later(post, last, chance)
        if chance.random() < share:
            text, brands = chance.choice(texts)
            some = replace(post, kind="edit", text=text, brands=brands, edited=at, observed=at)
            events.append(replace(some, outcome="edited"))
        if chance.random() < share / 2:
            events.append(
                replace(post, kind="delete", observed=at, outcome="erased", reason="post")
            )
    for post in chance.sample(first, 3):
        gone = replace(post, kind="account_delete", observed=_later(post, last, chance))
        events.append(replace(gone, outcome="erased", reason="author"))
    every = sorted([*posts, *events], key=lambda post: post.observed)
    return [replace(post, position=position) for position, post in enumerate(every)]


def _later(post: Post, last: datetime, chance: random.Random) -> datetime:
    seconds = (last - post.observed).total_seconds()
    return post.observed + timedelta(seconds=1 + int(seconds * chance.random()))
