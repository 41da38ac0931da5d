"""What a model is trained on, and its way into batches of posts of like length."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from processors.records import UNKNOWN_LANGUAGE

STRETCH: Final = 50
"""Batches among which lengths are sorted: most of the padding goes, the order stays random."""

Shares = tuple[float, float, float]
Ids = list[NDArray[np.int32]]


class Sample(NamedTuple):
    """A model text and what to learn of it.

    `label` is an index into `LABELS`; `weight` scales its loss; `soft` are a teacher's
    probabilities, in the order of `LABELS`.
    """

    text: str
    label: int
    weight: float = 1.0
    soft: Shares | None = None
    language: str = UNKNOWN_LANGUAGE


class Coder(NamedTuple):
    """Texts to ids, with special tokens and cut to length; and the id that pads."""

    encode: Callable[[list[str]], Iterable[Sequence[int]]]
    padding: int = 0


class Batch(NamedTuple):
    """Padded posts: `ids`, `mask` int64 (posts, tokens), `labels` int64 (posts,).

    `weights` float32 (posts,), `soft` float32 (posts, 3) and `has_soft` float32 (posts,), 1 or 0.
    """

    ids: Tensor
    mask: Tensor
    labels: Tensor
    weights: Tensor
    soft: Tensor
    has_soft: Tensor


def coder_of(tokenizer: Tokenizer, *, max_tokens: int, padding: str | None = None) -> Coder:
    """Return a coder that cuts at `max_tokens`; `tokenizer` itself stays as it is."""
    own: Tokenizer = Tokenizer.from_str(tokenizer.to_str())
    own.enable_truncation(max_tokens)
    own.no_padding()
    names = ("[PAD]", "<pad>") if padding is None else (padding,)
    known = [found for name in names if (found := own.token_to_id(name)) is not None]
    return Coder(lambda texts: [one.ids for one in own.encode_batch(texts)], (known or [0])[0])


def encode(samples: Sequence[Sample], coder: Coder) -> Ids:
    """Return the ids of each sample."""
    return [np.array(ids, np.int32) for ids in coder.encode([one.text for one in samples])]


def epoch_groups(
    lengths: Sequence[int], *, size: int, random: Random, shuffle: bool = True
) -> list[list[int]]:
    """Return rows in groups of `size`, each row once, those of like length together.

    Without `shuffle`, a row stays within the stretch of `STRETCH` groups where it was.
    """
    order = list(range(len(lengths)))
    if shuffle:
        random.shuffle(order)
    groups: list[list[int]] = []
    for start in range(0, len(order), size * STRETCH):
        part = sorted(order[start : start + size * STRETCH], key=lambda row: lengths[row])
        here = [part[first : first + size] for first in range(0, len(part), size)]
        random.shuffle(here)
        groups += here
    if shuffle:
        random.shuffle(groups)
    return groups


def length_groups(lengths: Sequence[int], *, size: int) -> list[list[int]]:
    """Return rows in groups of `size`, sorted by length, for reading only."""
    order = sorted(range(len(lengths)), key=lambda row: lengths[row])
    return [order[first : first + size] for first in range(0, len(order), size)]


def padded(ids: Ids, rows: Sequence[int], padding: int) -> tuple[Tensor, Tensor]:
    """Return ids and mask, int64 (rows, tokens), as wide as the longest row."""
    width = max(len(ids[row]) for row in rows)
    filled = np.full((len(rows), width), padding, np.int64)
    for at, row in enumerate(rows):
        filled[at, : len(ids[row])] = ids[row]
    lengths = torch.tensor([[len(ids[row])] for row in rows])
    return torch.from_numpy(filled), (torch.arange(width) < lengths).long()


def batch_of(samples: Sequence[Sample], ids: Ids, rows: Sequence[int], padding: int) -> Batch:
    """Return the batch of `rows`."""
    wide, mask = padded(ids, rows, padding)
    here = [samples[row] for row in rows]
    return Batch(
        wide,
        mask,
        torch.tensor([one.label for one in here]),
        torch.tensor([one.weight for one in here], dtype=torch.float32),
        torch.tensor([one.soft or (0.0, 0.0, 0.0) for one in here], dtype=torch.float32),
        torch.tensor([float(one.soft is not None) for one in here]),
    )
