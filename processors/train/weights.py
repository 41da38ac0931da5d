"""Which weights a run ends with: the last, their running mean, or the best that a judge saw."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from processors.train.recipe import Recipe

Copy = dict[str, Tensor]
Judge = Callable[[nn.Module], float]
"""How good a model is, higher being better; it is in eval mode, and must stay in it."""


class Trained:
    """The weights of `model` that learn, and their running mean if the recipe wants one."""

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        self._share, self._every = recipe.average, recipe.average_every
        self.live = {name: one for name, one in model.named_parameters() if one.requires_grad}
        self.mean = self.copy() if recipe.average else None

    def copy(self) -> Copy:
        """Return them as they are now."""
        return {name: weight.detach().clone() for name, weight in self.live.items()}

    def load(self, weights: Mapping[str, Tensor] | None) -> None:
        """Put `weights` in their place, if there are any."""
        if weights is not None:
            with torch.no_grad():
                for name, weight in self.live.items():
                    weight.copy_(weights[name])

    def follow(self, step: int) -> None:
        """Move the mean, after `step` steps, towards the weights as they are now."""
        # At first after each step: until then, the mean is what was there before training.
        if self.mean is None or (step % self._every != 0 and step >= self._every):
            return
        # Early on the mean follows closely, so that the first weights do not linger.
        keep = min(self._share, step / (step + 10 * self._every))
        for name, weight in self.live.items():
            self.mean[name].lerp_(weight.detach(), 1 - keep)


class Best:
    """The best weights so far; `misses` are the judgements since."""

    def __init__(self, model: nn.Module, trained: Trained) -> None:
        self._model, self._trained = model, trained
        self.value: float | None = None
        self.weights: Copy | None = None
        self.misses = 0

    def ask(self, judge: Judge) -> None:
        """Ask how good the model is, and remember its weights if it was never better."""
        now = self._trained.copy()
        self._trained.load(self._trained.mean)
        self._model.eval()
        with torch.no_grad():
            found = judge(self._model)
        if self.value is None or found > self.value:
            self.value, self.weights, self.misses = found, self._trained.copy(), 0
        else:
            self.misses += 1
        self._model.train()
        self._trained.load(now)

    def keep(self) -> None:
        """Load the weights to be kept into the model."""
        self._trained.load(self.weights if self.weights is not None else self._trained.mean)
