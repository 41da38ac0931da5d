"""Repeated texts with their first post, and the voices that carry furthest."""

import random
from datetime import timedelta

from forecasting.spread import clusters, loudest
from forecasting.views import PostView
from tests.forecasting.posts import AT, post

LONG = "the battery of my new car caught fire in the garage"


def copies(count: int, cluster: int, first: int = 0, **changes: object) -> list[PostView]:
    return [
        post(first + i, f"{LONG} {cluster}", cluster_id=cluster, is_duplicate=i > 0, **changes)
        for i in range(count)
    ]


def test_the_most_repeated_texts_with_who_and_when() -> None:
    posts = [*copies(5, 7), *copies(9, 2**64 - 1, first=50, source="other"), *copies(2, 9, 90)]
    shown, ids = clusters(posts)
    assert [(c.cluster_id, c.count, c.authors, c.sources) for c in shown] == [
        ("ffffffffffffffff", 9, 9, 1),
        ("0000000000000007", 5, 5, 1),
    ]
    assert ids == ("ffffffffffffffff", "0000000000000007")
    assert shown[0].first.post_id == "feed:50"


def test_the_first_post_of_a_text_may_be_from_before_the_hour() -> None:
    origin = post(900, "first", cluster_id=7, published_at=AT - timedelta(hours=2))
    shown, _ = clusters(copies(5, 7), [origin, post(901, "another", cluster_id=8)])
    assert shown[0].first.post_id == "feed:900"
    assert shown[0].count == 5


def test_more_texts_are_known_by_id_than_are_shown() -> None:
    posts = [p for n in range(12) for p in copies(3, 100 + n, first=10 * n)]
    shown, ids = clusters(posts)
    assert (len(shown), len(ids)) == (3, 12)
    mixed = list(posts)
    random.Random(3).shuffle(mixed)
    assert clusters(mixed) == (shown, ids)


def test_incidents_are_linked_by_no_text_that_is_short_or_rare() -> None:
    short = [post(i, "worst ever", cluster_id=5) for i in range(40)]
    rare = copies(3, 6, first=100)
    shown, ids = clusters([*short, *rare, *(post(200 + i, f"own {i}") for i in range(40))])
    assert [text.count for text in shown] == [40, 3]
    assert ids == ()


def test_the_loudest_are_known_by_their_first_post() -> None:
    posts = [
        post(1, "a", author="kai", followers=80),
        post(2, "b", author="kai", followers=84),
        post(3, "c", author="bea", followers=1000),
        post(4, "d", author="", followers=10**6),
        post(5, "e", author="none", followers=0),
        post(6, "f", author="kai", followers=5, source="other"),
    ]
    found = loudest(posts)
    assert [(v.author, v.followers, v.posts, v.post_id) for v in found] == [
        ("bea", 1000, 1, "feed:3"),
        ("kai", 84, 2, "feed:1"),
        ("kai", 5, 1, "feed:6"),
    ]
    assert loudest(posts[::-1]) == found
