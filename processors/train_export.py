"""From trained weights to a model folder: ONNX, 8 bits, temperature, card."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from processors.evaluate import as_text, quality
from processors.model_card import CARD_FILE, LABELS, MODEL_FILE, TOKENIZER_FILE, Card
from processors.score_onnx import OnnxScorer, softmax
from processors.train_data import Example
from processors.train_model import MAX_TOKENS, Classifier, load_tokenizer

LICENCE = (
    "Base weights: nreimers/MiniLM-L6-H384-uncased through all-MiniLM-L6-v2, Apache-2.0."
    " Fine-tuned on tweets of SemEval-2013 to 2016; no tweet is part of this folder."
)
DATA = (
    "SemEval 2013 to 2016, Twitter sentiment, message level: {tweets} tweets. Left out: the"
    " validation split of TweetEval and near copies of it, on which temperature and"
    " quality were measured."
)
LIMITS = (
    "English only. Reads no emoji. Sarcasm and reversed praise (\"can't recommend it"
    ' enough") often fool it. The temperature was fitted on the tweets the calibration'
    " error is measured on, and other streams have other errors: label a sample of yours."
)


class Provenance(NamedTuple):
    """What the card says about how the weights came to be."""

    version: str
    date: date
    seeds: tuple[int, ...]
    tweets: int


def export(
    model: Classifier, *, base: Path, out: Path, validation: Sequence[Example], made: Provenance
) -> Card:
    """Write the model folder `out`; return its card, with the quality of the 8-bit file.

    The temperature is fitted on `validation` to the 8-bit file's own logits, and applied
    by the scorer, not inside the file: it can be refitted without another export.
    """
    out.mkdir(parents=True, exist_ok=True)
    _write_onnx(model, out / MODEL_FILE)
    load_tokenizer(base).save(str(out / TOKENIZER_FILE), pretty=False)
    card = Card(
        name="MiniLM-L6, fine-tuned for sentiment of English posts",
        version=made.version,
        labels=LABELS,
        temperature=1.0,
        max_tokens=MAX_TOKENS,
        date=made.date.isoformat(),
        seeds=made.seeds,
        base="sentence-transformers/all-MiniLM-L6-v2",
        data=DATA.format(tweets=made.tweets),
        licence=LICENCE,
    )
    _write_card(card, out)
    texts = [example.text for example in validation]
    labels = [example.label for example in validation]
    fitted = fit_temperature(OnnxScorer(out, threads=1).logits(texts), labels)
    card = msgspec.structs.replace(card, temperature=fitted)
    _write_card(card, out)
    found = quality([LABELS[label] for label in labels], OnnxScorer(out, threads=1).score(texts))
    card = msgspec.structs.replace(card, validation=found)
    _write_card(card, out)
    return card


def fit_temperature(logits: NDArray[np.float64], labels: Sequence[int]) -> float:
    """Return the temperature (0.25 to 4) under which `labels` are likeliest.

    `logits` (texts, 3). Guo et al. 2017, "On calibration of modern neural networks".
    """
    rows = np.arange(len(labels))
    steps = np.geomspace(0.25, 4, 561)
    surprise = [-np.log(softmax(logits, step)[rows, labels] + 1e-12).mean() for step in steps]
    return round(float(steps[int(np.argmin(surprise))]), 3)


def _write_onnx(model: Classifier, path: Path) -> None:
    ids = torch.ones(2, 16, dtype=torch.int64)
    posts, tokens = torch.export.Dim("posts"), torch.export.Dim("tokens", max=MAX_TOKENS)
    shape = {0: posts, 1: tokens}
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            model,
            (ids, torch.ones_like(ids)),
            str(whole),
            input_names=["ids", "mask"],
            output_names=["logits"],
            dynamic_shapes=(shape, shape),
            dynamo=True,
            external_data=False,
        )
        # Seven of the eight bits: on CPUs without VNNI the eighth overflows. Costs nothing.
        quantize_dynamic(
            whole, path, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
        )


def _write_card(card: Card, out: Path) -> None:
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (out / CARD_FILE).write_bytes(text + b"\n")
    lines = [f"# {card.name}", "", f"Version `{card.version}`, {card.date}.", ""]
    lines += [f"Data. {card.data}", "", f"Licence. {card.licence}", ""]
    lines += [f"Limits. {LIMITS}", ""]
    if card.validation:
        lines += ["Quality of the 8-bit file on TweetEval's validation split:", ""]
        lines += ["    " + line for line in as_text(card.validation).splitlines()]
    (out / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
