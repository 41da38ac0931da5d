"""A feed that stops is no silence, and what it catches up is no surge."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.counted_by import FlowCount
from forecasting.flow import GONE, Flow, Mark, follow
from forecasting.pipe import Pipes, Qualities, advance_pipes
from forecasting.records import BUCKET

START = datetime(2026, 1, 1, tzinfo=UTC)
QUERIES = {"Acme": "q1", "Other": "q1"}
KNOWN = Pipes(queries=QUERIES)


def at(bucket: int) -> datetime:
    return START + bucket * BUCKET


def followed(*counts: int) -> list[Mark]:
    flow, marks = Flow(), []
    for count in counts:
        flow, mark = follow(flow, count)
        marks.append(mark)
    return marks


def buckets(marks: Sequence[Mark], mark: Mark) -> list[int]:
    return [i for i, one in enumerate(marks) if one == mark]


def counts(
    first: int,
    last: int,
    each: int,
    *,
    brand: str = "Acme",
    source: str = "x",
    model: str = "m-1",
    query: str = "",
) -> list[FlowCount]:
    return [FlowCount(brand, source, model, at(i), each, query) for i in range(first, last) if each]


def judged(some: Sequence[FlowCount], first: int, last: int) -> Qualities:
    known = Pipes(queries=QUERIES)
    return advance_pipes(known, some, since=at(first), until=at(last), queries=QUERIES)[1]


def test_a_feed_that_stops_is_stalled_once_enough_is_missing() -> None:
    assert buckets(followed(*[10] * 20, *[0] * 6), "stalls") == [22, 23, 24, 25]


def test_too_few_are_missing_to_say() -> None:
    assert set(followed(*[1] * 50, *[0] * 20)) == {"flows"}


def test_what_comes_right_after_a_stall_is_caught_up_as_far_as_it_was_missing() -> None:
    marks = followed(*[10] * 20, *[0] * 6, 40, 40, 40, 40)
    assert buckets(marks, "catches up") == [26, 27]


def test_a_surge_without_a_stall_is_a_surge() -> None:
    assert set(followed(*[10] * 20, *[80] * 12)) == {"flows"}


def test_a_night_is_no_stall() -> None:
    day = [round(10 + 18 * ((i % 288) / 144 - 1) ** 2) for i in range(3 * 288)]
    assert set(followed(*day)) == {"flows"}


def test_the_end_of_a_burst_is_no_stall() -> None:
    assert set(followed(*[4] * 300, *[90] * 12, *[4] * 60)) == {"flows"}


def test_a_first_burst_is_not_what_is_usual() -> None:
    assert set(followed(90, 90, *[4] * 60)) == {"flows"}


def test_a_source_that_does_not_come_back_is_no_longer_waited_for() -> None:
    assert followed(*[10] * 20, *[0] * GONE)[-1] == "gone"


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 60))
def test_chance_alone_stalls_nothing(seed: int, mean: float) -> None:
    draw = random.Random(seed)
    # Posts in bunches of up to five: the spread of real sources.
    posts = [sum(draw.randint(1, 5) for _ in range(int(mean / 3))) + 1 for _ in range(400)]
    assert set(followed(*posts)) == {"flows"}


@pytest.mark.parametrize(
    ("flowing", "stalled", "quality"), [(0, 10, "gap"), (5, 5, "partial"), (9, 1, None)]
)
def test_a_brand_is_not_seen_as_far_as_its_sources_stall(
    flowing: int, stalled: int, quality: str | None
) -> None:
    some = [
        *counts(0, 30, flowing, source="y"),
        *counts(0, 24, stalled),
        *counts(0, 24, 20, brand="Other"),  # of the same source: enough of it is missing
    ]
    assert judged(some, 0, 30).get("Acme", {}).get(at(29)) == quality


def test_a_brand_that_falls_silent_on_a_busy_source_is_silent() -> None:
    some = [*counts(0, 20, 10), *counts(0, 30, 30, brand="Other")]
    assert judged(some, 0, 30) == {}


def test_a_new_model_marks_the_first_bucket_it_counts() -> None:
    some = [*counts(0, 24, 4), *counts(24, 40, 4, model="m-2")]
    assert judged(some, 0, 40) == {"Acme": {at(24): "relabelled"}}


def test_a_line_that_begins_has_no_new_model() -> None:
    some = [*counts(0, 6, 4), *counts(2, 6, 9, model="m-2")]
    assert judged(some, 0, 6) == {}


def test_a_brand_with_other_words_is_marked_once() -> None:
    before = Pipes(until=at(1), zero=at(0), queries={"Acme": "q0"})
    pipes, found = advance_pipes(before, [], since=at(1), until=at(2), queries=QUERIES)
    assert found == {"Acme": {at(1): "changed"}}
    assert advance_pipes(pipes, [], since=at(2), until=at(3), queries=QUERIES)[1] == {}


def test_another_query_marks_the_first_bucket_that_it_counts() -> None:
    some = [
        *counts(0, 24, 4, query="q1"),
        *counts(24, 40, 9, query="q2"),
        *counts(0, 40, 4, brand="Other"),
    ]
    assert judged(some, 0, 40) == {"Acme": {at(24): "changed"}}


def test_the_first_whole_bucket_of_another_query_is_marked_after_a_mixed_one() -> None:
    some = [
        *counts(0, 25, 4, query="q1"),
        *counts(24, 25, 9, query="q2"),
        *counts(25, 40, 30, query="q2"),
    ]
    assert judged(some, 0, 40) == {"Acme": {at(24): "changed", at(25): "changed"}}


def test_a_few_posts_of_the_query_before_mark_nothing() -> None:
    some = [
        *counts(0, 24, 4, query="q1"),
        *counts(24, 40, 9, query="q2"),
        *counts(27, 29, 2, query="q1"),
        *counts(30, 32, 50),  # its feed named the brand
    ]
    assert judged(some, 0, 40) == {"Acme": {at(24): "changed"}}


def test_a_query_that_is_taken_back_is_marked_again() -> None:
    some = [*counts(0, 24, 4, query="q1"), *counts(24, 30, 9, query="q2")]
    some += counts(30, 40, 4, query="q1")
    assert judged(some, 0, 40) == {"Acme": {at(24): "changed", at(30): "changed"}}


def test_a_query_that_finds_less_is_no_source_that_stalls() -> None:
    narrow = [*counts(0, 24, 50, query="q1"), *counts(24, 60, 1, query="q2")]
    other = counts(0, 60, 3, brand="Other")
    assert judged([*narrow, *other], 0, 60) == {"Acme": {at(24): "changed"}}
    stalled = [*counts(0, 24, 50, query="q1"), *counts(24, 60, 1, query="q1")]
    assert "partial" not in judged([*narrow, *other], 0, 60)["Acme"].values()
    assert judged([*stalled, *other], 0, 60)["Acme"][at(30)] == "gap"


def test_a_brand_that_is_watched_no_longer_is_marked_once() -> None:
    pipes, found = advance_pipes(KNOWN, [], since=at(0), until=at(9), queries={"Other": "q1"})
    assert found == {"Acme": {at(0): "changed"}}
    pipes, found = advance_pipes(pipes, [], since=at(9), until=at(10), queries={"Other": "q1"})
    assert found == {}
    assert advance_pipes(pipes, [], since=at(10), until=at(11), queries=QUERIES)[1] == {}


def test_a_query_that_finds_nothing_is_known_by_the_settings() -> None:
    some = counts(0, 24, 50, query="q1")
    pipes, _ = advance_pipes(KNOWN, some, since=at(0), until=at(24), queries=QUERIES)
    _, found = advance_pipes(
        pipes, [], since=at(24), until=at(60), queries=QUERIES | {"Acme": "q2"}
    )
    assert found == {"Acme": {at(24): "changed"}}


def test_a_source_that_goes_for_good_changes_the_brands_that_have_others() -> None:
    some = [*counts(0, 40, 10), *counts(0, 40 + GONE, 5, source="y")]
    found = judged(some, 0, 40 + GONE)["Acme"]
    assert found[at(39 + GONE)] == "changed"
    assert found[at(38 + GONE)] == "partial"


SOME = st.lists(
    st.tuples(
        st.sampled_from(["Acme", "Other"]),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["m-1", "m-2"]),
        st.integers(0, 60),
        st.integers(1, 60),
        st.sampled_from(["", "q1", "q2"]),
    ),
    max_size=80,
)


@given(SOME, st.lists(st.integers(1, 59), max_size=4))
def test_however_the_time_is_cut_it_finds_the_same(
    drawn: list[tuple[str, str, str, int, int, str]], cuts: list[int]
) -> None:
    some = [FlowCount(b, s, m, at(i), n, q) for b, s, m, i, n, q in drawn]
    whole, found = advance_pipes(
        Pipes(queries=QUERIES), some, since=at(0), until=at(61), queries=QUERIES
    )
    pipes, parts = Pipes(queries=QUERIES), Qualities()
    edges = [0, *sorted(set(cuts)), 61]
    for first, last in pairwise(edges):
        inside = [one for one in some if at(first) <= one.bucket < at(last)]
        pipes = msgspec.json.decode(msgspec.json.encode(pipes), type=Pipes)  # as after a restart
        pipes, part = advance_pipes(pipes, inside, since=at(first), until=at(last), queries=QUERIES)
        for brand, qualities in part.items():
            parts.setdefault(brand, {}).update(qualities)
    assert parts == found
    assert pipes == whole


def test_buckets_that_are_left_out_are_empty() -> None:
    some = counts(0, 20, 10)
    pipes, _ = advance_pipes(
        Pipes(queries=QUERIES), some, since=at(0), until=at(20), queries=QUERIES
    )
    step, _ = advance_pipes(pipes, [], since=at(20), until=at(60), queries=QUERIES)
    skipped = advance_pipes(pipes, [], since=at(60), until=at(61), queries=QUERIES)
    assert skipped == advance_pipes(step, [], since=at(60), until=at(61), queries=QUERIES)


def test_weights_never_grow_too_large() -> None:
    pipes = Pipes(queries=QUERIES)
    for day in range(0, 1200, 60):
        some = counts(day * 288, day * 288 + 20, 10)
        since = at(day * 288)
        pipes, _ = advance_pipes(
            pipes, some, since=since, until=since + BUCKET * 20, queries=QUERIES
        )
    assert 0 < pipes.shares["Acme"]["x"] < 2.0**200
    assert pipes.zero is not None
    assert at(1200 * 288) - pipes.zero < timedelta(days=200)


@pytest.mark.parametrize("mean", [0.02, 0.05, 0.1, 0.3, 1.0])
def test_a_source_of_a_few_posts_a_day_is_no_stall_between_them(mean: float) -> None:
    chance = random.Random(1)
    flow, marks = Flow(), set()
    for _ in range(21 * 288):
        flow, mark = follow(flow, sum(chance.random() < mean / 20 for _ in range(20)))
        marks.add(mark)
    assert marks == {"flows"}
    assert flow.usual == pytest.approx(mean, abs=0.05 + 0.5 * mean)


def test_other_words_are_told_also_where_the_feed_catches_up() -> None:
    """Both come of a restart: what is normal must be learned anew all the same."""
    before = counts(0, 40, 10)
    pipes, _ = advance_pipes(Pipes(), before, since=at(0), until=at(46), queries=QUERIES)
    late = [FlowCount("Acme", "x", "m-1", at(46), 40)]
    other = QUERIES | {"Acme": "q2"}
    _, same = advance_pipes(pipes, late, since=at(46), until=at(47), queries=QUERIES)
    _, changed = advance_pipes(pipes, late, since=at(46), until=at(47), queries=other)
    assert same == {"Acme": {at(46): "catch_up"}}
    assert changed == {"Acme": {at(46): "changed"}}
