"""Any sequence classifier of Hugging Face as a scorer, in torch, on a GPU if there is one.

Posts of like length are read together, so many that a batch holds `BATCH_TOKENS` tokens: little
padding, and a GPU has enough to do. Arithmetic in batches differs in the last digits from one
batch to the next, so probabilities are the same to about four digits, not to the last one as they
are with `processors.score_onnx`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from processors.clean import model_text
from processors.label_map import Floats, LabelMap, read_label_map
from processors.model_card import LABELS
from processors.records import UNKNOWN_LANGUAGE, Sentiment
from processors.score import ModelError, languages_of, silent

BATCH_TOKENS: Final = 4_096
LONGEST: Final = 512
"""Tokens of a post that are read, where neither the model nor its `calibration.json` says less."""
ADAPTER_FILE: Final = "adapter_config.json"
BASE_FOLDER: Final = "base"
"""In the folder of an adapter that cannot be merged: the model it belongs to."""
_DIGITS: Final = 6


class TorchScorer:
    """A `Scorer` for a model of Hugging Face: its name, or its folder.

    `threads` of the CPU are those of the whole process, as torch has it. `device`: `cpu`, `cuda`
    (in half precision), or `auto`, which is a GPU if there is one. ModelError when torch is not
    installed, the model cannot be had, or nobody says what its outputs mean.
    """

    def __init__(self, name: str | Path, *, threads: int, device: str = "auto") -> None:
        torch, transformers = libraries()
        torch.set_num_threads(threads)
        self._torch = torch
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(name))
            model = _open(transformers, name)
        except Exception as error:  # the library's errors share no narrower parent
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"{name}: cannot be used as a model: {reason}") from error
        outputs = model.config.id2label
        try:
            names = [str(outputs[index]) for index in range(len(outputs))]
            self._map: LabelMap = read_label_map(Path(name), names)
        except ModelError as error:
            raise ModelError(f"{name}: {error}") from error
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self._device = device
        self._half = device == "cuda"
        self._model = (model.half() if self._half else model.float()).to(device).eval()
        self._lock = Lock()  # a tokenizer is one thread's at a time
        self._longest = self._map.max_tokens or _longest(self._tokenizer, model.config)
        self._padding = self._tokenizer.pad_token_id or 0
        self.version: str = self._map.version or _version(str(name), model.config)
        if not np.isfinite(self.logits(["a try"])).all():
            raise ModelError(f"{name}: cannot be used as a model: what it says are no numbers")

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        asked = [
            (model_text(text, emoji="keep"), language)
            for text, language in zip(texts, languages_of(texts, languages), strict=True)
        ]
        # The logits are the same in every language, so each text is read once.
        read = list(dict.fromkeys(text for text, _ in asked if text))
        with self._lock:
            logits, broken = self._read(read)
        known = {text: row for row, text in enumerate(read)}
        return [
            self._sentiment(logits[known[text]], language, broken[known[text]])
            if text
            else silent(self.version)
            for text, language in asked
        ]

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return the logits (texts, outputs) of model texts, none of them empty."""
        with self._lock:
            return self._read(texts)[0]

    def _read(self, texts: Sequence[str]) -> tuple[Floats, list[float]]:
        """Return logits (texts, outputs), and of each text the share of words not known whole."""
        if not texts:
            return np.zeros((0, len(self._map.labels))), []
        coded = self._tokenizer(list(texts), truncation=True, max_length=self._longest)
        ids = coded["input_ids"]
        found = np.zeros((len(texts), len(self._map.labels)))
        for rows in _batches([len(one) for one in ids]):
            width = len(ids[rows[-1]])
            filled = np.full((len(rows), width), self._padding, np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for at, row in enumerate(rows):
                filled[at, : len(ids[row])] = ids[row]
                mask[at, : len(ids[row])] = 1
            found[rows] = self._forward(filled, mask)
        if not self._tokenizer.is_fast:
            return found, [0.0] * len(texts)
        unknown = self._tokenizer.unk_token_id
        return found, [_broken(coded, row, unknown) for row in range(len(texts))]

    def _forward(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
        torch = self._torch
        with torch.inference_mode():
            given = self._model(
                input_ids=torch.from_numpy(ids).to(self._device),
                attention_mask=torch.from_numpy(mask).to(self._device),
            ).logits
        if self._half and not torch.isfinite(given).all():
            # Too large for half precision: from here on this model gets the whole.
            self._half = False
            self._model.float()
            return self._forward(ids, mask)
        logits: Floats = given.float().cpu().numpy().astype(np.float64)
        return logits

    def _sentiment(self, logits: Floats, language: str, broken: float) -> Sentiment:
        shares = self._map.shares(logits, language)
        negative, neutral, positive = (round(float(share), _DIGITS) for share in shares)
        sure = float(shares.max())
        read = not self._map.languages or language in (*self._map.languages, UNKNOWN_LANGUAGE)
        return Sentiment(
            LABELS[int(shares.argmax())],
            negative,
            neutral,
            positive,
            self.version,
            abstained=sure < self._map.abstain_below or not read,
            oov=round(broken, 3),
        )


def libraries() -> tuple[Any, Any]:
    """Return torch and transformers, which is told to be quiet; ModelError if one is missing."""
    try:
        import torch
        import transformers
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "transformers"):
            raise
        raise ModelError(
            f"a model of Hugging Face needs {error.name}, which is not installed; it needs the "
            f"extra: pip install groundswell[gpu]"
        ) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _open(transformers: Any, name: str | Path) -> Any:
    auto = transformers.AutoModelForSequenceClassification
    if not (Path(name) / ADAPTER_FILE).is_file():
        return auto.from_pretrained(str(name))
    from peft import PeftModel

    base = auto.from_pretrained(str(Path(name) / BASE_FOLDER))
    return PeftModel.from_pretrained(base, str(name))


def _longest(tokenizer: Any, config: Any) -> int:
    positions = getattr(config, "max_position_embeddings", None) or LONGEST
    # Who counts positions from behind the padding (RoBERTa) has so many fewer.
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= (config.pad_token_id or 0) + 1
    return int(min(tokenizer.model_max_length, positions, LONGEST))


def _version(name: str, config: Any) -> str:
    commit = getattr(config, "_commit_hash", None)
    short = Path(name).name if Path(name).is_dir() else name
    return f"{short}@{commit[:8]}" if commit else short


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows from short to long, as many together as `BATCH_TOKENS` hold with their padding."""
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if rows and (len(rows) + 1) * lengths[row] > BATCH_TOKENS:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _broken(coded: Any, row: int, unknown: int | None) -> float:
    words: dict[int, int] = {}
    for piece, word in zip(coded["input_ids"][row], coded.word_ids(row), strict=True):
        if word is not None:
            words[word] = words.get(word, 0) + (2 if piece == unknown else 1)
    return sum(pieces > 1 for pieces in words.values()) / max(1, len(words))
