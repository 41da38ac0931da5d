"""From trained weights to the ONNX files and heads of a model folder, in 8 bits."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from torch import Tensor

from processors.model_card import HEADS_FILE
from processors.train.encoder import Classifier
from processors.train.onnx_graph import Array, part_graph


def file_of(index: int) -> str:
    """Name of the ONNX file of an exit."""
    return f"exit-{index}.onnx"


def write_parts(
    model: Classifier,
    out: Path,
    *,
    max_tokens: int,
    eight_bits: bool = True,
    smooth: Mapping[str, Tensor] | None = None,
) -> None:
    """Write one ONNX file for each exit of `model`, and the heads, to the folder `out`.

    Heads stay in 32 bits. Without `eight_bits` so do the layers, for comparison. `smooth` is what
    `processors.train.smooth` found.
    """
    found = {**model.encoder.state_dict(), **(smooth or {})}.items()
    weights = {name: weight.detach().float().cpu().numpy() for name, weight in found}
    start = 0
    for index, end in enumerate(model.exits):
        part = part_graph(
            weights,
            range(start, end),
            last=index == len(model.exits) - 1,
            max_tokens=max_tokens,
            eight_bits=eight_bits,
        )
        onnx.save(part, out / file_of(index))
        start = end
    heads: dict[str, Array] = {}
    for index, head in enumerate(model.heads):
        heads[f"weight_{index}"] = head.weight.detach().float().cpu().numpy()
        heads[f"bias_{index}"] = head.bias.detach().float().cpu().numpy()
    np.savez(out / HEADS_FILE, allow_pickle=False, **heads)
