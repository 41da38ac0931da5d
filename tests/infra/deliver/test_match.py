"""Which incidents a route or a silence means."""

from typing import Any

import pytest

from infra.deliver.match import matches, view, why_not
from infra.deliver.records import Match
from tests.infra.deliver.plans import change

EVENT = change(
    "a.1",
    severity=6,
    languages={"en": 51, "de": 40, "fr": 9},
    sources={"bluesky": 50, "mastodon": 30, "rss": 20},
)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        # nothing said: everything is meant
        ({}, ""),
        ({"brands": ("Contoso", "Northwind")}, ""),
        ({"brands": ("Contoso",)}, "brand is Northwind, not Contoso"),
        ({"kinds": ("negative_surge",)}, ""),
        ({"kinds": ("silence", "mood_shift")}, "kind is negative_surge, not silence or mood_shift"),
        # severity is at least
        ({"severity": 6}, ""),
        ({"severity": 7}, "severity is 6, below 7"),
        # most is more than half
        ({"languages": ("en",)}, ""),
        ({"languages": ("de",)}, "most posts are not in de"),
        ({"sources": ("bluesky",)}, "most posts are not from bluesky"),
        # of those that are named together
        ({"languages": ("de", "fr", "zh")}, "most posts are not in de or fr or zh"),
        ({"sources": ("bluesky", "rss")}, ""),
        ({"incidents": ("a.1",)}, ""),
        ({"incidents": ("a", "a.1.1")}, "is a.1, not a or a.1.1"),
        # all that is said has to hold
        ({"brands": ("Northwind",), "severity": 9}, "severity is 6, below 9"),
    ],
)
def test_what_is_meant_and_why_not(match: dict[str, Any], expected: str) -> None:
    assert why_not(Match(**match), view(EVENT)) == expected
    assert matches(Match(**match), view(EVENT)) == (expected == "")


def test_where_nothing_is_known_of_the_posts_none_are_of_a_language() -> None:
    seen = view(change("a"))
    assert not matches(Match(languages=("en",)), seen)
    assert not matches(Match(sources=("bluesky",)), seen)
    assert matches(Match(), seen)
