"""A feed that stops is no silence, and what it catches up is no surge."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.pipe import Flow, flow, qualities
from forecasting.records import BUCKET

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(bucket: int) -> datetime:
    return START + bucket * BUCKET


def series(*counts: int) -> dict[datetime, int]:
    return {at(i): count for i, count in enumerate(counts)}


def followed(*counts: int) -> Flow:
    return flow(series(*counts), since=START, until=at(len(counts)))


def test_a_feed_that_stops_is_stalled_from_its_first_empty_bucket() -> None:
    found = followed(*[10] * 20, *[0] * 6)
    assert found.stalled == {at(i) for i in range(20, 26)}


def test_too_few_are_missing_to_say() -> None:
    assert not followed(*[1] * 50, *[0] * 20).stalled


def test_what_comes_right_after_a_stall_is_caught_up_as_far_as_it_was_missing() -> None:
    found = followed(*[10] * 20, *[0] * 6, 40, 40, 40, 40)
    assert found.catching_up == {at(26), at(27)}


def test_a_surge_without_a_stall_is_a_surge() -> None:
    assert followed(*[10] * 20, *[80] * 12).catching_up == frozenset()


def test_a_night_is_no_stall() -> None:
    day = [round(10 + 9 * ((i % 288) / 144 - 1) ** 2 * 2) for i in range(3 * 288)]
    assert not followed(*day).stalled


def test_the_end_of_a_burst_is_no_stall() -> None:
    assert not followed(*[4] * 300, *[90] * 12, *[4] * 60).stalled


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 60))
def test_chance_alone_stalls_nothing(seed: int, mean: float) -> None:
    draw = random.Random(seed)
    # Posts in bunches of up to five: the spread of real sources.
    counts = [sum(draw.randint(1, 5) for _ in range(int(mean / 3))) + 1 for _ in range(400)]
    assert not followed(*counts).stalled


@given(st.lists(st.integers(0, 300), min_size=1, max_size=80), st.integers(1, 80))
def test_a_bucket_is_marked_by_what_came_up_to_it(counts: list[int], cut: int) -> None:
    whole, part = followed(*counts), followed(*counts[:cut])
    # A stall is known a little later than it begins: what is known once stays known.
    assert part.stalled <= whole.stalled
    assert part.catching_up <= whole.catching_up


@pytest.mark.parametrize(
    ("shares", "quality"),
    [
        ({"a": 1.0}, "gap"),
        ({"a": 0.8, "b": 0.2}, "gap"),
        ({"a": 0.5, "b": 0.5}, "partial"),
        ({"a": 0.1, "b": 0.9}, None),  # what is missing changes little
        ({"b": 1.0}, None),
    ],
)
def test_a_brand_is_not_seen_as_far_as_its_sources_stall(
    shares: dict[str, float], quality: str | None
) -> None:
    flows = {"a": Flow(stalled=frozenset({START}), catching_up=frozenset())}
    assert qualities(flows, shares).get(START) == quality


def test_a_stall_says_more_than_a_change() -> None:
    flows = {"a": Flow(stalled=frozenset({START}), catching_up=frozenset({at(1)}))}
    found = qualities(flows, {"a": 1.0}, {START, at(1), at(2)})
    assert found == {START: "gap", at(1): "catch_up", at(2): "changed"}
