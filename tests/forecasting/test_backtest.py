"""A backtest says what the fold that judges the present would have said, and draws it."""

import random
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from forecasting.backtest import Backtest, backtest
from forecasting.incident import IncidentState
from forecasting.picture import svg
from forecasting.records import BUCKET, Bucket, Policy
from forecasting.watch import advance

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CRISIS = (START + 12 * DAY, START + 12 * DAY + timedelta(hours=4))


@pytest.fixture(scope="module")
def found() -> dict[datetime, Bucket]:
    """Sixteen days with one crisis in them."""
    draw = random.Random(7)
    buckets = {}
    for i in range(16 * 288):
        at = START + i * BUCKET
        share = 0.7 if CRISIS[0] <= at < CRISIS[1] else 0.2
        volume = draw.randint(3, 9)
        negative = sum(draw.random() < share for _ in range(volume))
        buckets[at] = Bucket(
            start=at, volume=volume, negative=negative, voices=volume, negative_voices=negative
        )
    return buckets


def look(found: dict[datetime, Bucket], *, warm: datetime = START, days: int = 7) -> Backtest:
    since = START + days * DAY
    return backtest("Acme", found, warm=warm, since=since, until=START + 16 * DAY, policy=Policy())


def test_finds_the_crisis_and_nothing_else(found: dict[datetime, Bucket]) -> None:
    test = look(found)
    (one,) = [one for one in test.incidents if one.alerts]
    assert CRISIS[0] < one.opened_at < CRISIS[0] + timedelta(hours=1)
    assert one.closed_at is not None
    assert one.closed_at > CRISIS[1]
    assert test.posts == sum(b.volume for at, b in found.items() if at >= START + 7 * DAY)


def test_is_what_the_live_fold_says(found: dict[datetime, Bucket]) -> None:
    live = advance(IncidentState(), "Acme", found, since=START, until=START + 16 * DAY)
    opened = [c.opened_at for c in live.changes if c.change == "opened"]
    assert [one.opened_at for one in look(found, days=0).incidents] == opened


def test_what_opened_before_the_span_is_left_out(found: dict[datetime, Bucket]) -> None:
    assert [one for one in look(found, days=13).incidents if one.alerts] == []


def test_a_brand_without_posts_has_no_past() -> None:
    test = look({})
    assert (test.incidents, test.hours, test.posts) == ((), (), 0)
    ElementTree.fromstring(svg([test], ["nothing"]))


def test_the_picture_is_well_formed_and_says_what_it_shows(found: dict[datetime, Bucket]) -> None:
    picture = svg([look(found), look(found)], ["A & <b>", "keen"])
    tree = ElementTree.fromstring(picture)
    titles = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "A & <b>" in titles
    hours = [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}title")]
    assert sum("severity" in text for text in hours) == 2 * len(look(found).incidents)
