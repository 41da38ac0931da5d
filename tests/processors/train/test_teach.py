"""What teachers say of posts: their mean, kept by text."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from processors.model_card import HEADS_FILE
from processors.score_onnx import OnnxScorer, probabilities

pytestmark = pytest.mark.train

TEXTS = ["xq 3", "the flight was late and nobody told us why " * 3, "good 8", "danke 😊", "the"]
LANGUAGES = ["en", "en", "en", "de", "und"]


@pytest.fixture
def other(several_exits: Path, tmp_path: Path) -> OnnxScorer:
    """The same network with its classes in another order."""
    folder = tmp_path / "other"
    shutil.copytree(several_exits, folder)
    with (folder / HEADS_FILE).open("rb") as file, np.load(file) as parts:
        heads = {name: np.roll(part, 1, axis=0) for name, part in parts.items()}
    np.savez(folder / HEADS_FILE, allow_pickle=False, **heads)
    return OnnxScorer(folder, threads=1)


def _last(scorer: OnnxScorer) -> np.ndarray:
    number = len(scorer.card.exits) - 1
    read = scorer.read(TEXTS, LANGUAGES, answer_at=number)
    return np.array(
        [
            probabilities(one.logits, scorer.card.exits[number].calibration_of(language))
            for one, language in zip(read, LANGUAGES, strict=True)
        ]
    )


def test_the_mean_of_the_last_exits_in_the_order_of_the_texts(
    several_exits: Path, other: OnnxScorer
) -> None:
    from processors.train.teach import ask

    first = OnnxScorer(several_exits, threads=1)
    answers = ask([first, other], TEXTS, LANGUAGES)
    wanted = (_last(first) + _last(other)) / 2
    np.testing.assert_allclose(list(answers.values()), wanted)
    assert wanted.std(0).max() > 0.01  # the order can be told
    np.testing.assert_allclose(wanted.sum(1), 1)


def test_answers_come_back_from_a_file(several_exits: Path, tmp_path: Path) -> None:
    from processors.train.teach import ask, read_answers, write_answers

    answers = ask([OnnxScorer(several_exits, threads=1)], TEXTS, LANGUAGES)
    write_answers(answers, tmp_path / "soft.npz")
    again = read_answers(tmp_path / "soft.npz")
    assert list(again) == list(answers)
    np.testing.assert_allclose(list(again.values()), list(answers.values()), atol=1e-6)
    write_answers({}, tmp_path / "none.npz")
    assert read_answers(tmp_path / "none.npz") == {}


def test_samples_are_taught_by_their_text(several_exits: Path) -> None:
    from processors.train.samples import Sample
    from processors.train.teach import ask, taught

    answers = ask([OnnxScorer(several_exits, threads=1)], TEXTS, LANGUAGES)
    samples = [Sample(text, 1, 0.5, language="xx") for text in [*reversed(TEXTS), "unasked"]]
    found = taught([*samples, samples[0]], answers)
    wanted = [*reversed(answers.values()), None]
    assert found == [one._replace(soft=soft) for one, soft in zip(samples, wanted, strict=True)] + [
        found[0]
    ]
    # An answer of before does not outlive a teacher who was not asked.
    assert taught(found, {}) == [*samples, samples[0]]
