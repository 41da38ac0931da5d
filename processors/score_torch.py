"""Any sequence classifier of Hugging Face as a scorer, in torch, on a GPU if there is one.

Posts of like length are read together, as many as are fastest and fit into memory, and the next
ones are tokenised meanwhile: docs/gpu.md. Arithmetic in batches differs in the last digits from one
batch to the next, so probabilities are the same to about four digits in 32 bits and about two in
half precision, not to the last one as they are with `processors.score_onnx`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from processors.clean import model_text
from processors.label_map import Floats, LabelMap, read_label_map
from processors.model_card import LABELS
from processors.records import UNKNOWN_LANGUAGE, Sentiment
from processors.score import ModelError, ModelMemoryError, languages_of, silent
from processors.torch_batches import Padding
from processors.torch_budget import OutOfMemory, TokenBudget, check_longest, probe
from processors.torch_open import libraries, longest_of, one_line, open_hub, version_of
from processors.torch_options import TorchOptions
from processors.torch_reader import Read, Reader
from processors.torch_text import Coder

CPU_TOKENS: Final = 1_024
"""Of a batch on a CPU: more is slower there (measured)."""
GPU_STEP: Final = 8
"""Widths on a GPU are multiples of it; on a CPU, padding is only work."""
GPU_PORTION: Final = 4_000
"""Texts of one call that keep a GPU busy while the next ones are tokenised."""
_DIGITS: Final = 6


class TorchScorer:
    """A `Scorer` for a model of Hugging Face: its name, or its folder.

    `threads` of the CPU are those of the whole process, as torch has it. ModelError when torch is
    not installed, the model or the device cannot be had, or nobody says what its outputs mean;
    ModelMemoryError where it does not fit into the memory that is left.
    `score` raises TooLargeError where one text alone does not fit into what is left of the GPU's
    memory, and UnreadableError where others of its length do.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        threads: int,
        options: TorchOptions = TorchOptions(),  # noqa: B008 - it is frozen
    ) -> None:
        torch, transformers = libraries()
        from processors.torch_device import DeviceError, TorchDevice, shortage

        torch.set_num_threads(threads)
        tokenizer, model = open_hub(transformers, name)
        self._map = _map_of(name, model.config, options)
        self._longest = self._map.max_tokens or longest_of(tokenizer, model.config)
        coder = Coder(tokenizer, longest=self._longest)
        self._lock = Lock()  # a tokenizer is one thread's at a time, and so is a device
        self._tell = options.tell
        self.version: str = self._map.version or version_of(str(name), model.config)
        try:
            self._device = TorchDevice(
                model,
                device=options.device,
                precision=options.precision,
                compiled=options.compiled,
            )
            step = GPU_STEP if self._device.queues else 1
            padding = Padding(coder.padding, step, self._longest)
            self._budget = TokenBudget(self._most_tokens())
            self._reader = Reader(
                self._device,
                coder,
                self._budget,
                padding=padding,
                outputs=len(self._map.labels),
            )
            tried = self.logits(["a try"])
        except DeviceError as error:
            raise ModelError(f"{name}: {error}") from error
        except OutOfMemory as error:
            said = f"no memory for a text of {self._longest} tokens"
            raise ModelMemoryError(f"{name}: {said}: {one_line(error)}") from error
        except Exception as error:  # compilers and drivers have errors of their own
            if isinstance(error, MemoryError | RuntimeError) and shortage(error) is not None:
                raise ModelMemoryError(f"{name}: no memory for it: {one_line(error)}") from error
            raise ModelError(f"{name}: cannot be used as a model: {one_line(error)}") from error
        if not np.isfinite(tried).all():
            raise ModelError(f"{name}: cannot be used as a model: what it says are no numbers")
        self.portion: int | None = GPU_PORTION if self._device.queues else None

    def score(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> list[Sentiment]:
        asked = [
            (model_text(text, emoji="keep"), language)
            for text, language in zip(texts, languages_of(texts, languages), strict=True)
        ]
        # The logits are the same in every language, so each text is read once.
        known = {text: row for row, text in enumerate(dict.fromkeys(t for t, _ in asked if t))}
        with self._lock:
            read = self._read(list(known))
        rows = [known[text] for text, _ in asked if text]
        spoken = [language for text, language in asked if text]
        broken = [read.broken[row] for row in rows]
        said = sentiments(self._map, read.logits[rows], spoken, broken, version=self.version)
        return [next(said) if text else silent(self.version) for text, _ in asked]

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return the logits (texts, outputs) of model texts, none of them empty."""
        with self._lock:
            return self._read(texts).logits

    def _most_tokens(self) -> int:
        """Of a batch: on a GPU what a probe finds, which is told."""
        tokens, rate = CPU_TOKENS, 0.0
        if self._device.queues:
            check_longest(self._device, longest=self._longest)
            found = probe(self._device, longest=self._longest)
            tokens, rate = found.tokens, found.rate
        self._tell(
            "token budget",
            device=self._device.name,
            precision=self._device.precision,
            tokens=tokens,
            tokens_per_second=round(rate) or None,
        )
        return tokens

    def _read(self, texts: Sequence[str]) -> Read:
        found = self._reader.read(texts)
        if found.shortages:
            self._tell(
                "short of memory",
                device=self._device.name,
                times=found.shortages,
                tokens=self._budget.tokens,
            )
        return found


def sentiments(
    label_map: LabelMap,
    logits: Floats,
    languages: Sequence[str],
    broken: Sequence[float],
    *,
    version: str,
) -> Iterator[Sentiment]:
    """Give what logits (texts, outputs) mean, each text in its language."""
    known = {*label_map.languages, UNKNOWN_LANGUAGE}
    every = not label_map.languages
    shares = label_map.shares_of(logits, languages)
    labels = shares.argmax(1).tolist()
    unsure = (shares.max(1) < label_map.abstain_below).tolist()
    for row, (negative, neutral, positive) in enumerate(shares.tolist()):
        yield Sentiment(
            LABELS[labels[row]],
            round(negative, _DIGITS),
            round(neutral, _DIGITS),
            round(positive, _DIGITS),
            version,
            abstained=unsure[row] or not (every or languages[row] in known),
            oov=round(broken[row], 3),
        )


def _map_of(name: str | Path, config: object, options: TorchOptions) -> LabelMap:
    outputs = config.id2label  # type: ignore[attr-defined]
    try:
        names = [str(outputs[index]) for index in range(len(outputs))]
        return read_label_map(Path(name), names, said=options.labels)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from error
