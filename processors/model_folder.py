"""Opening a model folder (`processors.model_card`); whatever is wrong with it is a ModelError."""

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from processors.model_card import ANY, CARD_FILE, HEADS_FILE, LABELS, TOKENIZER_FILE, Card
from processors.score import ModelError

_UNKNOWN_PIECES = ("[UNK]", "<unk>")
# An addition and a LayerNormalization in one: a plain loop, and a text takes 1.3 times as long.
_SLOW_FUSION = "SkipLayerNormFusion"


class OpenExit(NamedTuple):
    """An exit: onnxruntime session, and the head's weight (3, width) and bias (3,)."""

    session: Any
    weight: NDArray[np.float64]
    bias: NDArray[np.float64]


class Folder(NamedTuple):
    """A model, ready to run; `unknown` is the id of the piece for what has no piece."""

    card: Card
    tokenizer: Tokenizer
    unknown: int | None
    exits: list[OpenExit]


def open_folder(model: Path) -> Folder:
    """Open the model folder; ModelError, naming the file, if one is missing or damaged."""
    card = read_card(model)
    if card.engine != "onnx" or card.max_tokens is None:
        raise ModelError(f"{model}: is a model for {card.engine}, not for onnx")
    tokenizer = _read_tokenizer(model / TOKENIZER_FILE, card.max_tokens)
    heads = read_heads(model, len(card.exits))
    exits = [
        OpenExit(_open_session(model / one.file, "hidden" if index else "ids"), *heads[index])
        for index, one in enumerate(card.exits)
    ]
    unknown = next(filter(None, map(tokenizer.token_to_id, _UNKNOWN_PIECES)), None)
    _try_out(model, card, exits, np.full((1, card.max_tokens), tokenizer.get_vocab_size() - 1))
    return Folder(card, tokenizer, unknown, exits)


def _try_out(model: Path, card: Card, exits: list[OpenExit], ids: NDArray[np.int64]) -> None:
    """Read the longest text of the last piece: files that don't fit together fail here."""
    state: dict[str, NDArray[Any]] = {"ids": ids}
    for index, (session, weight, _) in enumerate(exits):
        path = model / card.exits[index].file
        try:
            features, *hidden = session.run(None, state)
        except Exception as error:  # the library's errors share no narrower parent
            raise _unusable(path, error) from error
        if features.shape != (1, weight.shape[1]):
            raise ModelError(
                f"{path}: its features are {features.shape}, its head's {weight.shape}"
            )
        if not np.isfinite(features).all():
            raise ModelError(f"{path}: what it says holds numbers that are none")
        if index < len(exits) - 1 and not hidden:
            raise ModelError(f"{path}: has nothing for the exit behind it")
        state = {"hidden": hidden[0]} if hidden else {}


def read_card(model: Path) -> Card:
    """Return the card of the model folder; ModelError if it is missing or damaged."""
    path = model / CARD_FILE
    try:
        card = msgspec.json.decode(path.read_bytes(), type=Card)
    except (OSError, msgspec.MsgspecError) as error:
        raise _unusable(path, error) from error
    if card.labels != LABELS:
        raise ModelError(f"{path}: its labels are {card.labels}, expected {LABELS}")
    if card.engine == "onnx" and (not card.exits or card.max_tokens is None):
        raise ModelError(f"{path}: a model for onnx names its exits and its max_tokens")
    if any(ANY not in one.calibration for one in card.exits):
        raise ModelError(f"{path}: an exit has no calibration for any language")
    return card


def read_heads(model: Path, exits: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return weight (3, width) and bias (3,) of each exit's head; ModelError if damaged."""
    path = model / HEADS_FILE
    try:
        # Opened here: of a damaged file numpy would leave its own handle open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            heads = [
                (
                    parts[f"weight_{index}"].astype(np.float64),
                    parts[f"bias_{index}"].astype(np.float64),
                )
                for index in range(exits)
            ]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _unusable(path, error) from error
    for weight, bias in heads:
        if weight.ndim != 2 or len(weight) != len(LABELS) or bias.shape != (len(LABELS),):
            raise ModelError(f"{path}: a head of {weight.shape}, expected ({len(LABELS)}, width)")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ModelError(f"{path}: a head holds numbers that are none")
    return heads


def _read_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    try:
        tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise _unusable(path, error) from error
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _open_session(path: Path, wanted: str) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # A plan of the memory for each length of a text, of which there are `max_tokens`: about
    # 1 MB in all, and a text takes 3 to 5 % less time.
    options.enable_mem_pattern = True
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(
            str(path),
            sess_options=options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[_SLOW_FUSION],
        )
    except Exception as error:  # the library's errors share no narrower parent
        raise _unusable(path, error) from error
    names = [value.name for value in session.get_inputs()]
    if names != [wanted]:
        raise ModelError(f"{path}: its inputs are {names}, expected {wanted}")
    return session


def _unusable(path: Path, error: Exception) -> ModelError:
    reason = "no such file" if not path.exists() else " ".join(str(error).split())[:200]
    return ModelError(f"{path}: cannot be used as a model file: {reason}")
