"""Who said it, who repeated it, and what machines may have made."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.automation import Account, log_chance, suspected, suspicions
from forecasting.evidence import Origin
from forecasting.organic import groups, origin
from forecasting.views import PostView
from tests.forecasting.posts import AT, post

LONG = "the battery of my new car caught fire in the garage"
OTHERS = [post(5000 + 37 * i, f"some own words, number {i}, about it") for i in range(90)]


def shares(found: Origin) -> int:
    return (
        found.organic
        + found.reposts
        + found.copies
        + found.syndicated
        + found.automated
        + found.spam
    )


def at(seconds: float) -> dict[str, object]:
    return {"published_at": AT + timedelta(seconds=seconds)}


def by(author: str, texts: list[str], *, every: float, first: int = 0) -> list[PostView]:
    return [
        post(first + i, text, author=author, is_duplicate=i > 0, cluster_id=77, **at(i * every))
        for i, text in enumerate(texts)
    ]


def test_each_post_is_in_the_first_group_that_fits() -> None:
    posts = [
        post(1, LONG),
        post(2, LONG, is_duplicate=True, cluster_id=2),
        post(3, LONG, is_repost=True, is_duplicate=True),
        post(4, "win a free phone", is_spam=True, is_repost=True),
    ]
    assert groups(posts, frozenset()) == ["organic", "copy", "repost", "spam"]
    assert groups(posts, frozenset({("feed", "author3")}))[2] == "automated"
    found = origin(posts)
    assert (found.organic, found.copies, found.reposts, found.spam) == (1, 1, 1, 1)


def test_one_text_on_three_sources_is_syndicated() -> None:
    def copies(*sources: str) -> list[PostView]:
        return [
            post(i, LONG, source=source, is_duplicate=i > 0, cluster_id=7)
            for i, source in enumerate(sources)
        ]

    assert groups(copies("a", "b", "c"), frozenset()) == ["organic", "syndicated", "syndicated"]
    assert groups(copies("a", "b", "b"), frozenset()) == ["organic", "copy", "copy"]


def test_an_article_passed_on_with_its_link_is_syndicated() -> None:
    def shared(*links: str) -> list[PostView]:
        return [
            post(i, f"{LONG} {link}", is_duplicate=i > 0, cluster_id=7)
            for i, link in enumerate(links)
        ]

    one = shared(
        "https://news.example/a?utm=1", "http://www.news.example/a", "https://news.example/a/"
    )
    assert groups(one, frozenset())[1:] == ["syndicated", "syndicated"]
    other = shared("https://news.example/a", "https://news.example/b", "https://news.example/c")
    assert groups(other, frozenset())[1:] == ["copy", "copy"]
    mine = [
        post(i, p.text, author="one", is_duplicate=True, cluster_id=7) for i, p in enumerate(one)
    ]
    assert groups(mine, frozenset()) == ["copy"] * 3


def test_an_angry_customer_is_no_machine() -> None:
    """Often and in own words, or the same again, but not both."""
    often = by("ann", [f"complaint {i} in words of its own" for i in range(40)], every=80)
    again = by("bea", [LONG] * 11, every=300, first=100)
    assert suspected([*often, *again, *OTHERS]) == {}


def test_often_and_one_text_is_suspected() -> None:
    posts = by("bot", [LONG] * 14, every=250)
    grounds = suspected([*posts, *OTHERS])
    assert {account: set(each) for account, each in grounds.items()} == {
        ("feed", "bot"): {"rate", "reuse"}
    }
    found = origin([*posts, *OTHERS])
    assert (found.automated, found.suspected_accounts) == (14, 1)
    assert found.organic == len(OTHERS)
    assert [(s.ground, s.accounts, s.posts, s.most) for s in found.suspicions] == [
        ("rate", 1, 14, 14),
        ("reuse", 1, 14, 14),
    ]


@pytest.mark.parametrize(("count", "suspects"), [(59, 0), (60, 1)])
def test_what_no_person_does_is_enough_by_itself(count: int, suspects: int) -> None:
    posts = by("bot", [f"headline {i} of the day" for i in range(count)], every=3600 / count)
    assert origin([*posts, *OTHERS]).suspected_accounts == suspects


def test_who_does_not_sleep_needs_a_second_ground() -> None:
    before = [
        post(1000 + i, f"news {i}", author="wire", published_at=AT - timedelta(hours=i + 1))
        for i in range(23)
    ]
    once = [post(1, "news of now", author="wire")]
    assert suspected(once, before) == {}
    often = by("wire", [f"news of now {i}" for i in range(15)], every=200)
    assert set(suspected(often, before)[("feed", "wire")]) == {"rate", "sleepless"}
    assert suspected(OTHERS, before) == {}  # it is silent now


def test_reposts_are_one_click_and_no_ground() -> None:
    posts = [post(i, LONG, author="fan", is_repost=True, **at(i)) for i in range(100)]
    assert origin(posts).suspected_accounts == 0


def test_nobody_is_nobodys_account() -> None:
    assert origin([post(i, LONG, author="", **at(0)) for i in range(200)]).suspected_accounts == 0


def ring(count: int, seconds: float, text: str = LONG, first: int = 0) -> list[PostView]:
    return [
        post(
            first + i,
            text,
            author=f"ring{i}",
            is_duplicate=i > 0,
            cluster_id=7,
            **at(seconds * i / count),
        )
        for i in range(count)
    ]


def test_many_accounts_with_one_text_at_once_are_suspected() -> None:
    found = origin([*ring(25, 9), *OTHERS])
    assert found.suspected_accounts == 25
    (why,) = found.suspicions
    assert (why.ground, why.most, why.seconds) == ("synchrony", 25, 10)


def test_few_at_once_or_many_in_an_hour_are_not() -> None:
    """A joke that is copied by hand spreads over the hour; a handful at once may be chance."""
    assert origin([*ring(6, 9), *OTHERS]).suspected_accounts == 0
    assert origin([*ring(60, 3500), *OTHERS]).suspected_accounts == 0


def test_a_second_ground_makes_a_small_ring_suspected() -> None:
    small = ring(12, 9)
    assert origin([*small, *OTHERS]).suspected_accounts == 0
    again = [
        post(100 * n + i, f"ring{i} {LONG}", author=f"ring{i}", **at(500 * n + 41 * i))
        for n in range(1, 7)
        for i in range(12)
    ]
    grounds = suspected([*small, *again, *OTHERS])
    assert len(grounds) == 12
    assert all(set(each) == {"synchrony", "reuse"} for each in grounds.values())


def test_a_share_button_is_no_ring() -> None:
    assert origin([*ring(40, 9, f"{LONG} https://news.example/a"), *OTHERS]).suspected_accounts == 0


def test_where_everybody_posts_at_once_nobody_stands_out() -> None:
    """A feed that delivers a backlog, or a goal in extra time."""
    crowd = [post(9000 + i, f"own words {i} of the crowd", **at(i / 20)) for i in range(200)]
    assert origin([*ring(25, 9), *crowd]).suspected_accounts == 0


def test_the_bound_is_never_below_the_true_chance() -> None:
    rng = random.Random(5)
    posts, usual, together, trials = 12, 1 / 6, 6, 4000
    hits = 0
    for _ in range(trials):
        times = sorted(rng.random() for _ in range(posts))
        hits += any(
            sum(begin <= time <= begin + usual for time in times) >= together for begin in times
        )
    assert hits / trials <= 2.718281828 ** log_chance(together, posts, usual)


texts = st.sampled_from(
    [LONG, LONG + " https://news.example/a", "short", "other words of somebody"]
)
drawn = st.lists(
    st.tuples(
        texts,
        st.integers(0, 5),
        st.sampled_from(["x", "y", "z"]),
        st.integers(0, 3600),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=60,
)


def made(rows: list[tuple[str, int, str, int, bool, bool, bool]]) -> list[PostView]:
    return [
        post(
            i,
            text,
            author=f"a{author}" if author else "",
            source=source,
            cluster_id=len(text),
            is_repost=repost,
            is_duplicate=copy,
            is_spam=spam,
            **at(seconds),
        )
        for i, (text, author, source, seconds, repost, copy, spam) in enumerate(rows)
    ]


@given(now=drawn, before=drawn, seed=st.integers(0, 99))
def test_the_groups_add_up_whatever_the_order(
    now: list[tuple[str, int, str, int, bool, bool, bool]],
    before: list[tuple[str, int, str, int, bool, bool, bool]],
    seed: int,
) -> None:
    posts, past = made(now), made(before)
    found = origin(posts, past)
    assert shares(found) == found.posts == len(posts)
    assert found.suspected_accounts <= len({p.author for p in posts} - {""}) * 3
    assert found.automated <= sum(1 for p in posts if p.author)
    assert bool(found.suspicions) == bool(found.suspected_accounts)
    assert all(s.accounts <= found.suspected_accounts for s in found.suspicions)
    mixed = random.Random(seed)
    mixed.shuffle(posts)
    mixed.shuffle(past)
    assert origin(posts, past) == found


@given(rows=drawn)
def test_a_suspect_has_two_grounds_or_an_extreme_one(
    rows: list[tuple[str, int, str, int, bool, bool, bool]],
) -> None:
    posts = made(rows * 4)
    grounds = suspected(posts)
    for each in grounds.values():
        assert len(each) > 1 or any(case.is_extreme for case in each.values())
    named: set[Account] = {(p.source, p.author) for p in posts if p.author}
    assert grounds.keys() <= named
    assert sum(s.accounts for s in suspicions(posts, grounds)) == sum(map(len, grounds.values()))
