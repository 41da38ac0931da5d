"""The card of a model folder: what the scorer needs to know of the file beside it.

A model folder holds `model.onnx`, `tokenizer.json`, `card.json` and a `README.md` for people.
"""

from typing import Annotated

from msgspec import Meta, Struct

from processors.records import Label

LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
"""The model's classes, in the order of its outputs."""

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "card.json"


class Quality(Struct, frozen=True, kw_only=True):
    """How well results fit labels; shares from 0 to 1."""

    posts: int
    macro_recall: float
    accuracy: float
    macro_f1: float
    ece: float  # expected calibration error, 15 bins of the highest probability
    confusion: tuple[tuple[int, ...], ...]  # [true][given], in the order of LABELS


class Card(Struct, frozen=True, kw_only=True):
    """What is in a model folder, who made it from what, and how good it is."""

    name: str
    version: Annotated[str, Meta(min_length=1)]  # marks every score
    labels: tuple[Label, Label, Label]
    temperature: Annotated[float, Meta(gt=0)]  # divides the logits before the softmax
    max_tokens: Annotated[int, Meta(ge=8, le=512)]
    date: str = ""
    seeds: tuple[int, ...] = ()
    base: str = ""
    data: str = ""
    licence: str = ""
    validation: Quality | None = None
