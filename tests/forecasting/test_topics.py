"""Themes: what stands together, each post once."""

from hypothesis import given
from hypothesis import strategies as st

from forecasting.topics import topics


def test_a_term_of_two_topics_does_not_join_them() -> None:
    where = {
        "battery fire": set(range(20)),
        "smoke": set(range(12)),
        "refund": set(range(20, 34)),
        "hotline": set(range(24, 34)),
        "terrible": {*range(16, 20), *range(20, 24)},
    }
    found = topics(where, 40)
    assert [topic.terms[0] for topic in found] == ["battery fire", "refund"]
    assert "smoke" in found[0].terms
    assert "hotline" in found[1].terms
    assert sum(topic.count for topic in found) <= 34


def test_terms_that_say_the_same_are_named_once() -> None:
    where = {
        "battery fire": {1, 2, 3, 4, 5},
        "battery": {1, 2, 3, 4, 5},
        "fire": {1, 2, 3, 4, 5, 6},
    }
    (only,) = topics(where, 6)
    assert len(only.terms) == 1


def test_few_posts_are_no_topic() -> None:
    assert topics({"a": set(range(4))}, 10) == ()
    assert topics({}, 0) == ()
    assert topics({"a": set(range(9))}, 200) == ()


@given(
    where=st.dictionaries(
        st.sampled_from(["a", "ab", "b", "cc", "d e", "f", "g"]),
        st.sets(st.integers(0, 29), min_size=1),
    )
)
def test_a_post_is_in_one_topic_at_most(where: dict[str, set[int]]) -> None:
    found = topics(where, 30)
    assert len(found) <= 4
    assert sum(topic.count for topic in found) <= len(set().union(*where.values()))
    assert all(topic.count >= 5 and topic.share == topic.count / 30 for topic in found)
    names = [term for topic in found for term in topic.terms]
    assert len(names) == len(set(names))
    assert found == topics(dict(reversed(where.items())), 30)
