"""LoRA and AdaLoRA on any network, and what AdaLoRA needs of the loop."""

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from processors.train.learner import Hooks

METHODS: Final = ("lora", "adalora")
_RANK: Final = 16
_KEPT_RANK: Final = 8  # AdaLoRA's, in the mean over matrices
_ORTHOGONAL: Final = 0.1  # weight of AdaLoRA's penalty (Zhang et al. 2023)


def with_adapters(
    model: Any, method: str, *, steps: int, seed: int, where: Mapping[str, Any]
) -> Any:
    """Return `model` with new adapters to be trained, and nothing else of it.

    `where`: what peft is told of the layers they go to. ValueError if it does not fit the model.
    """
    import peft

    if method == "lora":
        config = peft.LoraConfig(r=_RANK, lora_alpha=2 * _RANK, lora_dropout=0.1, **where)
    else:
        # Rank is taken away from a tenth of the run on, and stays put in its second half.
        config = peft.AdaLoraConfig(
            init_r=_RANK,
            target_r=_KEPT_RANK,
            lora_alpha=2 * _RANK,
            lora_dropout=0.1,
            total_step=steps,
            tinit=steps // 10,
            tfinal=steps // 2,
            deltaT=max(1, steps // 100),
            **where,
        )
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return peft.get_peft_model(model, config)


def hooks_of(adapted: Any, method: str) -> Hooks | None:
    """Return what the loop is to do for the method."""
    return _adalora_hooks(adapted) if method == "adalora" else None


def _adalora_hooks(model: Any) -> Hooks:
    """Its penalty, its budget after a step, and what it remembers."""
    tuner = model.base_model
    allocator, config = tuner.rankallocator, tuner.peft_config[tuner.trainable_adapter_name]

    def penalty() -> Tensor:
        apart = [
            torch.linalg.matrix_norm(square - torch.eye(len(square), device=square.device))
            for square in _squares(model)
        ]
        return _ORTHOGONAL * torch.stack(apart).mean()

    def state() -> dict[str, Any]:
        return {
            "ipt": allocator.ipt,
            "exp_avg_ipt": allocator.exp_avg_ipt,
            "exp_avg_unc": allocator.exp_avg_unc,
            "rank_pattern": config.rank_pattern,
        }

    def restore(found: dict[str, Any]) -> None:
        device = next(model.parameters()).device
        for name in ("ipt", "exp_avg_ipt", "exp_avg_unc"):
            setattr(allocator, name, {key: one.to(device) for key, one in found[name].items()})
        config.rank_pattern = found["rank_pattern"]

    return Hooks(penalty, tuner.update_and_allocate, state, restore)


def _squares(model: Any) -> list[Tensor]:
    named = [(name, one) for name, one in model.named_parameters() if one.requires_grad]
    rows = [one @ one.T for name, one in named if "lora_A" in name]
    return rows + [one.T @ one for name, one in named if "lora_B" in name]
