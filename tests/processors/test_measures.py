"""The measures, on cases worked out by hand."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.measures import (
    calibration_error,
    chance_error,
    confusion,
    macro_f1,
    macro_recall,
    measures,
    resamples,
)
from processors.records import Label, Sentiment

LABELS: tuple[Label, ...] = get_args(Label)


def said(label: Label, sure: float = 1.0, *, abstained: bool = False) -> Sentiment:
    """A result with `sure` for its label and the rest shared between the other two."""
    rest = (1 - sure) / 2
    shares = [sure if name == label else rest for name in LABELS]
    return Sentiment(label, shares[0], shares[1], shares[2], "test", abstained)


def test_classes() -> None:
    labels: list[Label] = ["negative", "negative", "negative", "neutral", "positive"]
    given_labels: list[Label] = ["negative", "negative", "neutral", "neutral", "negative"]
    found = measures(labels, [said(label) for label in given_labels])
    negative = found.classes["negative"]
    assert (negative.posts, negative.precision, negative.recall) == (3, 2 / 3, 2 / 3)
    assert negative.f1 == pytest.approx(2 / 3)
    neutral = found.classes["neutral"]
    assert (neutral.precision, neutral.recall, neutral.f1) == (0.5, 1, pytest.approx(2 / 3))
    assert found.classes["positive"].f1 == 0
    assert found.macro_f1 == pytest.approx(4 / 9)
    assert found.confusion == ((2, 1, 0), (0, 1, 0), (1, 0, 0))


def test_who_abstains_is_left_out_of_the_accuracy_of_answers() -> None:
    results = [said("negative"), said("neutral", 0.4, abstained=True), said("positive")]
    found = measures(["negative", "positive", "neutral"], results)
    assert found.coverage == pytest.approx(2 / 3)
    assert found.abstained == pytest.approx(1 / 3)
    assert found.accuracy_answered == 0.5
    assert found.accuracy == pytest.approx(1 / 3)
    nobody = measures(["neutral"], [said("neutral", abstained=True)])
    assert (nobody.coverage, nobody.accuracy_answered) == (0, None)


def test_the_negative_share_three_ways() -> None:
    results = [said("negative", 0.6), said("neutral", 0.8), said("neutral", 0.8), said("neutral")]
    found = measures(["negative", "negative", "neutral", "neutral"], results).negative
    assert (found.true, found.counted) == (0.5, 0.25)
    assert found.mean == pytest.approx((0.6 + 0.1 + 0.1) / 4)


def test_the_table_of_reliability() -> None:
    results = [said("neutral", 0.72), said("neutral", 0.78), said("neutral", 1.0)]
    low, high = measures(["neutral", "positive", "neutral"], results).reliability
    assert (low.low, low.high, low.posts, low.right) == (0.7, 0.8, 2, 0.5)
    assert low.sure == pytest.approx(0.75)
    assert (high.low, high.posts, high.sure, high.right) == (0.9, 1, 1.0, 1.0)


def test_measures_of_many_confusions_at_once_are_those_of_each() -> None:
    tables = np.random.default_rng(1).integers(0, 9, (20, 3, 3))
    tables[0] = [[0, 0, 0], [0, 5, 0], [0, 0, 0]]
    tables[1] = 0
    assert macro_recall(tables).tolist() == [float(macro_recall(table)) for table in tables]
    assert macro_f1(tables).tolist() == [float(macro_f1(table)) for table in tables]
    assert (macro_recall(tables)[0], macro_f1(tables)[0], macro_f1(tables)[1]) == (1, 1, 0)


def test_resamples_scatter_as_posts_drawn_again_do() -> None:
    table = np.array([[80, 20, 0], [10, 80, 10], [0, 20, 80]])
    drawn = resamples(table, seed=3)
    assert (drawn.sum((1, 2)) == 300).all()
    assert (drawn == resamples(table, seed=3)).all()
    assert (drawn != resamples(table, seed=4)).any()
    recall = macro_recall(drawn)
    # Of 100 posts a class with recall 0.8: the standard error of the mean of three such.
    assert recall.std() == pytest.approx(np.sqrt(0.8 * 0.2 / 100 / 3), rel=0.15)
    assert recall.mean() == pytest.approx(0.8, abs=0.005)


pairs = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.floats(0.34, 1.0)), min_size=1
)


@given(pairs)
def test_measures_are_shares_and_add_up(rows: list[tuple[Label, Label, float]]) -> None:
    labels = [label for label, _, _ in rows]
    results = [said(label, sure) for _, label, sure in rows]
    found = measures(labels, results)
    for share in (found.macro_recall, found.macro_f1, found.accuracy, found.ece, found.coverage):
        assert 0 <= share <= 1
    assert sum(map(sum, found.confusion)) == found.posts == len(rows)
    assert sum(one.posts for one in found.classes.values()) == len(rows)
    assert sum(one.posts for one in found.reliability) == len(rows)
    assert found.negative.counted == sum(row[0] for row in found.confusion) / len(rows)
    gaps = sum(one.posts * abs(one.sure - one.right) for one in found.reliability) / len(rows)
    assert gaps <= 1
    assert int(confusion(labels, results).trace()) == round(found.accuracy * len(rows))


@pytest.mark.parametrize("posts", [100, 2_000])
@pytest.mark.parametrize("seed", range(3))
def test_the_calibration_error_of_who_is_right_as_often_as_it_says_is_the_floor(
    posts: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    sure = random.uniform(0.4, 1.0, posts)
    labels: list[Label] = ["neutral" if hit else "positive" for hit in random.random(posts) < sure]
    found = measures(labels, [said("neutral", one) for one in sure])
    assert found.ece_floor is not None
    assert 0.5 < found.ece / found.ece_floor < 2
    overconfident = measures(labels, [said("neutral", min(1.0, one + 0.3)) for one in sure])
    assert overconfident.ece_floor is not None
    assert overconfident.ece > 2 * overconfident.ece_floor


def test_the_floor_is_low_where_there_are_many_posts_and_none_where_all_is_sure() -> None:
    few, many = (chance_error(np.full(posts, 0.7)).mean for posts in (100, 10_000))
    # Of a share in one bin: the mean distance of a binomial from its mean.
    assert few == pytest.approx(np.sqrt(2 * 0.7 * 0.3 / np.pi / 100), rel=0.2)
    assert many == pytest.approx(few / 10, rel=0.2)
    assert chance_error(np.ones(50)) == (0, 0, 0)


def test_chance_rarely_leaves_its_range() -> None:
    random = np.random.default_rng(5)
    sure = random.uniform(0.4, 1.0, 324)
    mean, low, high = chance_error(sure)
    assert 0 < low < mean < high
    inside = 0
    for _ in range(200):
        labels: list[Label] = [
            "neutral" if hit else "positive" for hit in random.random(324) < sure
        ]
        inside += low <= calibration_error(labels, [said("neutral", one) for one in sure]) <= high
    assert 0.9 <= inside / 200 <= 0.99
