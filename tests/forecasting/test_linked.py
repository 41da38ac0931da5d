"""Incidents of several brands that tell one story."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.drivers import Background, evidence
from forecasting.evidence import Evidence, Link, Story, Term
from forecasting.linked import linked
from forecasting.spread import example_of
from tests.forecasting.posts import post

BARE = evidence((), Background())


def own(texts: str = "", terms: str = "", first: int | None = None) -> Evidence:
    return replace(
        BARE,
        cluster_ids=tuple(texts.split()),
        terms=tuple(Term(text=t, share=0.5, share_before=0.0) for t in terms.split()),
        first=None if first is None else example_of(post(first, "first")),
    )


def story(texts: str = "", terms: str = "", first: str = "", name: str = "inc_2") -> Story:
    return Story(
        incident_id=name,
        brand="Contoso",
        cluster_ids=tuple(texts.split()),
        terms=tuple(terms.split()),
        first=first,
    )


@pytest.mark.parametrize(
    ("mine", "other", "by", "shared"),
    [
        (own("a b c"), story("b c d"), "texts", 2),
        (own("a", "fire recall", 1), story("a", "fire recall", "feed:1"), "texts", 1),
        (own("a", "fire", 1), story("b", "rain", "feed:1"), "first_post", 1),
        (own("", "fire recall"), story("", "recall smoke fire"), "words", 2),
    ],
)
def test_the_surest_reason_is_told(mine: Evidence, other: Story, by: str, shared: int) -> None:
    (link,) = linked(mine, [other])
    assert link == Link(incident_id="inc_2", brand="Contoso", by=by, shared=shared)  # type: ignore


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (own(), story()),
        (own("a"), story("b")),
        (own("", "delay"), story("", "delay")),  # one word is chance
        (own("", "fire recall"), story("", "rain recall fire")),  # its top term is another
        (own(first=1), story(first="feed:2")),
        (own(), story(first="")),
    ],
)
def test_chance_is_no_link(mine: Evidence, other: Story) -> None:
    assert linked(mine, [other]) == ()


letters = st.lists(st.sampled_from("abcdef"), max_size=5, unique=True).map(" ".join)
stories = st.lists(
    st.builds(
        story, letters, letters, st.sampled_from(["", "feed:1"]), st.sampled_from(["i", "j", "k"])
    ),
    max_size=12,
)


@given(mine=st.builds(own, letters, letters, st.sampled_from([None, 1])), others=stories)
def test_each_incident_once_whatever_the_order(mine: Evidence, others: list[Story]) -> None:
    found = linked(mine, others)
    assert len({link.incident_id for link in found}) == len(found) <= 3
    mixed = [*others, *others]
    random.Random(2).shuffle(mixed)
    assert linked(mine, mixed) == found
