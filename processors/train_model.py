"""The classifier that is trained: a MiniLM encoder, mean pooled, with one linear layer.

Only training imports this module (torch and transformers are an extra); live scoring
reads the exported file.
"""

# Without the extra installed, torch is Any to the type checker and can't be subclassed.
# mypy: disable-error-code="misc"

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from processors.model_card import LABELS
from processors.train_data import Example

MAX_TOKENS = 128


class Batch(NamedTuple):
    """Padded tweets: `ids` and `mask` are int64 (batch, tokens), `labels` int64 (batch,)."""

    ids: Tensor
    mask: Tensor
    labels: Tensor


class Classifier(nn.Module):
    """Logits (batch, 3) from word-piece ids and mask (batch, tokens)."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        # Eager attention: the backward pass of torch's fused CPU attention is slower
        # by a third of the whole step. Dropout in the residual path only.
        config = BertConfig.from_pretrained(base, attention_probs_dropout_prob=0.0)
        self.encoder = BertModel.from_pretrained(
            base, config=config, attn_implementation="eager", add_pooling_layer=False
        )
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(config.hidden_size, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        logits: Tensor = self.head(self.dropout(mean))
        return logits


def load_tokenizer(base: Path) -> Tokenizer:
    """Return the base model's tokenizer, cutting at `MAX_TOKENS` and not padding."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def batches(
    examples: Sequence[Example], *, tokenizer: Tokenizer, size: int, random: Random | None
) -> Iterator[Batch]:
    """Yield `examples` once, tweets of like length together.

    With `random`, lengths are sorted within shuffled stretches of 50 batches and the
    batches shuffled again; without, the whole is sorted by length.
    """
    ids = [coded.ids for coded in tokenizer.encode_batch([example.text for example in examples])]
    order = list(range(len(examples)))
    stretch = size * 50
    if random is None:
        stretch = max(1, len(order))
    else:
        random.shuffle(order)
    groups: list[list[int]] = []
    for start in range(0, len(order), stretch):
        part = sorted(order[start : start + stretch], key=lambda row: len(ids[row]))
        groups += [part[first : first + size] for first in range(0, len(part), size)]
    if random is not None:
        random.shuffle(groups)
    for group in groups:
        width = max(len(ids[row]) for row in group)
        padded = torch.tensor([ids[row] + [0] * (width - len(ids[row])) for row in group])
        lengths = torch.tensor([[len(ids[row])] for row in group])
        mask = (torch.arange(width) < lengths).long()
        yield Batch(padded, mask, torch.tensor([examples[row].label for row in group]))
