"""Smoothing, as found on texts: changes no answer, and 8 bits lose less."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

pytestmark = pytest.mark.train

EXITS = (1, 3)
IDS = [[2, 900, 17, 25_000, 64, 3], [2, 5, 3], list(range(2_000, 2_040))]


@pytest.fixture
def model(tiny_weights: dict[str, np.ndarray]) -> Any:
    """A network of which some inner numbers are 30 times the others."""
    import torch

    from processors.train.encoder import Classifier

    weights = {name: torch.from_numpy(weight.copy()) for name, weight in tiny_weights.items()}
    for layer in range(3):
        name = f"layers.{layer}."
        by = torch.ones(len(weights[name + "widen.bias"]))
        by[::12] = 30
        weights[name + "widen.weight"] *= by[:, None]
        weights[name + "widen.bias"] *= by
        weights[name + "narrow.weight"] /= by
    return Classifier(weights, EXITS)


def test_the_numbers_are_of_every_layer_and_above_zero(model: Any) -> None:
    import torch

    from processors.train.smooth import smoothing

    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    found = smoothing(model, IDS)
    assert set(found) == {f"layers.{layer}.narrow.smooth" for layer in range(3)}
    for one in found.values():
        assert one.shape == (96,)
        assert bool((one > 0).all())
        assert bool(one.isfinite().all())
        assert one[::12].mean() > 5 * one[1::12].mean()  # large where the outliers are
    after = model.state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    assert not [layer for layer in model.encoder.layers if layer.narrow._forward_pre_hooks]


def test_no_answer_changes_but_for_rounding(model: Any) -> None:
    import torch

    from processors.train.smooth import smoothing

    found = smoothing(model, IDS)
    for index, layer in enumerate(model.encoder.layers):
        by = found[f"layers.{index}.narrow.smooth"]
        wide = torch.randn(5, len(by))
        smoothed = (wide / by) @ (layer.narrow.weight * by).T + layer.narrow.bias
        torch.testing.assert_close(smoothed, layer.narrow(wide), atol=1e-3, rtol=1e-4)


def test_eight_bits_lose_less(model: Any, tmp_path: Path) -> None:
    import torch

    from processors.train.onnx_parts import file_of, write_parts
    from processors.train.smooth import smoothing

    random = np.random.default_rng(1)
    # From a few texts the peak of what seldom stirs would be taken too low.
    found = smoothing(model, random.integers(0, 25_000, (60, 20)).tolist())
    unseen = [random.integers(0, 25_000, (1, 20)) for _ in range(12)]
    errors = []
    for name, smooth in (("plain", None), ("smooth", found)):
        folder = tmp_path / name
        folder.mkdir()
        write_parts(model, folder, max_tokens=128, smooth=smooth)
        sessions = [ort.InferenceSession(folder / file_of(index)) for index in range(2)]
        error = 0.0
        for ids in unseen:
            _, hidden = sessions[0].run(None, {"ids": ids})
            (features,) = sessions[1].run(None, {"hidden": hidden})
            with torch.no_grad():
                exact = model.features(torch.from_numpy(ids), torch.ones(ids.shape))[-1]
            error += float(np.abs(features - exact.numpy()).mean())
        errors.append(error)
    plain, smoothed = errors
    assert smoothed < 0.6 * plain
