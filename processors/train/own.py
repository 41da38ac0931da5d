"""Methods on an encoder of `processors.train.bases`: the folder is ONNX in 8 bits.

`full`: all layers learn; `lora`, `adalora`: adapters do, which are merged into them at the end.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from msgspec.structs import replace

from processors.model_card import TOKENIZER_FILE, Calibration, Card, Exit, write_card
from processors.train.adapters import hooks_of, with_adapters
from processors.train.bases import BASES, Base
from processors.train.cards import card_of
from processors.train.encoder import Classifier
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, Temperatures
from processors.train.judge import judge_of
from processors.train.loop import fit
from processors.train.onnx_parts import file_of, write_parts
from processors.train.recipe import Recipe
from processors.train.samples import Sample, coder_of
from processors.train.splits import Splits

_FULL: Final = Recipe(epochs=2, patience=2, judge_every=0.5)
RECIPES: Final[Mapping[str, Recipe]] = {
    "full": _FULL,
    "lora": replace(_FULL, epochs=3, rate=1e-3),
    # Its budget is spread over the whole run, so that stopping early would be too early.
    "adalora": replace(_FULL, epochs=3, rate=3e-3, patience=0),
}
_ADAPTED: Final = ("qkv", "mix", "widen", "narrow")


def train_own(job: Job, splits: Splits, *, method: str) -> Calibrate:
    """Train and write the folder, with temperature 1."""
    recipe = job.recipe(RECIPES[method])
    base = BASES[job.base]
    model, tokenizer = new_classifier(base, splits.train, seed=job.seed)
    steps = recipe.steps(len(splits.train))
    learning = model if method == "full" else _adapted(model, method, steps=steps, seed=job.seed)
    coder = coder_of(tokenizer, max_tokens=recipe.max_tokens)
    fit(
        learning,
        splits.train,
        coder,
        recipe,
        seed=job.seed,
        state=job.state,
        device="auto",
        judge=judge_of(splits.dev, coder),
        progress=job.progress,
        hooks=hooks_of(learning, method),
    )
    whole = learning if method == "full" else learning.merge_and_unload()
    return write_folder(whole, tokenizer, job, max_tokens=recipe.max_tokens)


def new_classifier(base: Base, train: Sequence[Sample], *, seed: int) -> tuple[Classifier, Any]:
    """Return the encoder with a head that knows nothing, and its tokenizer.

    The same `seed` gives the same one.
    """
    weights, tokenizer = base.open([one.text for one in train])
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers"))
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return Classifier(weights, (layers,)), tokenizer


def _adapted(model: Classifier, method: str, *, steps: int, seed: int) -> Any:
    where = {"target_modules": list(_ADAPTED)}
    adapted = with_adapters(model, method, steps=steps, seed=seed, where=where)
    # Adapters alone would have to make do with a head that knows nothing.
    model.heads.requires_grad_(True)
    return adapted


def write_folder(model: Classifier, tokenizer: Any, job: Job, *, max_tokens: int) -> Calibrate:
    """Write all files of a model folder but what is for people."""
    base = BASES[job.base]
    write_parts(model.eval(), job.folder, max_tokens=max_tokens)
    tokenizer.enable_truncation(max_tokens)
    tokenizer.save(str(job.folder / TOKENIZER_FILE), pretty=False)
    card = card_of(
        job,
        name=f"{base.title}, {job.version}",
        exits=(Exit(file=file_of(0), calibration={"": Calibration(temperature=1.0)}),),
        max_tokens=max_tokens,
        languages=job.languages or base.languages,
        abstain_below=ABSTAIN_BELOW,
        emoji=base.emoji,
        base=base.source,
        licence=base.licence,
    )
    return card_writer(card, job.folder)


def card_writer(card: Card, folder: Path) -> Calibrate:
    """Write `card`; what is returned writes it again with other temperatures, at every exit."""

    def calibrate(temperatures: Temperatures) -> None:
        fitted = {
            language: Calibration(temperature=value) for language, value in temperatures.items()
        }
        exits = tuple(replace(one, calibration=fitted) for one in card.exits)
        write_card(replace(card, exits=exits), folder)

    write_card(card, folder)
    return calibrate
