"""The command line that the recipes of the shipped models share; their docstrings show it."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from processors.model_card import Card
from processors.train.encoder import Weights
from processors.train.loop import Progress

WEIGHTS_FILE: Final = "weights.safetensors"


class Soften(Protocol):
    """Writes to `out` what `teachers` say of the training posts."""

    def __call__(self, data: Path, teachers: Sequence[Path], out: Path) -> None: ...


class Run(Protocol):
    """Trains one run, whose weights are in `out` at the end."""

    def __call__(self, data: Path, base: Path, *, soft: Path, seed: int, out: Path) -> None: ...


class Finish(Protocol):
    """Averages the runs and writes the model folder `out`."""

    def __call__(
        self, data: Path, base: Path, runs: Sequence[Path], *, out: Path, today: date
    ) -> Card: ...


def recipe(
    name: str, *, soften: Soften, run: Run, finish: Finish, arguments: Sequence[str] | None
) -> None:
    """Run the command line of a recipe."""
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("what", choices=("soft", "run", "publish"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, default=Path())
    parser.add_argument("--soft", type=Path, default=Path("soft.npz"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    today = datetime.now(UTC).date()
    parser.add_argument("--date", type=date.fromisoformat, default=today, help="for the card")
    parser.add_argument("folders", type=Path, nargs="*")
    options: Any = parser.parse_intermixed_args(arguments)
    if options.what != "run" and not options.folders:
        parser.error(f"{options.what}: name a folder, or several")
    torch.set_num_threads(1)
    if options.what == "soft":
        soften(options.data, options.folders, options.out)
    elif options.what == "run":
        run(options.data, options.base, soft=options.soft, seed=options.seed, out=options.out)
    else:
        finish(options.data, options.base, options.folders, out=options.out, today=options.date)


def average(runs: Sequence[Path]) -> Weights:
    """Return the mean of the runs' weights, all from the same base.

    Wortsman et al. 2022, "Model soups".
    """
    found: list[Weights] = [load_file(folder / WEIGHTS_FILE) for folder in runs]
    return {
        name: torch.stack([one[name].double() for one in found]).mean(0).to(weight.dtype)
        for name, weight in found[0].items()
    }


def save(model: nn.Module, folder: Path, *, without: Sequence[str] = ()) -> None:
    """Write a run's weights, but for those that are the base's own."""
    weights = {
        name: weight.contiguous()
        for name, weight in model.state_dict().items()
        if name not in without
    }
    save_file(weights, folder / WEIGHTS_FILE)


def say(progress: Progress) -> None:
    """Write a line of progress now and then."""
    if progress.step % 50 == 0 or progress.step == progress.steps:
        sys.stderr.write(f"step {progress.step}/{progress.steps}, loss {progress.loss:.3f}\n")
