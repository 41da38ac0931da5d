"""A linear model: trained, written, read, and scored without what trained it."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.baselines import LINEAR_CARD
from processors.baselines.linear import (
    PARTS_FILE,
    Linear,
    LinearCard,
    LinearScorer,
    features,
    write_linear,
)
from processors.model_card import LABELS, Calibration
from processors.models import open_model
from processors.score import ModelError

OPINIONS = {"so bad": "negative", "on monday": "neutral", "very good": "positive"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("linear")
    model = Linear(
        pieces={"w:bad": 0, "w:monday": 1, "w:good": 2, "c:goo": 3},
        idf=np.array([1.0, 2.0, 1.0, 3.0]),
        weight=np.array([[3.0, 0, -1, 0], [0, 3.0, 0, 0], [-1, 0, 3.0, 2.0]]),
        bias=np.zeros(3),
    )
    plain, flat = Calibration(temperature=1.0), Calibration(temperature=1e6)
    card = LinearCard(
        version="linear-1", languages=("en", "de"), calibration={"": plain, "de": flat}
    )
    write_linear(card, model, made)
    return made


def test_opinions_are_seen(folder: Path) -> None:
    scorer = open_model(str(folder), threads=1)
    assert scorer.version == "linear-1"
    assert [one.label for one in scorer.score(list(OPINIONS))] == list(OPINIONS.values())


def test_weights_are_those_of_tf_idf(folder: Path) -> None:
    (result,) = LinearScorer(folder).score(["bad bad monday"])
    values = np.array([1 + np.log(2), 2.0]) / np.hypot(1 + np.log(2), 2.0)
    logits = np.array([3 * values[0], 3 * values[1], -values[0]])
    wanted = np.exp(logits) / np.exp(logits).sum()
    given = [result.p_negative, result.p_neutral, result.p_positive]
    assert given == pytest.approx(wanted.tolist(), abs=1e-5)


def test_languages_are_calibrated_and_others_abstained(folder: Path) -> None:
    results = LinearScorer(folder).score(["so bad"] * 4, languages=["en", "de", "xx", "und"])
    assert [one.abstained for one in results] == [False, False, True, False]
    assert results[1].p_negative == pytest.approx(1 / 3, abs=1e-3)
    assert results[0].p_negative > 0.8


def test_new_words_and_nothing_at_all(folder: Path) -> None:
    half, none, nothing = LinearScorer(folder).score(["bad zxqv", "", "https://t.co/abc"])
    assert half.oov == 0.5
    assert none == nothing
    assert (none.label, none.abstained) == ("neutral", True)


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=60), max_size=4))
def test_every_text_has_an_answer(folder: Path, texts: list[str]) -> None:
    for result in LinearScorer(folder).score(texts):
        shares = [result.p_negative, result.p_neutral, result.p_positive]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert shares[LABELS.index(result.label)] == max(shares)


def test_chinese_is_read_by_the_character() -> None:
    assert [one for one in features("\u5f88\u597d ok") if one.startswith("w:")] == [
        "w:\u5f88",
        "w:\u597d",
        "w:ok",
        "w:\u5f88 \u597d",
        "w:\u597d ok",
    ]


@pytest.mark.parametrize("file", [LINEAR_CARD, PARTS_FILE])
@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04 cut"])
def test_damaged_files_are_named(folder: Path, file: str, content: bytes, tmp_path: Path) -> None:
    for name in (LINEAR_CARD, PARTS_FILE):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ModelError, match=file) as caught:
        open_model(str(tmp_path), threads=1)
    assert "\n" not in str(caught.value)


def test_parts_that_do_not_fit_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / LINEAR_CARD).write_bytes((folder / LINEAR_CARD).read_bytes())
    with np.load(folder / PARTS_FILE) as parts:
        np.savez(tmp_path / PARTS_FILE, **{**parts, "bias": np.zeros(2)})
    with pytest.raises(ModelError, match=PARTS_FILE):
        LinearScorer(tmp_path)
    assert json.loads((tmp_path / LINEAR_CARD).read_bytes())["version"] == "linear-1"
