"""Texts to logits: tokenised while others are read, in batches that are fast and fit."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple, Protocol

import numpy as np

from processors.torch_batches import Item, Padding, blocks
from processors.torch_budget import TokenBudget
from processors.torch_loop import Device, Floats, Loop


class Code(Protocol):
    """Tokens of texts, and of each the share of its words that the vocabulary has not whole."""

    def code(self, texts: Sequence[str]) -> tuple[list[list[int]], list[float]]:
        """One of each a text; at least one token."""
        ...


class Read(NamedTuple):
    """Of texts in their order: logits (texts, outputs), shares of broken words, and how often
    memory was short."""

    logits: Floats
    broken: list[float]
    shortages: int


class Reader:
    """Reads texts on a device. For one thread at a time."""

    def __init__(
        self, device: Device, coder: Code, budget: TokenBudget, *, padding: Padding, outputs: int
    ) -> None:
        self._device = device
        self._coder = coder
        self._budget = budget
        self._padding = padding
        self._outputs = outputs
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="tokenise")

    def read(self, texts: Sequence[str]) -> Read:
        """Read all of them, none of them empty. Raises as Loop.read does."""
        found = np.full((len(texts), self._outputs), np.nan)
        broken = [0.0] * len(texts)
        loop = Loop(self._device, self._budget, found, padding=self._padding)

        def code(rows: Sequence[int]) -> list[Item]:
            ids, shares = self._coder.code([texts[row] for row in rows])
            for row, share in zip(rows, shares, strict=True):
                broken[row] = share
            return [Item(row, one) for row, one in zip(rows, ids, strict=True)]

        cut = blocks([len(text) for text in texts], tokens=self._budget.tokens)
        with closing(self._ahead_of(cut, code)) as coded:
            loop.read(coded)
        return Read(found, broken, loop.shortages)

    def _ahead_of(
        self, cut: Sequence[Sequence[int]], code: Callable[[Sequence[int]], list[Item]]
    ) -> Generator[list[Item], None, None]:
        """Blocks of tokens; while one is read, the next is made."""
        if not cut:
            return
        coded = code(cut[0])
        for rows in cut[1:]:
            coming = self._ahead.submit(code, rows)
            try:
                yield coded
            finally:
                # Also where reading failed: the tokenizer must be free for the next call.
                coded = coming.result()
        yield coded
