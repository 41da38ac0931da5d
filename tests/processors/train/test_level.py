"""Temperatures by which a model is as sure as it is right, on the posts that each exit answers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from processors.model_card import ANY, LABELS, Calibration, Card, Exit
from processors.replay import Labelled
from processors.score_onnx import Reading, probabilities

pytestmark = pytest.mark.train

LANGUAGES = ("de", "fr")
TEMPERATURES = {ANY: 0.8, "de": 0.6, "fr": 1.0, "zh": 0.7}


class Half(NamedTuple):
    """Stands in for a scorer: posts with a number answer at its last exit, by their logits."""

    card: Card
    logits: dict[str, np.ndarray]

    def read(self, texts: Sequence[str], _languages: Sequence[str]) -> list[Reading]:
        return [
            Reading(int(text.startswith("late")), np.zeros(1, np.float32), self.logits[text])
            for text in texts
        ]


def scorer_of(logits: dict[str, np.ndarray]) -> Any:
    calibration = {code: Calibration(temperature=one) for code, one in TEMPERATURES.items()}
    exits = tuple(Exit(file=f"exit-{n}.onnx", calibration=calibration) for n in range(2))
    card = Card(
        name="a", version="a-1", labels=LABELS, exits=exits, max_tokens=64, languages=LANGUAGES
    )
    return Half(card, logits)


def drawn(counts: dict[str, int]) -> tuple[dict[str, list[Labelled]], dict[str, np.ndarray]]:
    """Posts whose labels are drawn from half as sharp shares as their temperatures say."""
    random = np.random.default_rng(3)
    judged: dict[str, list[Labelled]] = {code: [] for code in LANGUAGES}
    logits = {}
    for where, count in counts.items():
        for number in range(count):
            code = LANGUAGES[number % 2]
            text = f"{where} {number}"
            logits[text] = random.normal(0, 1, 3)
            true = Calibration(temperature=2 * TEMPERATURES[code])
            label = int(random.choice(3, p=probabilities(logits[text], true)))
            judged[code].append(Labelled(text, label, code))
    return judged, logits


def test_an_exit_becomes_as_sure_as_it_is_right() -> None:
    from processors.train.level import leveled

    judged, logits = drawn({"early": 4_000, "late": 150})
    early, late = leveled(scorer_of(logits), judged)
    factor = early.calibration["de"].temperature / TEMPERATURES["de"]
    assert factor == pytest.approx(2, rel=0.15)
    for code in (ANY, "fr"):  # one factor for all of them
        moved = early.calibration[code].temperature / TEMPERATURES[code]
        assert moved == pytest.approx(factor, rel=0.01)
    # Who has posts of its own enough is not among them, and 150 posts are too few to tell.
    assert early.calibration["zh"].temperature == TEMPERATURES["zh"]
    assert {code: one.temperature for code, one in late.calibration.items()} == TEMPERATURES
    posts = [one for some in judged.values() for one in some if one.text.startswith("early")]
    shares = [probabilities(logits[one.text], early.calibration[one.language]) for one in posts]
    right = [one.label == int(each.argmax()) for one, each in zip(posts, shares, strict=True)]
    sure = [each.max() for each in shares]
    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.005)
