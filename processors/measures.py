"""What can be told of results that have a true label: skill, calibration, abstaining, counting."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from processors.model_card import LABELS, Quality
from processors.records import Label, Sentiment

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

BINS: Final = 15
"""Of the calibration error, as in Guo et al. 2017."""
TABLE_BINS: Final = 10
RESAMPLES: Final = 1_000
_DRAWS: Final = 400


class ClassMeasures(Struct, frozen=True, kw_only=True):
    """One class; a measure that has nothing to divide by is 0. Shares from 0 to 1."""

    posts: int  # with this true label
    precision: float
    recall: float
    f1: float


class Bin(Struct, frozen=True, kw_only=True):
    """Posts whose highest probability is from `low` to below `high`: how sure, how often right."""

    low: float
    high: float
    posts: int
    sure: float
    right: float


class Negative(Struct, frozen=True, kw_only=True):
    """The share of negative posts: true, by counting labels, as the mean of p_negative."""

    true: float
    counted: float
    mean: float


class Measures(Struct, frozen=True, kw_only=True):
    """How well results fit labels; shares from 0 to 1."""

    posts: int
    macro_recall: float
    macro_f1: float
    accuracy: float
    classes: dict[str, ClassMeasures]
    ece: float  # expected calibration error, 15 bins of the highest probability
    reliability: tuple[Bin, ...]  # 10 bins; those without posts are left out
    coverage: float  # share of posts that got an answer
    abstained: float  # the other ones
    accuracy_answered: float | None  # of the posts that got an answer; None if none did
    negative: Negative
    confusion: tuple[tuple[int, ...], ...]  # [true][given], in the order of LABELS
    ece_floor: float | None = None  # what chance alone gives: `chance_error`
    ece_chance: tuple[float, float] | None = None  # and 95 in 100 times, from and to


def measures(labels: Sequence[Label], results: Sequence[Sentiment]) -> Measures:
    """Compare `results` with the true `labels`, one each, at least one (else ValueError)."""
    table = confusion(labels, results)
    sure, right = _sure_and_right(labels, results)
    answered = np.array([not result.abstained for result in results])
    given = table.sum(0) / len(labels)
    chance = chance_error(sure)
    return Measures(
        posts=len(labels),
        macro_recall=float(macro_recall(table)),
        macro_f1=float(macro_f1(table)),
        accuracy=float(right.mean()),
        classes=_classes(table),
        ece=calibration_error(labels, results),
        reliability=_reliability(sure, right),
        coverage=float(answered.mean()),
        abstained=float(1 - answered.mean()),
        accuracy_answered=float(right[answered].mean()) if answered.any() else None,
        negative=Negative(
            true=float(table.sum(1)[0] / len(labels)),
            counted=float(given[0]),
            mean=float(np.mean([result.p_negative for result in results])),
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in table),
        ece_floor=chance.mean,
        ece_chance=(chance.low, chance.high),
    )


def quality_of(found: Measures) -> Quality:
    """Return the few of them that a model's card holds."""
    return Quality(
        posts=found.posts,
        macro_recall=found.macro_recall,
        accuracy=found.accuracy,
        macro_f1=found.macro_f1,
        ece=found.ece,
        confusion=found.confusion,
        abstained=found.abstained,
        ece_floor=found.ece_floor,
        ece_chance=found.ece_chance,
    )


def confusion(labels: Sequence[Label], results: Sequence[Sentiment]) -> Counts:
    """Return counts (3, 3), [true][given]; ValueError if there are none, or not one each."""
    if not labels:
        raise ValueError("there is nothing to compare")
    table = np.zeros((len(LABELS), len(LABELS)), np.int64)
    for label, result in zip(labels, results, strict=True):
        table[LABELS.index(label), LABELS.index(result.label)] += 1
    return table


def macro_recall(tables: Counts) -> Numbers:
    """Mean recall over the classes that occur, of confusions (..., 3, 3): (...).

    Over three classes it is the measure of SemEval-2017 task 4A (Rosenthal et al. 2017).
    """
    right, true = _right(tables), tables.sum(-1)
    occurs = true > 0
    recall: Numbers = (right / np.maximum(true, 1)).sum(-1) / np.maximum(occurs.sum(-1), 1)
    return recall


def macro_f1(tables: Counts) -> Numbers:
    """Mean F1 over the classes that occur or are given, of confusions (..., 3, 3): (...)."""
    right, both = _right(tables), tables.sum(-1) + tables.sum(-2)
    matters = both > 0
    f1: Numbers = (2 * right / np.maximum(both, 1)).sum(-1) / np.maximum(matters.sum(-1), 1)
    return f1


def resamples(table: Counts, *, seed: int, times: int = RESAMPLES) -> Counts:
    """Return confusions (times, 3, 3) of as many posts drawn again from those in `table`.

    The bootstrap (Efron 1979): drawing posts with replacement is drawing cells of the confusion.
    """
    posts = int(table.sum())
    drawn = np.random.default_rng(seed).multinomial(posts, table.ravel() / posts, size=times)
    return drawn.reshape(times, *table.shape)


def calibration_error(labels: Sequence[Label], results: Sequence[Sentiment]) -> float:
    """Expected calibration error of Guo et al. 2017, 15 equal bins."""
    return _error(*_sure_and_right(labels, results))


class Chance(NamedTuple):
    """The mean of what chance alone gives, and the range of 95 in 100 such."""

    mean: float
    low: float
    high: float


def chance_error(sure: Numbers, *, seed: int = 0, draws: int = _DRAWS) -> Chance:
    """The calibration error of a model that is right as often as it says, (posts,) shares.

    With few posts in a bin it is far from 0; a smaller error than its mean is luck, and one within
    its range does not show that the model is off. As in the consistency resampling of Broecker and
    Smith 2007.
    """
    random = np.random.default_rng(seed)
    errors = [_error(sure, random.random(len(sure)) < sure) for _ in range(draws)]
    low, high = np.percentile(errors, (2.5, 97.5))
    return Chance(float(np.mean(errors)), float(low), float(high))


def _right(tables: Counts) -> Counts:
    right: Counts = np.diagonal(tables, axis1=-2, axis2=-1)
    return right


def _sure_and_right(
    labels: Sequence[Label], results: Sequence[Sentiment]
) -> tuple[Numbers, NDArray[np.bool_]]:
    sure = np.array([max(r.p_negative, r.p_neutral, r.p_positive) for r in results])
    return sure, np.array([r.label == label for r, label in zip(results, labels, strict=True)])


def _error(sure: Numbers, right: NDArray[np.bool_]) -> float:
    gaps = np.bincount(_bins(sure, BINS), weights=sure - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(sure))


def _bins(sure: Numbers, count: int) -> Counts:
    return np.minimum((sure * count).astype(np.int64), count - 1)


def _reliability(sure: Numbers, right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    bins = _bins(sure, TABLE_BINS)
    return tuple(
        Bin(
            low=index / TABLE_BINS,
            high=(index + 1) / TABLE_BINS,
            posts=int((bins == index).sum()),
            sure=float(sure[bins == index].mean()),
            right=float(right[bins == index].mean()),
        )
        for index in range(TABLE_BINS)
        if (bins == index).any()
    )


def _classes(table: Counts) -> dict[str, ClassMeasures]:
    right, true, given = _right(table), table.sum(1), table.sum(0)
    return {
        label: ClassMeasures(
            posts=int(true[index]),
            precision=float(right[index] / max(1, given[index])),
            recall=float(right[index] / max(1, true[index])),
            f1=float(2 * right[index] / max(1, true[index] + given[index])),
        )
        for index, label in enumerate(LABELS)
    }
