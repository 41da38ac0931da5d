"""One training loop for every torch model that answers with logits (batch, 3), one per exit.

    fit(model, samples, coder, recipe, seed=0, state=folder / "state.pt")

leaves the trained weights in `model`. On a CPU with one thread the same arguments and the same
weights to start from give the same weights, and a run that was interrupted and started again ends
in the same ones.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from processors.score import ModelError
from processors.train.objective import class_weights, loss_of
from processors.train.optimise import (
    device_of,
    freeze_embeddings,
    has_bfloat16,
    optimiser_of,
    schedule_of,
)
from processors.train.recipe import Recipe
from processors.train.samples import Batch, Coder, Sample, batch_of, encode, epoch_groups
from processors.train.state import fingerprint, held_interrupt, read_state, write_state

SAVE_EVERY = 300  # steps: some minutes of one core


class Progress(NamedTuple):
    """Where a run is: `posts` have been learnt from, `loss` is a running mean."""

    step: int
    steps: int
    posts: int
    loss: float
    best: float | None = None  # of the judgements so far


class Hooks(NamedTuple):
    """What a method needs besides the loop. `state` and `restore` make it resumable."""

    penalty: Callable[[], Tensor] | None = None  # added to the loss
    after_step: Callable[[int], None] | None = None  # while the gradients are still there
    state: Callable[[], dict[str, Any]] | None = None
    restore: Callable[[dict[str, Any]], None] | None = None


class Fitted(NamedTuple):
    """How a run ended: steps taken, and the best judgement if it was judged."""

    steps: int
    best: float | None


Judge = Callable[[nn.Module], float]
"""How good a model is, higher being better; it is in eval mode, and must stay in it."""


def fit(
    model: nn.Module,
    samples: Sequence[Sample],
    coder: Coder,
    recipe: Recipe,
    *,
    seed: int,
    state: Path | None = None,
    device: str = "cpu",
    judge: Judge | None = None,
    progress: Callable[[Progress], None] | None = None,
    hooks: Hooks | None = None,
    save_every: int = SAVE_EVERY,
) -> Fitted:
    """Train `model`, which forwards (ids, mask), int64 (batch, tokens), to a list of logits.

    With `judge`, it is asked every `recipe.judge_every` epochs and at the end, and the best
    weights are kept; without, the last (or their running mean, with `recipe.average`). `state` is
    written every `save_every` steps, at the end, at Ctrl-C (KeyboardInterrupt follows) and when
    `progress` raises; a run whose state is there goes on from it. ModelError if the state is of
    another run or damaged, or if there is nothing to train on.
    """
    if not samples:
        raise ModelError("there is nothing to train on")
    where = device_of(device)
    model.to(where)
    run = _Run(model, samples, coder, recipe, seed, state, hooks or Hooks())
    devices = [torch.cuda.current_device()] if where.type == "cuda" else []
    with torch.random.fork_rng(devices), held_interrupt() as asked:
        torch.manual_seed(seed)
        run.resume()
        while not run.finished:
            run.step()
            if judge is not None and run.judgement_due():
                run.judge(judge)
            if run.finished or run.done % save_every == 0:
                run.save()
            try:
                if progress is not None:
                    progress(run.progress())
            except BaseException:
                run.save()
                raise
            if asked.is_set():
                run.save()
                raise KeyboardInterrupt
    run.keep_best()
    model.eval()
    return Fitted(run.done, run.best)


class _Run:
    """What changes from step to step."""

    def __init__(
        self,
        model: nn.Module,
        samples: Sequence[Sample],
        coder: Coder,
        recipe: Recipe,
        seed: int,
        state: Path | None,
        hooks: Hooks,
    ) -> None:
        if recipe.freeze_embeddings:
            freeze_embeddings(model)
        self._model, self._samples, self._coder = model.train(), samples, coder
        self._recipe, self._seed, self._path, self._hooks = recipe, seed, state, hooks
        self._device = next(model.parameters()).device
        self._fast = has_bfloat16(self._device)
        self._ids = encode(samples, coder)
        self._per_epoch = math.ceil(len(samples) / recipe.batch)
        self._steps = math.ceil(self._per_epoch * recipe.epochs)
        self._optimiser = optimiser_of(model, recipe)
        self._schedule = schedule_of(self._optimiser, recipe, self._steps)
        self._classes = class_weights(samples, recipe.balance).to(self._device)
        self._weights = {n: one for n, one in model.named_parameters() if one.requires_grad}
        self._mean = self._copy() if recipe.average else None
        self._kept: dict[str, Tensor] | None = None
        self._groups: list[list[int]] = []
        self._epoch = -1
        self._misses = 0
        self._loss = math.log(3)
        self._posts = 0
        self.done = 0
        self.best: float | None = None

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, or patience is at its end."""
        return self.done >= self._steps or 0 < self._recipe.patience <= self._misses

    def progress(self) -> Progress:
        """Where the run is."""
        return Progress(self.done, self._steps, self._posts, self._loss, self.best)

    def step(self) -> None:
        """Learn from one batch."""
        batch = self._batch()
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._fast):
            loss = loss_of(self._model, batch, self._recipe, self._classes)
        if self._hooks.penalty is not None:
            loss = loss + self._hooks.penalty()
        loss.backward()
        nn.utils.clip_grad_norm_(self._weights.values(), self._recipe.clip)
        self._optimiser.step()
        self._schedule.step()
        self.done += 1
        if self._hooks.after_step is not None:
            self._hooks.after_step(self.done)
        self._optimiser.zero_grad(set_to_none=True)
        self._posts += len(batch.labels)
        # A longer memory as there is more to remember
        self._loss += (loss.item() - self._loss) * max(0.02, 1 / self.done)
        every = self._recipe.average_every
        # At first after each step: until then, the mean is what was there before training.
        if self._mean is not None and (self.done % every == 0 or self.done < every):
            self._follow(self._mean)

    def judgement_due(self) -> bool:
        """Whether the model is to be judged after this step."""
        every = max(1, round(self._recipe.judge_every * self._per_epoch))
        return self.done % every == 0 or self.done == self._steps

    def judge(self, judge: Judge) -> None:
        """Ask how good the model is, and remember its weights if it was never better."""
        trained = self._copy()
        self._load(self._mean)
        self._model.eval()
        with torch.no_grad():
            found = judge(self._model)
        if self.best is None or found > self.best:
            self.best, self._kept, self._misses = found, self._copy(), 0
        else:
            self._misses += 1
        self._model.train()
        self._load(trained)

    def keep_best(self) -> None:
        """Load the weights to be kept into the model."""
        self._load(self._kept if self._kept is not None else self._mean)

    def save(self) -> None:
        """Write the state of the run, if it has a place."""
        if self._path is None:
            return
        cuda = [torch.cuda.get_rng_state()] if self._device.type == "cuda" else []
        state = {
            "run": self._name(),
            "weights": {name: weight.detach() for name, weight in self._weights.items()},
            "mean": self._mean,
            "kept": self._kept,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": [torch.get_rng_state(), *cuda],
            "hooks": self._hooks.state() if self._hooks.state is not None else {},
            "counts": [self.done, self._posts, self._misses],
            "loss": self._loss,
            "best": self.best,
        }
        write_state(self._path, state)

    def resume(self) -> None:
        """Go on from the state that is there, if there is one."""
        state = None if self._path is None else read_state(self._path, self._name())
        if state is None:
            return
        if _shapes(state["weights"]) != _shapes(self._weights):
            raise ModelError(f"{self._path}: is of another model; remove it or name another")
        self._load(state["weights"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._mean, self._kept = (self._moved(state[name]) for name in ("mean", "kept"))
        self.done, self._posts, self._misses = state["counts"]
        self._loss, self.best = state["loss"], state["best"]
        if self._hooks.restore is not None:
            self._hooks.restore(state["hooks"])
        torch.set_rng_state(state["random"][0])
        if len(state["random"]) > 1 and self._device.type == "cuda":
            torch.cuda.set_rng_state(state["random"][1])

    def _name(self) -> str:
        return fingerprint(self._samples, self._recipe, self._seed)

    def _batch(self) -> Batch:
        epoch, at = divmod(self.done, self._per_epoch)
        if epoch != self._epoch:
            # Each epoch has its own draw, the same whether or not the run was interrupted.
            random = Random(f"{self._seed}-{epoch}")
            lengths = [len(one) for one in self._ids]
            self._groups = epoch_groups(
                lengths, size=self._recipe.batch, random=random, shuffle=self._recipe.shuffle
            )
            self._epoch = epoch
        batch = batch_of(self._samples, self._ids, self._groups[at], self._coder.padding)
        return Batch(*(part.to(self._device) for part in batch))

    def _copy(self) -> dict[str, Tensor]:
        return {name: weight.detach().clone() for name, weight in self._weights.items()}

    def _load(self, weights: dict[str, Tensor] | None) -> None:
        if weights is not None:
            with torch.no_grad():
                for name, weight in self._weights.items():
                    weight.copy_(weights[name])

    def _follow(self, mean: dict[str, Tensor]) -> None:
        # Early on the mean follows closely, so that the first weights do not linger.
        every = self._recipe.average_every
        keep = min(self._recipe.average, self.done / (self.done + 10 * every))
        for name, weight in self._weights.items():
            mean[name].lerp_(weight.detach(), 1 - keep)

    def _moved(self, weights: dict[str, Tensor] | None) -> dict[str, Tensor] | None:
        if weights is None:
            return None
        return {name: weight.to(self._device) for name, weight in weights.items()}


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in weights.items()}
