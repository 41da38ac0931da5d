"""The state of a run on disk: written whole or not at all."""

import os
import pickle
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import torch

from processors.score import ModelError
from processors.train.recipe import Recipe
from processors.train.samples import Sample


def fingerprint(samples: Sequence[Sample], recipe: Recipe, seed: int) -> str:
    """Return what two runs share that end in the same weights: 16 hex digits."""
    hashed = blake2b(msgspec.json.encode((recipe, seed)), digest_size=8)
    for one in samples:
        hashed.update(msgspec.json.encode(tuple(one)))
    return hashed.hexdigest()


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write `state`; whoever is interrupted here finds the old one."""
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def read_state(path: Path, wanted: str) -> dict[str, Any] | None:
    """Return the state of the run `wanted`, None where there is none; ModelError if unusable."""
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        found = state["run"]
    except (OSError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ModelError(f"{path}: cannot go on from it, remove it to start anew: {reason}") from (
            error
        )
    if found != wanted:
        raise ModelError(
            f"{path}: is of a run with other data or options; remove it or name another"
        )
    return state


@contextmanager
def held_interrupt() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into an event, so that a step is never left half done.

    The second one interrupts at once. Off the main thread signals do not arrive anyway.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: Any) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
