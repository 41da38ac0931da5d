"""TF-IDF and a linear model: pieces of words, and nothing to run but a sum.

A folder holds `linear.json` (`LinearCard`) and `linear.npz`: `pieces`, the UTF-8 of all pieces with
a 0 between them, `idf` (pieces,), `weight` (3, pieces) and `bias` (3,). Scoring needs numpy alone.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from processors.baselines import LINEAR_CARD
from processors.model_card import ANY, LABELS, Calibration, Share
from processors.records import UNKNOWN_LANGUAGE, Sentiment
from processors.score import ModelError, one_by_one

PARTS_FILE: Final = "linear.npz"
LONGEST: Final = 5
"""Characters of the longest piece of a word."""

Floats = NDArray[np.float64]

# A character of Chinese or Japanese is a word; so is a run of signs, such as :-) or an emoji.
_WORD = re.compile("[\u3040-\u9fff]|[^\\W_\u3040-\u9fff]+(?:'\\w+)?|[^\\w\\s]+")


class LinearCard(Struct, frozen=True, kw_only=True):
    """What is in the folder; `languages` empty: reads every one."""

    version: Annotated[str, Meta(min_length=1)]
    languages: tuple[str, ...] = ()
    calibration: dict[str, Calibration]  # by language; ANY must be there
    abstain_below: Share = 0.0


class Linear(Struct, frozen=True, kw_only=True):
    """The model: a row of `pieces` for each column of `weight` (3, pieces); `bias` (3,)."""

    pieces: Mapping[str, int]
    idf: Floats
    weight: Floats
    bias: Floats

    def logits(self, text: str) -> tuple[Floats, float]:
        """Return the logits (3,) of a model text, and the share of its words not known."""
        counts = Counter(features(text))
        known = {self.pieces[name]: count for name, count in counts.items() if name in self.pieces}
        words = [name for name in counts if name.startswith("w:") and " " not in name]
        new = sum(name not in self.pieces for name in words) / max(1, len(words))
        if not known:
            return self.bias, new
        rows = np.fromiter(known, np.int64)
        values = (1 + np.log(np.fromiter(known.values(), np.float64))) * self.idf[rows]
        values /= np.linalg.norm(values)
        found: Floats = self.weight[:, rows] @ values + self.bias
        return found, new


class LinearScorer:
    """A `Scorer` for such a folder; ModelError if it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.card = _read_card(folder)
        self._model = _read_model(folder)

    @property
    def version(self) -> str:
        return self.card.version

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        return one_by_one(texts, languages, self._score_one, model=self.version)

    def _score_one(self, text: str, language: str) -> Sentiment:
        logits, new = self._model.logits(text)
        by_language = self.card.calibration
        shares = _softmax(logits, by_language.get(language, by_language[ANY]))
        negative, neutral, positive = (round(float(share), 6) for share in shares)
        read = not self.card.languages or language in (*self.card.languages, UNKNOWN_LANGUAGE)
        return Sentiment(
            LABELS[int(shares.argmax())],
            negative,
            neutral,
            positive,
            self.version,
            abstained=bool(shares.max() < self.card.abstain_below) or not read,
            oov=round(new, 3),
        )


def features(text: str) -> Iterator[str]:
    """Words, pairs of words, and pieces of words of 3 to `LONGEST` characters."""
    words = _WORD.findall(text.lower())
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{one} {other}" for one, other in pairwise(words))
    for word in words:
        edged = f"<{word}>"
        for size in range(3, LONGEST + 1):
            yield from (f"c:{edged[at : at + size]}" for at in range(len(edged) - size + 1))


def write_linear(card: LinearCard, model: Linear, folder: Path) -> None:
    """Write the files of a folder."""
    ordered = sorted(model.pieces, key=model.pieces.__getitem__)
    parts = {"idf": model.idf, "weight": model.weight, "bias": model.bias}
    np.savez_compressed(
        folder / PARTS_FILE,
        allow_pickle=False,
        pieces=np.frombuffer("\0".join(ordered).encode(), np.uint8),
        **{name: part.astype(np.float32) for name, part in parts.items()},
    )
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (folder / LINEAR_CARD).write_bytes(text + b"\n")


def _read_card(folder: Path) -> LinearCard:
    path = folder / LINEAR_CARD
    try:
        card = msgspec.json.decode(path.read_bytes(), type=LinearCard)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"{path}: cannot be used as a model file: {error}") from error
    if ANY not in card.calibration:
        raise ModelError(f"{path}: has no calibration for any language")
    return card


def _read_model(folder: Path) -> Linear:
    path = folder / PARTS_FILE
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            pieces = parts["pieces"].tobytes().decode().split("\0")
            idf, weight, bias = (
                parts[name].astype(np.float64) for name in ("idf", "weight", "bias")
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{path}: cannot be used as a model file: {reason}") from error
    count = len(pieces)
    if (idf.shape, weight.shape, bias.shape) != ((count,), (len(LABELS), count), (len(LABELS),)):
        raise ModelError(f"{path}: {count} pieces, but weights of {weight.shape}")
    if not all(np.isfinite(part).all() for part in (idf, weight, bias)):
        raise ModelError(f"{path}: holds numbers that are none")
    numbered = {piece: row for row, piece in enumerate(pieces)}
    return Linear(pieces=numbered, idf=idf, weight=weight, bias=bias)


def _softmax(logits: Floats, calibration: Calibration) -> Floats:
    scaled = logits / calibration.temperature + np.array(calibration.offsets)
    powers = np.exp(scaled - scaled.max())
    shares: Floats = powers / powers.sum()
    return shares
