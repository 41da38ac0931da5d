"""The optimiser of a run: rates by depth, warm-up and decay, number formats of the machine."""

import re
from typing import Any, Final

import torch
from torch import nn

from processors.train.recipe import Recipe

_LAYER: Final = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_HEAD: Final = re.compile(r"(?:^|\.)(?:heads?|(?:pre_)?classifier|score|pooler)\.")


def freeze_embeddings(model: nn.Module) -> None:
    """Keep the embeddings as they are: half of the weights, most of whose rows are never seen."""
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            module.weight.requires_grad_(False)


def optimiser_of(model: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """Return AdamW over what is to be trained, with a rate by depth; heads have their own."""
    named = [(name, one) for name, one in model.named_parameters() if one.requires_grad]
    deepest = max((_depth(name) for name, _ in named), default=0)
    groups: dict[float, list[Any]] = {}
    for name, parameter in named:
        rate = recipe.rate * recipe.layer_decay ** (deepest - _depth(name))
        groups.setdefault(recipe.head_rate if _HEAD.search(name) else rate, []).append(parameter)
    return torch.optim.AdamW(
        [{"params": found, "lr": rate} for rate, found in groups.items()],
        betas=(0.9, 0.99),
        weight_decay=recipe.decay,
        fused=True,
    )


def schedule_of(optimiser: torch.optim.AdamW, recipe: Recipe, steps: int) -> Any:
    """Return the schedule: up over the warm-up, then down to zero."""
    rise = max(1.0, recipe.warm_up * steps)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / rise, (steps - step) / steps)
    )


def device_of(name: str) -> torch.device:
    """Return the device for a setting; `auto` is a GPU if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies in bfloat16 faster than in 32 bits."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    # Not public in every release this works with; without it, 32 bits are slower and right.
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(known and known())


def _depth(name: str) -> int:
    """0 for embeddings, 1 for the first layer, and so on; a pooler is as deep as a head."""
    found = _LAYER.search(name)
    if found:
        return int(found[1]) + 1
    return 0
