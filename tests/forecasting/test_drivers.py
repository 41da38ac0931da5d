"""Evidence: what grew, who says it, and posts that stand for it."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from forecasting.drivers import evidence, top_terms
from forecasting.records import Evidence
from forecasting.views import PostView

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NAMES = ["Northwind"]


def post(i: int, text: str, **changes: object) -> PostView:
    made = PostView(
        post_id=f"feed:{i}",
        author=f"author{i}",
        followers=i,
        url=f"https://feed.example/{i}",
        text=text,
        key_text=text.casefold(),
        source="feed",
        lang="en",
        published_at=AT + timedelta(seconds=i),
        p_negative=0.8,
        is_repost=False,
        is_duplicate=False,
        cluster_id=i + 1,
    )
    return msgspec.structs.replace(made, **changes)


OLD = [
    post(1000 + i, text)
    for i, text in enumerate(
        ["Northwind service is slow", "my Northwind car arrived late", "queue at the service desk"]
        * 20
    )
]
FIRE = [
    "Northwind battery fire on the A4, terrible",
    "another battery fire, what are they doing",
    "scared of a battery fire in my garage",
    "smoke and then a battery fire near our school",
    "battery fire again, recall these cars now",
]
SURGE = [post(i, text) for i, text in enumerate(FIRE * 4)] + [
    post(50 + i, "Northwind service is slow") for i in range(8)
]


def test_the_phrase_that_grew_is_first_and_has_both_shares() -> None:
    found = evidence(SURGE, OLD, names=NAMES)
    top = found.terms[0]
    assert top.text == "battery fire"
    assert top.share == 20 / 28
    assert top.share_before == 0
    texts = [t.text for t in found.terms]
    assert "battery" not in texts  # the same posts say it
    assert "fire" not in texts
    assert not any("northwind" in t for t in texts)
    assert "service" not in texts  # it did not grow
    assert found.first is not None
    assert found.first.post_id == "feed:0"


def test_chinese_phrases_are_found_whole() -> None:
    old = [post(100 + i, "北风汽车服务太慢了") for i in range(30)]
    new = [
        post(i, text, lang="zh")
        for i, text in enumerate(
            ["北风汽车又电池起火了", "看到电池起火很害怕", "电池起火,没人管", "小区里电池起火"] * 5
        )
    ]
    found = evidence(new, old, names=["北风汽车"])
    assert found.terms[0].text == "电池起火"
    assert found.terms[0].share == 1
    assert all("北风" not in t.text for t in found.terms)


def test_terms_say_different_things() -> None:
    surge = [{"recall", "brakes"}] * 10 + [{"recall"}] * 10 + [{"refund"}] * 8
    texts = [t.text for t in top_terms(surge, [{"late"}] * 50)]
    assert {"recall", "refund"} <= set(texts)


def test_what_is_common_before_is_no_reason() -> None:
    assert top_terms([{"car"}] * 30, [{"car"}] * 100) == ()
    assert top_terms([{"rare"}] * 2 + [set()] * 40, []) == ()


def test_examples_differ_and_are_own_words() -> None:
    copies = [
        post(200 + i, FIRE[0], followers=10**6, is_repost=True, cluster_id=1) for i in range(30)
    ]
    found = evidence([*SURGE, *copies], OLD, names=NAMES)
    assert len(found.examples) == 3
    assert len({e.text for e in found.examples}) == 3
    assert not {e.post_id for e in found.examples} & {p.post_id for p in copies}
    assert all("fire" in e.text for e in found.examples)


def test_reach_breaks_a_tie() -> None:
    loud = post(300, FIRE[3], followers=84_000)
    assert evidence([*SURGE, loud], OLD, names=NAMES).examples[0].post_id == loud.post_id


def test_only_copies_still_give_an_example() -> None:
    copies = [post(i, FIRE[0], is_duplicate=True, cluster_id=7) for i in range(9)]
    found = evidence(copies, OLD)
    assert len(found.examples) == 1
    assert found.organic_share == 0
    assert found.reposts == 9


def test_who_says_it() -> None:
    posts = [
        post(1, "a bad thing", author="kai", source="bluesky"),
        post(2, "bad too", author="kai", source="bluesky", is_repost=True),
        post(3, "坏", author="kai", source="weibo", lang="zh"),
        post(4, "bad", author="", source="bluesky", is_duplicate=True),
    ]
    found = evidence(posts, [])
    assert [(p.name, p.count) for p in found.sources] == [("bluesky", 3), ("weibo", 1)]
    assert [(p.name, p.count) for p in found.languages] == [("en", 3), ("zh", 1)]
    assert found.authors == 2
    assert found.reposts == 2
    assert found.organic_share == 0.5


def test_no_posts_no_evidence() -> None:
    assert evidence([], []) == Evidence(
        terms=(),
        sources=(),
        languages=(),
        authors=0,
        reposts=0,
        organic_share=0.0,
        examples=(),
        first=None,
        stamps=None,
    )


words = st.lists(
    st.sampled_from(["battery", "fire", "recall", "slow", "起火", "late", "电池"]), max_size=5
)


@given(
    surge=st.lists(words, max_size=30),
    old=st.lists(words, max_size=30),
    seed=st.integers(0, 100),
)
def test_evidence_does_not_depend_on_the_order_of_posts(
    surge: list[list[str]], old: list[list[str]], seed: int
) -> None:
    a = [post(i, " ".join(w)) for i, w in enumerate(surge)]
    b = [post(100 + i, " ".join(w)) for i, w in enumerate(old)]
    found = evidence(a, b)
    mixed = random.Random(seed)
    mixed.shuffle(a)
    mixed.shuffle(b)
    assert evidence(a, b) == found
    assert all(0 < t.share <= 1 and 0 <= t.share_before < 1 for t in found.terms)
    assert len(found.terms) <= 5
    assert len({t.text for t in found.terms}) == len(found.terms)
