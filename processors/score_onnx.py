"""Scoring on the CPU with onnxruntime: several times as fast as a `transformers` pipeline.

What makes it fast: each distinct text once, one call of the tokenizer for all of them,
texts of like length together so that little is padding, batches bounded by tokens and
not by texts (more than about 1,024 fall out of the cache), 8-bit weights.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from processors.clean import model_text
from processors.model_card import CARD_FILE, LABELS, MODEL_FILE, TOKENIZER_FILE, Card
from processors.records import Sentiment
from processors.score import ModelError, silent

TOKENS_PER_BATCH = 1_024  # padding counted


class OnnxScorer:
    """A `Scorer` for a model folder (`processors.model_card`), on `threads` CPU threads.

    The 8-bit arithmetic scales its inputs by the largest one in a batch, so a text's
    probabilities move with the texts scored beside it: on tweets by 0.016 in the mean
    and 0.08 in one of a hundred, and about 2 % change sides between two near-equal
    labels. Exact arithmetic in 8 bits is as slow as 32 bits. Raises ModelError when the
    folder cannot be used.
    """

    def __init__(self, model: Path, *, threads: int) -> None:
        self.card = _read_card(model / CARD_FILE)
        self._tokenizer = _read_tokenizer(model / TOKENIZER_FILE, self.card.max_tokens)
        self._session = _open_session(model / MODEL_FILE, threads)

    @property
    def version(self) -> str:
        return self.card.version

    def score(self, texts: Sequence[str]) -> list[Sentiment]:
        read = [model_text(text) for text in texts]
        distinct = list(dict.fromkeys(text for text in read if text))
        results = dict(zip(distinct, self._sentiments(distinct), strict=True))
        results[""] = silent(self.version)
        return [results[text] for text in read]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits (texts, 3) of model texts, before the temperature."""
        ids = [coded.ids for coded in self._tokenizer.encode_batch(list(texts))]
        logits = np.zeros((len(ids), len(LABELS)))
        for rows in _groups([len(row) for row in ids]):
            width = max(len(ids[row]) for row in rows)
            padded = np.zeros((len(rows), width), np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for place, row in enumerate(rows):
                padded[place, : len(ids[row])] = ids[row]
                mask[place, : len(ids[row])] = 1
            logits[rows] = self._session.run(None, {"ids": padded, "mask": mask})[0]
        return logits

    def _sentiments(self, texts: Sequence[str]) -> Iterator[Sentiment]:
        for row in softmax(self.logits(texts), self.card.temperature):
            # Six digits are more than the model knows, and keep messages short.
            negative, neutral, positive = (round(float(share), 6) for share in row)
            label = LABELS[int(row.argmax())]
            yield Sentiment(label, negative, neutral, positive, self.version)


def softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return class probabilities (texts, 3) from logits of the same shape."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield rows in order of length, as many at a time as the token budget holds."""
    group: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[row] > TOKENS_PER_BATCH:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _read_card(path: Path) -> Card:
    try:
        card = msgspec.json.decode(path.read_bytes(), type=Card)
    except (OSError, msgspec.MsgspecError) as error:
        raise _unusable(path, error) from error
    if card.labels != LABELS:
        raise ModelError(f"{path}: its labels are {card.labels}, expected {LABELS}")
    return card


def _read_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    try:
        tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise _unusable(path, error) from error
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _open_session(path: Path, threads: int) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # Every batch has another shape: a plan or a pool for each would only hold memory.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    # An idle scorer must not burn the core the database needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the library's errors share no narrower parent
        raise _unusable(path, error) from error
    names = {value.name for value in session.get_inputs()}
    if names != {"ids", "mask"}:
        raise ModelError(f"{path}: its inputs are {sorted(names)}, expected ids and mask")
    return session


def _unusable(path: Path, error: Exception) -> ModelError:
    reason = "no such file" if not path.exists() else " ".join(str(error).split())[:200]
    return ModelError(f"{path}: cannot be used as a model file: {reason}")
