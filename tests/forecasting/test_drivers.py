"""Evidence: what grew, who says it, and posts that stand for it."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from forecasting.drivers import Background, evidence
from forecasting.evidence import Evidence, Origin
from forecasting.keyness import grown, top_terms
from tests.forecasting.posts import AT, post

NAMES = ["Northwind"]


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
    found = evidence(SURGE, Background(before=OLD, names=NAMES))
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
    found = evidence(new, Background(before=old, names=["北风汽车"]))
    assert found.terms[0].text == "电池起火"
    assert found.terms[0].share == 1
    assert all("北风" not in t.text for t in found.terms)


def test_terms_say_different_things() -> None:
    surge = [{"recall", "brakes"}] * 10 + [{"recall"}] * 10 + [{"refund"}] * 8
    texts = [t.text for t in top_terms(grown(surge, [{"late"}] * 50))]
    assert {"recall", "refund"} <= set(texts)


def test_what_is_common_before_is_no_reason() -> None:
    assert top_terms(grown([{"car"}] * 30, [{"car"}] * 100)) == ()
    assert top_terms(grown([{"rare"}] * 2 + [set()] * 40, [])) == ()


def test_examples_differ_and_are_own_words() -> None:
    copies = [
        post(200 + i, FIRE[0], followers=10**6, is_repost=True, cluster_id=1) for i in range(30)
    ]
    found = evidence([*SURGE, *copies], Background(before=OLD, names=NAMES))
    assert len(found.examples) == 3
    assert len({e.text for e in found.examples}) == 3
    assert not {e.post_id for e in found.examples} & {p.post_id for p in copies}
    assert all("fire" in e.text for e in found.examples)


def test_reach_breaks_a_tie() -> None:
    loud = post(300, FIRE[3], followers=84_000)
    assert (
        evidence([*SURGE, loud], Background(before=OLD, names=NAMES)).examples[0].post_id
        == loud.post_id
    )


def test_only_copies_still_give_an_example() -> None:
    copies = [post(i, FIRE[0], is_duplicate=True, cluster_id=7) for i in range(9)]
    found = evidence(copies, Background(before=OLD))
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
    found = evidence(posts, Background())
    assert [(p.name, p.count) for p in found.sources] == [("bluesky", 3), ("weibo", 1)]
    assert [(p.name, p.count) for p in found.languages] == [("en", 3), ("zh", 1)]
    assert found.authors == 2
    assert found.reposts == 2
    assert found.organic_share == 0.5


def test_no_posts_no_evidence() -> None:
    assert evidence([], Background()) == Evidence(
        terms=(),
        sources=(),
        languages=(),
        authors=0,
        reposts=0,
        organic_share=0.0,
        examples=(),
        first=None,
        stamps=None,
        origin=Origin(
            posts=0,
            organic=0,
            reposts=0,
            copies=0,
            syndicated=0,
            automated=0,
            spam=0,
            suspected_accounts=0,
            suspicions=(),
        ),
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
    found = evidence(a, Background(before=b, earlier=a))
    mixed = random.Random(seed)
    mixed.shuffle(a)
    mixed.shuffle(b)
    assert evidence(a, Background(before=b, earlier=a)) == found
    assert all(0 < t.share <= 1 and 0 <= t.share_before < 1 for t in found.terms)
    assert len(found.terms) <= 5
    assert len({t.text for t in found.terms}) == len(found.terms)


def test_the_first_post_of_the_story_may_be_from_before_the_hour() -> None:
    earlier = [
        post(900, "Northwind battery fire!", published_at=AT - timedelta(minutes=50)),
        post(901, "Northwind is late", published_at=AT - timedelta(minutes=55)),
    ]
    found = evidence(SURGE, Background(before=OLD, earlier=earlier, names=NAMES))
    assert found.first is not None
    assert found.first.post_id == "feed:900"


def test_the_words_of_one_author_alone_are_no_term() -> None:
    mine = [post(400 + i, f"gizmo {i} exploded", author="one") for i in range(30)]
    found = evidence([*SURGE, *mine], Background(before=OLD, names=NAMES))
    assert not any("gizmo" in term.text for term in found.terms)
    assert not any("gizmo" in term for topic in found.topics for term in topic.terms)


def test_hashtags_that_grew_without_the_brand() -> None:
    new = [post(i, f"#Northwind #Recall {i} #电池起火#") for i in range(20)]
    old = [post(100 + i, "#northwind #monday") for i in range(20)]
    found = evidence(new, Background(before=old, names=NAMES))
    assert {term.text for term in found.hashtags} <= {"#recall", "#电池起火"}
    assert found.hashtags


def test_examples_cover_the_topics() -> None:
    refund = [
        post(600 + i, f"{word} refund refused, no refund for my trip")
        for i, word in enumerate(["Northwind", "again a", "shameful:", "third", "their", "my"])
    ]
    found = evidence([*SURGE, *refund], Background(before=OLD, names=NAMES))
    assert any("refund" in one.text for one in found.examples)
    assert any("fire" in one.text for one in found.examples)
    assert 3 <= len(found.examples) <= 5


def test_shares_are_of_the_posts_that_were_read() -> None:
    found = evidence(SURGE, Background(before=OLD, names=NAMES))
    assert found.posts == len(SURGE)
    assert found.origin is not None
    assert found.organic_share == found.origin.organic / found.posts
