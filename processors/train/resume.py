"""A whole run as one state on disk: weights, optimiser, counts, random numbers."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from processors.score import ModelError
from processors.train.learner import Learner
from processors.train.state import read_state, write_state
from processors.train.weights import Best, Copy


class Saved(NamedTuple):
    """A run and the place of its state; `name` is what two runs share that end alike."""

    path: Path
    name: str
    learner: Learner
    best: Best


def save(run: Saved) -> None:
    """Write the state of the run."""
    learner, best = run.learner, run.best
    cuda = [torch.cuda.get_rng_state()] if learner.device.type == "cuda" else []
    state = {
        "run": run.name,
        "weights": {name: weight.detach() for name, weight in learner.trained.live.items()},
        "mean": learner.trained.mean,
        "kept": best.weights,
        "random": [torch.get_rng_state(), *cuda],
        "counts": [learner.done, learner.posts, best.misses],
        "loss": learner.loss,
        "best": best.value,
        **learner.state(),
    }
    write_state(run.path, state)


def resume(run: Saved) -> None:
    """Go on from the state that is there, if there is one; ModelError if it does not fit."""
    state = read_state(run.path, run.name)
    if state is None:
        return
    learner, best = run.learner, run.best
    if _shapes(state["weights"]) != _shapes(learner.trained.live):
        raise ModelError(f"{run.path}: is of another model; remove it or name another")
    learner.trained.load(state["weights"])
    learner.trained.mean = _moved(state["mean"], learner.device)
    best.weights = _moved(state["kept"], learner.device)
    learner.done, learner.posts, best.misses = state["counts"]
    learner.loss, best.value = state["loss"], state["best"]
    learner.restore(state)
    torch.set_rng_state(state["random"][0])
    if len(state["random"]) > 1 and learner.device.type == "cuda":
        torch.cuda.set_rng_state(state["random"][1])


def _moved(weights: Copy | None, device: torch.device) -> Copy | None:
    if weights is None:
        return None
    return {name: weight.to(device) for name, weight in weights.items()}


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in weights.items()}
