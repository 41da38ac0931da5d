"""What the outputs of somebody else's classifier mean, and how sure to take them.

A `calibration.json` beside a model of Hugging Face says it; without one, the names that the model
gives its outputs (`id2label`) do, where they are known:

    {"labels": ["negative", "neutral", "positive"],   one of these for each output, in its order
     "temperature": 1.3,                              logits are divided by it
     "temperatures": {"de": 1.5},                     of single languages (ISO 639-1)
     "abstain_below": 0.4, "languages": ["en", "de"], "version": "ours-2", "max_tokens": 128}

All but `labels` may be left out. Outputs of the same label are added up.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from processors.model_card import LABELS, Share
from processors.records import Label
from processors.score import ModelError

CALIBRATION_FILE: Final = "calibration.json"

Temperature = Annotated[float, Meta(gt=0)]
Floats = NDArray[np.float64]

_WORDS: Final[Mapping[str, Label]] = {
    **dict.fromkeys(("negative", "neg", "negativ", "negativo", "bad", "-1"), "negative"),
    **dict.fromkeys(("neutral", "neu", "neutre", "neutro", "mixed"), "neutral"),
    **dict.fromkeys(("positive", "pos", "positiv", "positivo", "good", "+1"), "positive"),
    **dict.fromkeys(("very negative", "very neg"), "negative"),
    **dict.fromkeys(("very positive", "very pos"), "positive"),
}
_STARS: Final[Sequence[Label]] = ("negative", "negative", "neutral", "positive", "positive")


class LabelMap(Struct, frozen=True, kw_only=True):
    """What a `calibration.json` says; `languages` empty: reads every language."""

    labels: Annotated[tuple[Label, ...], Meta(min_length=2)]
    temperature: Temperature = 1.0
    temperatures: dict[str, Temperature] = {}
    abstain_below: Share = 0.0
    languages: tuple[str, ...] = ()
    version: str = ""
    max_tokens: Annotated[int, Meta(ge=8, le=8192)] | None = None

    def shares(self, logits: Floats, language: str) -> Floats:
        """Return probabilities in the order of `LABELS`, (3,), from logits (outputs,)."""
        found: Floats = self.shares_of(logits[None], [language])[0]
        return found

    def shares_of(self, logits: Floats, languages: Sequence[str]) -> Floats:
        """Return probabilities in the order of `LABELS`, (texts, 3), from logits (texts, outputs)
        and the language of each text."""
        heat = [self.temperatures.get(language, self.temperature) for language in languages]
        scaled = logits / np.array(heat)[:, None]
        powers = np.exp(scaled - scaled.max(axis=1, initial=-np.inf, keepdims=True))
        summed = np.zeros((len(self.labels), len(LABELS)))
        summed[range(len(self.labels)), [LABELS.index(label) for label in self.labels]] = 1
        found: Floats = powers / powers.sum(axis=1, keepdims=True) @ summed
        return found


def read_label_map(folder: Path, names: Sequence[str], *, said: Sequence[Label] = ()) -> LabelMap:
    """Return the map of the file in `folder`, or else of the outputs' `names`; ModelError.

    `said`: the labels of the outputs, in place of both; what else the file says counts.
    """
    path = folder / CALIBRATION_FILE
    if said and len(said) != len(names):
        raise ModelError(f"{len(said)} labels are given, and the model has {len(names)} outputs")
    if not path.is_file():
        return LabelMap(labels=tuple(said) or _labels_of(names))
    try:
        found = msgspec.json.decode(path.read_bytes(), type=LabelMap)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"{path}: cannot be used: {error}") from error
    if len(found.labels) != len(names):
        raise ModelError(
            f"{path}: names {len(found.labels)} labels, and the model has {len(names)} outputs"
        )
    return msgspec.structs.replace(found, labels=tuple(said) or found.labels)


def write_label_map(found: LabelMap, folder: Path) -> None:
    """Write the `calibration.json` of a model folder."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    (folder / CALIBRATION_FILE).write_bytes(text + b"\n")


def _labels_of(names: Sequence[str]) -> tuple[Label, ...]:
    plain = [" ".join(re.split(r"[\s_-]+", name.strip().lower())) or name for name in names]
    known = [_WORDS.get(name) or _WORDS.get(raw) for name, raw in zip(plain, names, strict=True)]
    labels = [label for label in known if label is not None]
    # Both ends, or every answer would be the one there is.
    if len(labels) == len(names) and {"negative", "positive"} <= set(labels):
        return tuple(labels)
    if plain == ["label 0", "label 1", "label 2"]:
        return LABELS
    if [re.sub(r"\s*stars?$", "", name) for name in plain] == list("12345"):
        return tuple(_STARS)
    raise ModelError(
        f"which outputs are negative, neutral, positive? They are named {', '.join(names)[:200]}; "
        f'set model_labels, or beside the model write {CALIBRATION_FILE}: {{"labels": [one of '
        f'"negative", "neutral", "positive" for each of the {len(names)}]}}'
    )
