"""Exported files say what the network in torch says."""

from pathlib import Path

import numpy as np
import pytest

from processors.model_card import (
    HEADS_FILE,
    LABELS,
    TOKENIZER_FILE,
    Calibration,
    Card,
    Exit,
    write_card,
)
from processors.model_folder import open_folder
from processors.models import ENGLISH
from processors.score_onnx import OnnxScorer

pytestmark = pytest.mark.train

TEXTS = ["The flight was late again", "thanks", "so good " * 60, "Not what I had hoped for, but ok"]


@pytest.mark.parametrize("exits", [(3,), (1, 3), (1, 2, 3)])
def test_every_exit_gives_the_network_s_features_and_logits(
    tiny_weights: dict[str, np.ndarray], exits: tuple[int, ...], tmp_path: Path
) -> None:
    import torch

    from processors.train.encoder import Classifier
    from processors.train.onnx_parts import file_of, write_parts

    torch.manual_seed(0)
    weights = {name: torch.from_numpy(weight) for name, weight in tiny_weights.items()}
    model = Classifier(weights, exits).eval()
    write_parts(model, tmp_path, max_tokens=128, eight_bits=False)
    calibration = {"": Calibration(temperature=1.0)}
    card = Card(
        name="tiny",
        version="tiny",
        labels=LABELS,
        exits=tuple(Exit(file=file_of(n), calibration=calibration) for n in range(len(exits))),
        max_tokens=128,
        languages=("en",),
    )
    write_card(card, tmp_path)
    (tmp_path / TOKENIZER_FILE).write_bytes((ENGLISH / TOKENIZER_FILE).read_bytes())
    scorer = OnnxScorer(tmp_path, threads=1)
    tokenizer = open_folder(tmp_path).tokenizer
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            features = model.features(ids, torch.ones_like(ids))
            logits = model(ids, torch.ones_like(ids))
        for number in range(len(exits)):
            (reading,) = scorer.read([text], ["en"], answer_at=number)
            np.testing.assert_allclose(reading.features, features[number][0], atol=2e-5)
            np.testing.assert_allclose(reading.logits, logits[number][0], atol=2e-5)
    assert set(np.load(tmp_path / HEADS_FILE)) == {
        f"{kind}_{number}" for kind in ("weight", "bias") for number in range(len(exits))
    }
