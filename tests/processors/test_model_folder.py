"""Model folders whose files are sound one by one, but not together."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from processors.model_card import CARD_FILE, HEADS_FILE, TOKENIZER_FILE
from processors.model_folder import open_folder
from processors.score import ModelError


@pytest.fixture
def folder(several_exits: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(several_exits, tmp_path / "model"))


def change_card(folder: Path, change: Callable[[dict], None]) -> None:
    card = json.loads((folder / CARD_FILE).read_bytes())
    change(card)
    (folder / CARD_FILE).write_text(json.dumps(card), encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        open_folder(folder)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    return message.removeprefix(str(folder)).lstrip("/")


def test_a_folder_is_opened_with_all_its_exits(folder: Path) -> None:
    found = open_folder(folder)
    assert [one.weight.shape for one in found.exits] == [(3, 64)] * 3
    assert [one.bias.shape for one in found.exits] == [(3,)] * 3
    assert found.unknown == found.tokenizer.token_to_id("[UNK]")


def test_the_last_exit_has_nothing_for_one_behind_it(folder: Path) -> None:
    change_card(folder, lambda card: card["exits"].append(card["exits"][2]))
    with np.load(folder / HEADS_FILE) as heads:
        more = {**heads, "weight_3": heads["weight_2"], "bias_3": heads["bias_2"]}
    np.savez(folder / HEADS_FILE, **more)
    assert refused(folder).startswith("exit-2.onnx: has nothing")


def test_exits_in_another_order_are_refused(folder: Path) -> None:
    change_card(folder, lambda card: card["exits"].reverse())
    assert refused(folder).startswith("exit-2.onnx: its inputs")


def test_a_head_for_other_features_is_refused(folder: Path) -> None:
    with np.load(folder / HEADS_FILE) as heads:
        np.savez(folder / HEADS_FILE, **{**heads, "weight_1": np.zeros((3, 32), np.float32)})
    assert refused(folder).startswith("exit-1.onnx: its features are (1, 64)")


def test_a_tokenizer_with_more_pieces_than_the_model_is_refused(folder: Path) -> None:
    tokenizer = json.loads((folder / TOKENIZER_FILE).read_bytes())
    words = tokenizer["model"]["vocab"]
    words["onemorewordthanthemodelknows"] = len(words)
    (folder / TOKENIZER_FILE).write_text(json.dumps(tokenizer), encoding="utf-8")
    assert refused(folder).startswith("exit-0.onnx: cannot be used")


def test_a_card_that_allows_more_tokens_than_the_model_is_refused(folder: Path) -> None:
    change_card(folder, lambda card: card.update(max_tokens=256))
    assert refused(folder).startswith("exit-0.onnx: cannot be used")


def test_a_model_whose_numbers_are_none_is_refused(folder: Path) -> None:
    import onnx

    path = folder / "exit-1.onnx"
    model = onnx.load(path)
    (weight,) = (c for c in model.graph.initializer if c.name == "layers.1.norm_out.weight")
    weight.CopyFrom(onnx.numpy_helper.from_array(np.full(64, np.nan, np.float32), weight.name))
    onnx.save(model, path)
    assert refused(folder).startswith("exit-1.onnx: what it says")


@pytest.mark.parametrize("missing", ["exits", "max_tokens"])
def test_a_card_for_onnx_says_what_is_run(folder: Path, missing: str) -> None:
    change_card(folder, lambda card: card.pop(missing))
    with pytest.raises(ModelError, match=r"card\.json: a model for onnx names its exits"):
        open_folder(folder)


def test_a_model_for_something_else_is_not_opened(folder: Path) -> None:
    change_card(folder, lambda card: card.update(engine="linear", exits=[]))
    with pytest.raises(ModelError, match="a model for linear, not for onnx"):
        open_folder(folder)
