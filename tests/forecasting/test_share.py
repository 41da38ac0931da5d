"""The negative share: honest without labels, right with them, exact where everything is known."""

import doctest
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecasting import recalibrate, share, share_draw, share_tail
from forecasting.recalibrate import Recalibration, logits, sigmoid
from forecasting.share import corrected_share, estimate_share, is_enough, mean_share
from forecasting.share_draw import bin_of, plan
from forecasting.share_records import LabelledScore, ScoreBin, Window
from forecasting.share_tail import EXACT, quantiles

chance = st.floats(0, 1)
bins = st.lists(st.builds(ScoreBin, mean=chance, posts=st.integers(0, 400)), max_size=12).map(tuple)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    known = draw(st.integers(0, 50))
    return Window(bins=draw(bins), known=known, known_negative=draw(st.integers(0, known)))


labels = st.lists(
    st.builds(LabelledScore, p_negative=chance, negative=st.booleans(), in_window=st.booleans()),
    max_size=30,
)


@pytest.mark.parametrize("module", [share, recalibrate, share_tail, share_draw])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@given(windows(), labels)
@settings(max_examples=60)
def test_every_estimate_is_a_share_within_its_interval(
    window: Window, given_labels: list[LabelledScore]
) -> None:
    told = estimate_share(window, given_labels)
    if not window.posts:
        assert told is None
        return
    assert told is not None
    for one in (told, mean_share(window), corrected_share(window, given_labels)):
        assert one is not None
        assert 0 <= one.lower <= one.share <= one.upper <= 1
        # What people said is certain, whatever the scores are.
        assert one.lower >= window.known_negative / window.posts - 1e-9
        others = window.known - window.known_negative
        assert one.upper <= 1 - others / window.posts + 1e-9


def test_posts_that_people_labelled_count_exactly_and_are_not_extrapolated() -> None:
    day = Window(bins=(ScoreBin(mean=0.2, posts=90),), known=10, known_negative=10)
    told = estimate_share(day, [])
    assert told is not None
    assert told.share == pytest.approx((10 + 0.2 * 90) / 100)
    everything = estimate_share(Window(bins=(), known=4, known_negative=1), [])
    assert everything is not None
    assert (everything.lower, everything.share, everything.upper) == (0.25, 0.25, 0.25)


def test_a_window_without_posts_has_no_share() -> None:
    assert mean_share(Window(bins=(ScoreBin(mean=0.5, posts=0),))) is None
    with pytest.raises(ValueError, match="without posts"):
        corrected_share(Window(bins=()), [])


def test_few_posts_have_ends_that_can_be() -> None:
    told = mean_share(Window(bins=(ScoreBin(mean=0.02, posts=3),)))
    assert told is not None
    assert told.lower == 0
    assert told.upper * 3 == pytest.approx(round(told.upper * 3))


def test_one_label_is_not_enough_and_a_hundred_are() -> None:
    day = Window(bins=(ScoreBin(mean=0.05, posts=500), ScoreBin(mean=0.7, posts=500)))
    one = LabelledScore(p_negative=0.7, negative=True)
    many = [LabelledScore(p_negative=0.7, negative=n % 10 > 0) for n in range(50)]
    many += [LabelledScore(p_negative=0.05, negative=n % 10 == 0) for n in range(50)]
    assert not is_enough(day, [one])
    assert is_enough(day, many)
    told = estimate_share(day, many)
    assert told is not None
    assert (told.method, told.labels) == ("corrected", 100)


def test_labels_of_other_days_leave_room_for_drift() -> None:
    day = Window(bins=(ScoreBin(mean=0.05, posts=500), ScoreBin(mean=0.7, posts=500)))
    within, before = (
        [LabelledScore(p_negative=0.7, negative=n % 3 > 0, in_window=inside) for n in range(100)]
        for inside in (True, False)
    )
    assert corrected_share(day, before).width > 1.2 * corrected_share(day, within).width


def _stream(
    rng: np.random.Generator, *, shift: float, posts: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    p = rng.beta(0.4, 1.2, posts)
    return p, rng.random(posts) < sigmoid(logits(p) + shift)


def _window(p: NDArray[np.float64], y: NDArray[np.bool_], known: NDArray[np.bool_]) -> Window:
    places = np.array([bin_of(one) for one in p])
    rest = [np.flatnonzero((places == place) & ~known) for place in np.unique(places)]
    return Window(
        bins=tuple(ScoreBin(mean=float(p[of].mean()), posts=len(of)) for of in rest if len(of)),
        known=int(known.sum()),
        known_negative=int(y[known].sum()),
    )


def _drawn(p: NDArray[np.float64], wanted: int, rng: np.random.Generator) -> Sequence[int]:
    places = np.array([bin_of(one) for one in p])
    counts = {int(place): int((places == place).sum()) for place in np.unique(places)}
    found: list[int] = []
    for stratum in plan(counts, wanted=wanted).strata:
        within = np.flatnonzero((places >= stratum.first) & (places <= stratum.last))
        found += rng.choice(within, stratum.wanted, replace=False).tolist()
    return found


def test_nominal_intervals_cover_the_truth_with_a_hundred_labels() -> None:
    rng = np.random.default_rng(11)
    inside, errors = 0, []
    for shift in (-1.0, 0.0, 2.5) * 100:
        p, y = _stream(rng, shift=shift, posts=1500)
        drawn = _drawn(p, 100, rng)
        known = np.zeros(len(p), bool)
        known[drawn] = True
        given_labels = [
            LabelledScore(p_negative=float(p[n]), negative=bool(y[n]), in_window=True)
            for n in drawn
        ]
        told = corrected_share(_window(p, y, known), given_labels)
        inside += told.lower <= y.mean() <= told.upper
        errors.append(abs(told.share - y.mean()))
    assert 252 <= inside <= 288  # 270 of 300, give or take 3.5 standard deviations
    assert np.mean(errors) < 0.03


@given(
    st.lists(st.tuples(chance, st.integers(1, 30)), min_size=1, max_size=6),
)
@settings(max_examples=40)
def test_exact_tails_are_those_of_counting(pairs: list[tuple[float, int]]) -> None:
    mass = np.ones(1)
    for q, posts in pairs:
        for _ in range(posts):
            mass = np.convolve(mass, [1 - q, q])
    total = len(mass) - 1
    told = quantiles(
        np.array([[q for q, _ in pairs]]),
        np.ones(1),
        np.array([posts for _, posts in pairs], float),
        (0.05, 0.95),
    )
    for level, found in zip((0.05, 0.95), told, strict=True):
        at = round(found * total)
        assert mass[: at + 1].sum() >= level - 1e-6
        assert mass[:at].sum() <= level + 1e-6


def test_exact_and_beta_tails_meet() -> None:
    recalibration = Recalibration([])
    chances, weights = recalibration.chances(logits([0.02, 0.3, 0.9]))
    few, many = (np.array([0.8, 0.15, 0.05]) * posts for posts in (EXACT, EXACT + 100))
    for small, large in zip(
        quantiles(chances, weights, few, (0.05, 0.5, 0.95)),
        quantiles(chances, weights, many, (0.05, 0.5, 0.95)),
        strict=True,
    ):
        assert small == pytest.approx(large, abs=0.01)


def test_labels_that_all_say_the_same_stay_finite() -> None:
    for negative in (True, False):
        some = [LabelledScore(p_negative=p, negative=negative) for p in (0.0, 1.0, 0.5)] * 100
        told = corrected_share(Window(bins=(ScoreBin(mean=0.5, posts=50),)), some)
        assert (told.share > 0.9) is negative
        assert (told.share < 0.1) is not negative
