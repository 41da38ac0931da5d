"""Method `frozen`: an encoder as it is, and logistic regression on what it says of a post."""

import shutil
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.model_card import HEADS_FILE, REPLAY_FILE, Calibration
from processors.model_folder import read_card
from processors.models import ENGLISH, languages_folder
from processors.score import ModelError
from processors.score_onnx import OnnxScorer
from processors.train.bases import BASES
from processors.train.cards import LIMITS
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, macro_recall_of
from processors.train.samples import Sample
from processors.train.splits import Splits

_MAX_TOKENS: Final = 128
_STRENGTHS: Final = (0.1, 1.0, 10.0)
"""Inverse regularisation to choose from by the dev split."""


def onnx_base(base: str) -> Path | None:
    """Return the ONNX folder that `base` names, None for a packaged encoder; ModelError."""
    if base in BASES:
        return None
    if base == "english":
        return ENGLISH
    folder = languages_folder() if base == "languages" else Path(base)
    if folder is None:
        raise ModelError("the model of many languages is not installed: make languages")
    return folder


def train_frozen(job: Job, splits: Splits) -> Calibrate:
    """Fit new heads, one for each exit, and write the folder."""
    from processors.train.own import card_writer, new_classifier, write_folder

    base = onnx_base(job.base)
    if base is None:
        made = new_classifier(BASES[job.base], splits.train, seed=job.seed)
        write_folder(*made, job, max_tokens=_MAX_TOKENS)
    else:
        shutil.copytree(base, job.folder, dirs_exist_ok=True)
        # Features of other heads' training: of no use to these.
        (job.folder / REPLAY_FILE).unlink(missing_ok=True)
    scorer = OnnxScorer(job.folder, threads=1)
    heads: dict[str, NDArray[np.float32]] = {}
    for index in range(len(scorer.card.exits)):
        weight, bias = _head(scorer, index, splits)
        heads[f"weight_{index}"], heads[f"bias_{index}"] = weight, bias
    np.savez(job.folder / HEADS_FILE, allow_pickle=False, **heads)
    card = read_card(job.folder)
    plain = {"": Calibration(temperature=1.0)}
    exits = [msgspec.structs.replace(one, calibration=plain) for one in card.exits]
    # From where an early exit is sure was measured with the heads that were there before.
    exits = [msgspec.structs.replace(one, answers_from=1.0) for one in exits[:-1]] + exits[-1:]
    card = msgspec.structs.replace(
        card,
        name=f"{card.name}, new heads",
        version=job.version,
        exits=tuple(exits),
        languages=job.languages or card.languages,
        abstain_below=ABSTAIN_BELOW,
        parent="" if base is None else card.version,
        date=job.date,
        seeds=(job.seed,),
        data=job.data,
        limits=LIMITS,
        licence=card.licence or f"Base weights: as {card.name} says.",
        validation=None,
        by_language={},
        robustness={},
        bias={},
    )
    return card_writer(card, job.folder)


def _head(
    scorer: OnnxScorer, index: int, splits: Splits
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    train, dev = (_features(scorer, index, part) for part in (splits.train, splits.dev))
    labels, wanted = ([one.label for one in part] for part in (splits.train, splits.dev))
    if set(labels) != {0, 1, 2}:
        raise ModelError("the rows to train on hold no example of one of the three classes")
    best, found = -1.0, None
    for strength in _STRENGTHS:
        tried = LogisticRegression(C=strength, max_iter=1000).fit(train, labels)
        reached = macro_recall_of(tried.predict(dev), wanted)
        if reached > best:
            best, found = reached, tried
    assert found is not None
    return found.coef_.astype(np.float32), found.intercept_.astype(np.float32)


def _features(scorer: OnnxScorer, index: int, samples: list[Sample]) -> NDArray[np.float32]:
    texts, languages = [one.text for one in samples], [one.language for one in samples]
    read = scorer.read(texts, languages, answer_at=index)
    return np.stack([one.features for one in read])
