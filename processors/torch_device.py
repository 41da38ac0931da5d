"""A model on a device of torch: precision, compilation, copies that nobody waits for, memory.

Attention is torch's fused one (SDPA) wherever transformers has it for the model: its own choice.
"""

import statistics
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from processors.torch_batches import Integers
from processors.torch_budget import OutOfMemory, Trial
from processors.torch_loop import Floats
from processors.torch_options import Precision

BFLOAT16_SINCE: Final = (8, 0)
"""Compute capability (Ampere) from which bfloat16 is as fast as float16."""
_SHORTAGES: Final = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
_TRIALS: Final = 3


class DeviceError(Exception):
    """There is no such device here."""


class Started(NamedTuple):
    """A batch under way: its logits on the host once `event` has happened, whether they were made
    in half precision, and what it was."""

    logits: Any
    event: Any
    half: bool
    ids: Integers
    lengths: Integers


class TorchDevice:
    """A `processors.torch_loop.Device`. `model` answers with logits (rows, outputs), as those of
    transformers do; it is moved, and converted in place.

    On a GPU `start` returns as soon as the work is queued, and the logits come to pinned memory by
    themselves. Logits that are no numbers in half precision are read again in float32, and so is
    everything from there on.
    """

    def __init__(
        self, model: Any, *, device: str, precision: Precision = "auto", compiled: bool = False
    ) -> None:
        """Raises DeviceError."""
        self._device = torch.device(device_of(device))
        self._cuda = self._device.type == "cuda"
        capability = torch.cuda.get_device_capability(self._device) if self._cuda else None
        self.precision = precision_of(precision, capability)
        self.model = model.to(device=self._device, dtype=getattr(torch, self.precision)).eval()
        self._full = self.precision == "float32"  # all of the model, not only of what comes next
        # One graph for all shapes: widths are multiples of 8, and a batch has any number of rows.
        self._read = torch.compile(self.model, dynamic=True) if compiled else self.model

    @property
    def name(self) -> str:
        """As torch names it: cpu, cuda:1."""
        return str(self._device)

    @property
    def queues(self) -> bool:
        """Whether work is queued on it, and its memory its own."""
        return bool(self._cuda)

    def start(self, ids: Integers, lengths: Integers) -> Started:
        """As of Device."""
        try:
            return self._start(ids, lengths)
        except RuntimeError as error:
            said = shortage(error)
            if said is None:
                raise
        # Outside of the block: the error's traceback would keep the tensors of the batch alive.
        raise OutOfMemory(said)

    def finish(self, started: Started) -> Floats:
        """As of Device."""
        try:
            return self._finish(started)
        except RuntimeError as error:
            said = shortage(error)
            if said is None:
                raise
        raise OutOfMemory(said)

    def relieve(self) -> None:
        """As of Device."""
        if self._cuda:
            torch.cuda.empty_cache()

    def free(self) -> int:
        """Bytes of a GPU that this process could have, what torch holds for later included."""
        free, _ = torch.cuda.mem_get_info(self._device)
        held = torch.cuda.memory_reserved(self._device) - torch.cuda.memory_allocated(self._device)
        return int(free + held)

    def trial(self, rows: int, width: int) -> Trial:
        """Read made-up tokens once to warm up, then some times more: the middle one's time. On a
        GPU."""
        words = np.random.default_rng(0).integers(
            5, max(6, getattr(self.model.config, "vocab_size", 6)), (rows, width)
        )
        lengths = np.full(rows, width)
        self.finish(self.start(words, lengths))
        torch.cuda.reset_peak_memory_stats(self._device)
        held = torch.cuda.memory_allocated(self._device)
        stream = torch.cuda.current_stream(self._device)
        seconds = []
        for _ in range(_TRIALS):
            began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            began.record(stream)
            started = self.start(words, lengths)
            ended.record(stream)
            self.finish(started)
            ended.synchronize()
            seconds.append(began.elapsed_time(ended) / 1000)
        peak = torch.cuda.max_memory_allocated(self._device) - held
        return Trial(statistics.median(seconds), peak)

    def _start(self, ids: Integers, lengths: Integers) -> Started:
        half = self.precision != "float32"
        if not (half or self._full):
            # Where memory ends halfway, the next batch goes on with the rest.
            self.model.float()
            self._full = True
        with torch.inference_mode(), self._current():
            words, counts = self._there(ids), self._there(lengths)
            # Made there: only the lengths travel.
            mask = torch.arange(ids.shape[1], device=self._device) < counts[:, None]
            logits = self._read(input_ids=words, attention_mask=mask.long()).logits.float()
            if not self._cuda:
                return Started(logits, None, half, ids, lengths)
            here = torch.empty(logits.shape, dtype=logits.dtype, pin_memory=True)
            here.copy_(logits, non_blocking=True)
            event = torch.cuda.current_stream(self._device).record_event()
        return Started(here, event, half, ids, lengths)

    def _current(self) -> AbstractContextManager[Any]:
        """Compiled kernels go to the current device of the thread."""
        return torch.cuda.device(self._device) if self._cuda else nullcontext()

    def _there(self, numbers: Integers) -> Any:
        tensor = torch.from_numpy(numbers)
        if not self._cuda:
            return tensor
        # torch gives pinned memory to the next batch only when the copy out of it has happened.
        return tensor.pin_memory().to(self._device, non_blocking=True)

    def _finish(self, started: Started) -> Floats:
        if started.event is not None:
            started.event.synchronize()
        logits: Floats = started.logits.numpy().astype(np.float64)
        if started.half and not np.isfinite(logits).all():
            # Too large for half precision: from here on this model gets the whole.
            self.precision = "float32"
            return self._finish(self._start(started.ids, started.lengths))
        return logits


def device_of(wanted: str) -> str:
    """Return the device for a setting. Raises DeviceError in one line if there is none such.

    >>> device_of("cpu")
    'cpu'
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto":
        return "cuda:0" if count else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise DeviceError(f"{wanted!r} is no device: cpu, cuda, cuda:1 or auto") from None
    if device.type not in ("cpu", "cuda"):
        raise DeviceError(f"{wanted!r} is no device that is known here: cpu, cuda, cuda:1 or auto")
    if device.type == "cpu":
        return "cpu"
    if (device.index or 0) >= count:
        raise DeviceError(
            f"{wanted}: torch sees {count} GPUs here; CUDA_VISIBLE_DEVICES says which it may see"
        )
    return f"cuda:{device.index or 0}"


def precision_of(wanted: Precision, capability: tuple[int, int] | None) -> Precision:
    """Return the precision for a compute capability, None without a GPU.

    >>> [precision_of("auto", one) for one in (None, (7, 5), (9, 0))]
    ['float32', 'float16', 'bfloat16']
    """
    if wanted != "auto":
        return wanted
    if capability is None:
        return "float32"
    return "bfloat16" if capability >= BFLOAT16_SINCE else "float16"


def shortage(error: RuntimeError | MemoryError) -> str | None:
    """Return what an error says if it says that memory is short, in one line; else None."""
    said = " ".join(str(error).split())
    short = isinstance(error, torch.OutOfMemoryError | MemoryError)
    if short or any(sign in said for sign in _SHORTAGES):
        return said[:200]
    return None
