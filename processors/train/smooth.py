"""Evening out what the last matrix of each layer reads, before it is cut to 8 bits.

8-bit arithmetic has one scale for a whole input. Here some numbers of the input are 20 times the
others, which are left with two or three bits; weights have a scale each column. Dividing the input,
and multiplying the weights, by the same numbers changes nothing but what is lost.
Xiao et al. 2023, "SmoothQuant".
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from processors.train.encoder import Classifier

STRENGTH: Final = 0.75  # half, the paper's value, made it worse here


def smoothing(model: Classifier, ids: Sequence[Sequence[int]]) -> dict[str, Tensor]:
    """Return `layers.N.narrow.smooth` (inner,) of each layer, as seen on the texts `ids`."""
    peaks: dict[int, Tensor] = {}

    def watch(index: int) -> Any:
        def note(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            peak = inputs[0].abs().flatten(0, -2).amax(0)
            peaks[index] = torch.maximum(peaks[index], peak) if index in peaks else peak

        return note

    layers = list(model.eval().encoder.layers)
    hooks = [
        layer.narrow.register_forward_pre_hook(watch(index)) for index, layer in enumerate(layers)
    ]
    with torch.no_grad():
        for one in ids:
            batch = torch.tensor([list(one)])
            model(batch, torch.ones_like(batch))
    for hook in hooks:
        hook.remove()
    found = {}
    for index, layer in enumerate(layers):
        largest = layer.narrow.weight.detach().abs().amax(0)
        shift = peaks[index].clamp(min=1e-3) ** STRENGTH / largest.clamp(min=1e-4) ** (1 - STRENGTH)
        found[f"layers.{index}.narrow.smooth"] = shift
    return found
