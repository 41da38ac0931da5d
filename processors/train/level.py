"""Temperatures by which a model is, in the mean, as sure as it is right.

Likelihood suits a temperature to all posts alike. But an exit answers only those of which it is
sure, and a network trained on smoothed labels is too sure of some and not sure enough of others:
at the temperature that is likeliest for all, the posts it answers can be off together. Expectation
consistency (Clarte et al. 2023) moves the temperature to where they are not.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from processors.model_card import ANY, Calibration, Exit
from processors.replay import Labelled
from processors.score_onnx import OnnxScorer, probabilities
from processors.train.job import ENOUGH

FACTORS: Final = np.geomspace(0.5, 2.0, 281)


def leveled(scorer: OnnxScorer, judged: Mapping[str, Sequence[Labelled]]) -> tuple[Exit, ...]:
    """Return the exits of `scorer` with the temperatures of the languages of `judged` moved.

    All temperatures of an exit, that of any other language too, are moved by one factor: the one
    that makes the exit as sure as it is right on the posts it answers, of all these languages
    together. An exit that answers too few posts stays as it is.
    """
    codes = [code for code, posts in judged.items() for _ in posts]
    posts = [one for some in judged.values() for one in some]
    readings = scorer.read([one.text for one in posts], codes)
    exits = []
    for index, exit_ in enumerate(scorer.card.exits):
        rows = [row for row, one in enumerate(readings) if one.exit == index]
        logits = np.array([readings[row].logits for row in rows])
        by = [exit_.calibration_of(codes[row]) for row in rows]
        factor = 1.0
        if len(rows) >= ENOUGH:
            factor = _factor(logits, by, np.array([posts[row].label for row in rows]))
        moved = {
            code: replace(one, temperature=round(factor * one.temperature, 3))
            for code, one in exit_.calibration.items()
            if code == ANY or code in judged
        }
        exits.append(replace(exit_, calibration=exit_.calibration | moved))
    return tuple(exits)


def _factor(
    logits: NDArray[np.float64], by: Sequence[Calibration], labels: NDArray[np.int64]
) -> float:
    """Return the factor on temperatures that makes `logits` (posts, 3) as sure as they are right.

    `by`: the calibration of each post.
    """
    scales = np.array([one.temperature for one in by])[:, None]
    offsets = np.array([one.offsets for one in by])
    plain = Calibration(temperature=1.0)

    def gap(factor: float) -> float:
        shares = probabilities(logits / (factor * scales) + offsets, plain)
        right = shares.argmax(1) == labels
        return abs(float(shares.max(1).mean() - right.mean()))

    return float(min(FACTORS, key=gap))
