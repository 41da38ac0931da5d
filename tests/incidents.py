"""Incidents as they are told, for tests that need one and do not ask which."""

from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from forecasting.records import Evidence, Example, IncidentChange
from infra.channels.sample import sample_event
from processors.records import ScoredPost
from tests.posts import NOON

OPENED: Final = IncidentChange(
    incident_id="inc_1",
    brand="Acme",
    kind="negative_surge",
    change="opened",
    number=1,
    opened_at=NOON,
    since=NOON,
    at=NOON,
    reason="new",
    severity=5,
    score=5.0,
    observed=9,
    expected=1.0,
    expected_lower=0.0,
    expected_upper=2.0,
    share=0.5,
    share_expected=0.1,
    total_negative=9,
    peak_observed=9,
    growing=True,
)


def change_of(**changed: Any) -> IncidentChange:
    """A small surge of Acme that opens at noon, but for what is said."""
    return replace(OPENED, **changed)


def surge_of(opened_at: datetime, /, **changed: Any) -> IncidentChange:
    """The surge of Northwind that people try receivers with, but for what is said."""
    return replace(sample_event(opened_at).change, **{"returns_at": None, **changed})


def evidence_of(*examples: Example, authors: int = 2) -> Evidence:
    """Nothing but examples."""
    return Evidence(
        terms=(),
        sources=(),
        languages=(),
        authors=authors,
        reposts=0,
        organic_share=1.0,
        examples=examples,
        first=None,
        stamps=None,
    )


def example_of(one: ScoredPost) -> Example:
    """The post as an incident shows it."""
    return Example(
        post_id=one.post.post_id,
        author=one.post.author,
        followers=one.post.followers,
        url=one.post.url,
        text=one.post.text,
        published_at=one.post.published_at,
        p_negative=0.9,
    )
