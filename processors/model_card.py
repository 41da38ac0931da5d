"""The card of a model folder: what the scorer needs to know of the files beside it.

What these are is said by its `engine`. For `onnx` the folder holds `card.json`, a `README.md` for
people, `tokenizer.json`, `heads.npz` and one ONNX file for each exit (`Exit`). The files work on
one text at a time, without padding:

    first exit    ids int64 (1, tokens)             -> features float32 (1, width), hidden
    later exits   hidden float32 (1, tokens, width) -> features float32 (1, width), hidden

(The last has no `hidden`.) `heads.npz` holds, for exit i, `weight_i` (3, width) and `bias_i` (3,):
logits are `features @ weight.T + bias`. Heads are apart so that corrections can move them without
another export. `replay.npz`, where there is one, holds what `processors.learn` must not forget.

`transformers` (`processors.score_torch`) and `linear` (`processors.baselines.linear`) have files of
their own for how to read the outputs: there the card has no exits.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from processors.clean import Emoji
from processors.records import Label

LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
"""The model's classes, in the order of its outputs."""

TOKENIZER_FILE = "tokenizer.json"
HEADS_FILE = "heads.npz"
REPLAY_FILE = "replay.npz"
CARD_FILE = "card.json"
ANY = ""
"""The language whose calibration serves every language that has none of its own."""

Share = Annotated[float, Meta(ge=0, le=1)]
Engine = Literal["onnx", "transformers", "linear"]


class Quality(Struct, frozen=True, kw_only=True):
    """How well results fit labels; shares from 0 to 1."""

    posts: int
    macro_recall: float
    accuracy: float
    macro_f1: float
    ece: float  # expected calibration error, 15 bins of the highest probability
    confusion: tuple[tuple[int, ...], ...]  # [true][given], in the order of LABELS
    abstained: float = 0.0  # share of posts
    ece_floor: float | None = None  # the calibration error that chance alone gives
    ece_chance: tuple[float, float] | None = None  # and 95 in 100 times, from and to


class Calibration(Struct, frozen=True, kw_only=True):
    """Logits / temperature + offsets, then the softmax."""

    temperature: Annotated[float, Meta(gt=0)]
    offsets: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Exit(Struct, frozen=True, kw_only=True):
    """A point at which the model can answer: an ONNX file and how to read its head."""

    file: Annotated[str, Meta(pattern=r"^[\w.-]+\.onnx$")]
    calibration: dict[str, Calibration]  # by language; ANY must be there
    answers_from: Share = 0.0  # the highest probability from which its answer is final

    def calibration_of(self, language: str) -> Calibration:
        """Return the calibration for texts of a language."""
        return self.calibration.get(language, self.calibration[ANY])


class FailureRate(Struct, frozen=True, kw_only=True):
    """Of a capability of the robustness suite: cases and the share that failed."""

    cases: int
    failed: Share


class Shift(Struct, frozen=True, kw_only=True):
    """Of a group of people: how far naming it moves the mean p_negative - p_positive."""

    cases: int
    mean: float  # from -2 to 2; above zero is towards negative


class Card(Struct, frozen=True, kw_only=True):
    """What is in a model folder, who made it from what, and how good it is."""

    name: str
    version: Annotated[str, Meta(min_length=1)]  # marks every score
    labels: tuple[Label, Label, Label]
    engine: Engine = "onnx"
    exits: tuple[Exit, ...] = ()  # of `onnx`, which has at least one
    max_tokens: Annotated[int, Meta(ge=8, le=512)] | None = None  # of `onnx`, which needs it
    languages: tuple[str, ...]  # ISO 639-1; others are answered with `abstained`; empty: all read
    abstain_below: Share = 0.0  # the highest probability under which the model would rather not say
    emoji: Emoji = "drop"  # what it reads of them (`processors.clean.model_text`)
    parent: str = ""  # version of the model this one was corrected from
    date: str = ""
    seeds: tuple[int, ...] = ()
    base: str = ""
    data: str = ""
    licence: str = ""
    limits: str = ""
    validation: Quality | None = None
    by_language: dict[str, Quality] = {}
    robustness: dict[str, FailureRate] = {}  # by capability
    bias: dict[str, Shift] = {}  # by group


def write_card(card: Card, folder: Path) -> None:
    """Write `card.json`, for programs."""
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (folder / CARD_FILE).write_bytes(text + b"\n")
