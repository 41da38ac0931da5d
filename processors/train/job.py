"""What every method of training is handed, and the calibration that each ends with."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from processors.model_card import ANY, LABELS
from processors.score import Scorer
from processors.train.recipe import Recipe
from processors.train.samples import Sample

ENOUGH: Final = 200
"""Posts of a language from which it has a temperature of its own."""
ABSTAIN_BELOW: Final = 0.4
"""The highest of three probabilities under which a model is all but guessing."""

Temperatures = dict[str, float]
"""By language; ANY is for all others."""
Calibrate = Callable[[Temperatures], None]
"""Writes temperatures into the folder just made."""


class Job(NamedTuple):
    """A run: `folder` is where the model goes; `state` is what to go on from after a break.

    `languages` are those the data name; empty where they name none. `data` tells of it in a card.
    `epochs` and `rate` stand in for the recipe's. `progress` takes a
    `processors.train.loop.Progress`.
    """

    base: str
    version: str
    languages: tuple[str, ...]
    data: str
    seed: int
    date: str
    epochs: float | None
    rate: float | None
    folder: Path
    state: Path
    progress: Callable[..., None]

    def recipe(self, usual: Recipe) -> Recipe:
        """Return the method's `usual` recipe with what this run does otherwise."""
        epochs = usual.epochs if self.epochs is None else self.epochs
        return replace(usual, epochs=epochs, rate=usual.rate if self.rate is None else self.rate)


def temperatures_of(scorer: Scorer, dev: Sequence[Sample]) -> Temperatures:
    """Return what fits best (by likelihood) to a scorer whose temperature is 1.

    Guo et al. 2017, "On calibration of modern neural networks".
    """
    given = scorer.score([one.text for one in dev], languages=[one.language for one in dev])
    shares = np.array([[one.p_negative, one.p_neutral, one.p_positive] for one in given])
    logits = np.log(shares + 1e-7)
    labels = np.array([one.label for one in dev])
    languages = np.array([one.language for one in dev])
    found = {ANY: fit_temperature(logits, labels)}
    for language in sorted(set(languages)):
        mine = languages == language
        if mine.sum() >= ENOUGH:
            found[str(language)] = fit_temperature(logits[mine], labels[mine])
    return found


def fit_temperature(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the temperature, 0.25 to 4, that suits `labels` best; `logits` (posts, 3)."""
    rows = np.arange(len(labels))
    steps = np.geomspace(0.25, 4, 281)

    def surprise(step: float) -> float:
        scaled = logits / step
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, labels]).mean())

    return round(float(min(steps, key=surprise)), 3)


def macro_recall_of(given: Sequence[int], labels: Sequence[int]) -> float:
    """Return the macro recall of classes `given`, as indexes into `LABELS`."""
    from processors.measures import macro_recall

    table = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(table, (np.array(labels), np.array(given)), 1)
    return float(macro_recall(table))
