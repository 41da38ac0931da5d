"""What the outputs of a classifier mean."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.label_map import CALIBRATION_FILE, LabelMap, read_label_map, write_label_map
from processors.model_card import LABELS
from processors.score import ModelError

STARS = ["negative", "negative", "neutral", "positive", "positive"]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["negative", "neutral", "positive"], LABELS),
        (["POS", "NEU", "NEG"], LABELS[::-1]),
        (["Positive", "Negative"], ("positive", "negative")),
        (["LABEL_0", "LABEL_1", "LABEL_2"], LABELS),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], tuple(STARS)),
        (
            ["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"],
            ("negative", "negative", "neutral", "positive", "positive"),
        ),
    ],
)
def test_usual_names_are_understood(
    names: list[str], labels: tuple[str, ...], tmp_path: Path
) -> None:
    assert read_label_map(tmp_path, names).labels == labels


@pytest.mark.parametrize(
    "names", [["LABEL_0", "LABEL_1"], ["joy", "anger"], ["positive", "neutral"], ["1", "2", "3"]]
)
def test_other_names_have_to_be_explained(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        read_label_map(tmp_path, names)
    message = str(caught.value)
    assert CALIBRATION_FILE in message
    assert names[0] in message
    assert "\n" not in message
    labels = ["negative", *["positive"] * (len(names) - 1)]
    (tmp_path / CALIBRATION_FILE).write_text(json.dumps({"labels": labels}), encoding="utf-8")
    assert read_label_map(tmp_path, names).labels == tuple(labels)


@pytest.mark.parametrize(
    "text", ["{", '{"labels": ["good", "bad"]}', '{"labels": ["negative", "neutral", "positive"]}']
)
def test_a_damaged_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=CALIBRATION_FILE) as caught:
        read_label_map(tmp_path, ["negative", "positive"])
    assert "\n" not in str(caught.value)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = LabelMap(labels=LABELS, temperature=1.5, temperatures={"de": 2.0}, version="v")
    write_label_map(found, tmp_path)
    assert read_label_map(tmp_path, list(LABELS)) == found


logits = st.lists(st.floats(-30, 30), min_size=5, max_size=5).map(np.array)


@given(logits=logits, temperature=st.floats(0.2, 5))
def test_outputs_of_one_label_are_added_up(logits: np.ndarray, temperature: float) -> None:
    found = LabelMap(labels=tuple(STARS), temperature=temperature).shares(logits, "en")
    powers = np.exp((logits - logits.max()) / temperature)
    plain = powers / powers.sum()
    np.testing.assert_allclose(found, [plain[:2].sum(), plain[2], plain[3:].sum()], atol=1e-9)


def test_two_outputs_leave_nothing_for_neutral_and_a_language_has_its_temperature() -> None:
    found = LabelMap(labels=("negative", "positive"), temperatures={"de": 10.0})
    sure, unsure = (found.shares(np.array([0.0, 3.0]), code) for code in ("en", "de"))
    assert sure[1] == unsure[1] == 0
    assert sure[2] > 0.9 > unsure[2] > 0.5
