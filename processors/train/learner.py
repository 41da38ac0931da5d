"""One step of training: a batch, its loss, the optimiser."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from processors.train.batches import Batches
from processors.train.objective import loss_of
from processors.train.optimise import has_bfloat16, optimiser_of, schedule_of
from processors.train.recipe import Recipe
from processors.train.weights import Trained


class Hooks(NamedTuple):
    """What a method needs besides the loop. `state` and `restore` make it resumable."""

    penalty: Callable[[], Tensor] | None = None  # added to the loss
    after_step: Callable[[int], None] | None = None  # while the gradients are still there
    state: Callable[[], dict[str, Any]] | None = None
    restore: Callable[[dict[str, Any]], None] | None = None


class Learner:
    """A model that learns from `batches`, and where it is. `classes` (3,) weigh the labels."""

    def __init__(
        self, model: nn.Module, batches: Batches, recipe: Recipe, *, classes: Tensor, hooks: Hooks
    ) -> None:
        self._model, self._batches, self._recipe = model.train(), batches, recipe
        self.device = next(model.parameters()).device
        self._classes, self._hooks = classes.to(self.device), hooks
        self._fast = has_bfloat16(self.device)
        self.steps = recipe.steps(batches.posts)
        self._optimiser = optimiser_of(model, recipe)
        self._schedule = schedule_of(self._optimiser, recipe, self.steps)
        self.trained = Trained(model, recipe)
        self.done = 0
        self.posts = 0
        self.loss = math.log(3)  # a running mean

    def step(self) -> None:
        """Learn from the next batch."""
        batch = self._batches.at(self.done)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self._fast):
            loss = loss_of(self._model, batch, self._recipe, self._classes)
        if self._hooks.penalty is not None:
            loss = loss + self._hooks.penalty()
        loss.backward()
        nn.utils.clip_grad_norm_(self.trained.live.values(), self._recipe.clip)
        self._optimiser.step()
        self._schedule.step()
        self.done += 1
        if self._hooks.after_step is not None:
            self._hooks.after_step(self.done)
        self._optimiser.zero_grad(set_to_none=True)
        self.posts += len(batch.labels)
        # A longer memory as there is more to remember
        self.loss += (loss.item() - self.loss) * max(0.02, 1 / self.done)
        self.trained.follow(self.done)

    def judgement_due(self) -> bool:
        """Whether the model is to be judged after this step."""
        every = max(1, round(self._recipe.judge_every * self._batches.per_epoch))
        return self.done % every == 0 or self.done == self.steps

    def state(self) -> dict[str, Any]:
        """Return what `restore` takes: how it learns, without the weights and the counts."""
        return {
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "hooks": self._hooks.state() if self._hooks.state is not None else {},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        if self._hooks.restore is not None:
            self._hooks.restore(state["hooks"])
