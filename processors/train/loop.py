"""One training loop for every torch model that answers with logits (batch, 3), one per exit.

    fit(model, samples, coder, recipe, seed=0, state=folder / "state.pt")

leaves the trained weights in `model`. On a CPU with one thread the same arguments and the same
weights to start from give the same weights, and a run that was interrupted and started again ends
in the same ones.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from processors.score import ModelError
from processors.train.batches import Batches
from processors.train.learner import Hooks, Learner
from processors.train.objective import class_weights
from processors.train.optimise import device_of, freeze_embeddings
from processors.train.recipe import Recipe
from processors.train.resume import Saved, resume, save
from processors.train.samples import Coder, Sample
from processors.train.state import fingerprint, held_interrupt
from processors.train.weights import Best, Judge

SAVE_EVERY = 300  # steps: some minutes of one core


class Progress(NamedTuple):
    """Where a run is: `posts` have been learnt from, `loss` is a running mean."""

    step: int
    steps: int
    posts: int
    loss: float
    best: float | None = None  # of the judgements so far


class Fitted(NamedTuple):
    """How a run ended: steps taken, and the best judgement if it was judged."""

    steps: int
    best: float | None


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
    if recipe.freeze_embeddings:
        freeze_embeddings(model)
    batches = Batches(samples, coder, recipe, seed=seed, device=where)
    classes = class_weights(samples, recipe.balance)
    learner = Learner(model, batches, recipe, classes=classes, hooks=hooks or Hooks())
    best = Best(model, learner.trained)
    saved = None
    if state is not None:
        saved = Saved(state, fingerprint(samples, recipe, seed), learner, best)
    devices = [torch.cuda.current_device()] if where.type == "cuda" else []
    with torch.random.fork_rng(devices), held_interrupt() as asked:
        torch.manual_seed(seed)
        if saved is not None:
            resume(saved)
        while not _ended(learner, best, recipe):
            learner.step()
            if judge is not None and learner.judgement_due():
                best.ask(judge)
            ended = _ended(learner, best, recipe)
            if saved is not None and (ended or learner.done % save_every == 0):
                save(saved)
            try:
                if progress is not None:
                    progress(_progress(learner, best))
                if asked.is_set():
                    raise KeyboardInterrupt
            except BaseException:
                if saved is not None:
                    save(saved)
                raise
    best.keep()
    model.eval()
    return Fitted(learner.done, best.value)


def _ended(learner: Learner, best: Best, recipe: Recipe) -> bool:
    """Whether all steps are taken, or patience is at its end."""
    return learner.done >= learner.steps or 0 < recipe.patience <= best.misses


def _progress(learner: Learner, best: Best) -> Progress:
    return Progress(learner.done, learner.steps, learner.posts, learner.loss, best.value)
