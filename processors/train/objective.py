"""What training makes small."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from processors.model_card import LABELS
from processors.train.recipe import Recipe
from processors.train.samples import Batch, Sample


def class_weights(samples: Sequence[Sample], balance: float) -> Tensor:
    """Return a weight for each class, (3,), whose mean over the samples is 1."""
    counts = torch.zeros(len(LABELS))
    for one in samples:
        counts[one.label] += 1
    weights = counts.clamp(min=1) ** -balance
    scaled: Tensor = weights * counts.sum() / (weights * counts).sum()
    return scaled


def loss_of(model: Any, batch: Batch, recipe: Recipe, classes: Tensor) -> Tensor:
    """Return the mean loss of a batch.

    The last exit learns the labels and, where there is one, a teacher's answer. Every exit before
    it learns the labels and the last exit's answer, by `exit_weight` each (deep supervision with
    self-distillation, Zhang et al. 2019).
    """
    exits = [logits.float() for logits in model(batch.ids, batch.mask)]
    weights = batch.weights * classes[batch.labels]
    last = exits[-1]
    loss = (_taught(last, batch, recipe) * weights).mean()
    answer = last.detach().softmax(-1)
    for logits in exits[:-1]:
        early = _taught(logits, batch, recipe) + _towards(answer, logits)
        loss = loss + recipe.exit_weight * (early * weights).mean()
    if recipe.consistency:
        again = model(batch.ids, batch.mask)[-1].float()
        apart = _divergence(last, again) + _divergence(again, last)
        loss = loss + (_taught(again, batch, recipe) * weights).mean()
        loss = loss / 2 + recipe.consistency * (apart * weights).mean() / 4
    return loss


def _taught(logits: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    hard = cross_entropy(logits, batch.labels, reduction="none", label_smoothing=recipe.smoothing)
    share = recipe.soft_weight * batch.has_soft
    return (1 - share) * hard + share * _towards(batch.soft, logits)


def _towards(shares: Tensor, logits: Tensor) -> Tensor:
    return -(shares * logits.log_softmax(-1)).sum(-1)


def _divergence(one: Tensor, other: Tensor) -> Tensor:
    p, q = one.log_softmax(-1), other.log_softmax(-1)
    return torch.sum(p.exp() * (p - q), -1)
