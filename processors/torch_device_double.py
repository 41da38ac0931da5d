"""A device that is not there, with little memory: it passes the contract of a `Device`."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from processors.torch_batches import Integers
from processors.torch_budget import OutOfMemory, Trial
from processors.torch_loop import Floats

BYTES = 4_096
"""Of memory that a token takes."""


class Reading(NamedTuple):
    """A batch under way."""

    number: int
    ids: Integers
    lengths: Integers


class DoubleDevice:
    """Answers each text with its first token, the sum of its tokens, and how many there are.

    `memory` in tokens: what is under way must fit, padding included. `trouble`: of each start and
    finish to come, whether memory is short whatever its size; none when it ends. `never`: texts
    that never fit, by their first tokens. A batch takes `overhead` seconds and `seconds` a token.
    """

    name = "double"

    def __init__(
        self,
        *,
        memory: int = 1 << 40,
        trouble: Iterable[bool] = (),
        never: Collection[int] = (),
        overhead: float = 1e-3,
        seconds: float = 1e-6,
    ) -> None:
        self.answered: list[int] = []  # the first token of each text, in the order of finishing
        self.failed: list[tuple[int, int]] = []  # texts in a batch that did not fit, and beside it
        self.relieved = 0
        self._memory = memory
        self._trouble = iter(trouble)
        self._never = frozenset(never)
        self._overhead = overhead
        self._seconds = seconds
        self._under_way: dict[int, Reading] = {}
        self._number = 0

    def start(self, ids: Integers, lengths: Integers) -> Reading:
        """As of Device."""
        taken = sum(reading.ids.size for reading in self._under_way.values())
        refused = not self._never.isdisjoint(ids[:, 0].tolist())
        if next(self._trouble, False) or refused or taken + ids.size > self._memory:
            self.failed.append((len(ids), len(self._under_way)))
            raise OutOfMemory(f"{ids.size} tokens beside {taken} of {self._memory}")
        self._number += 1
        reading = Reading(self._number, ids, lengths)
        self._under_way[self._number] = reading
        return reading

    def finish(self, started: Reading) -> Floats:
        """As of Device. KeyError for a batch that is not under way: none is read twice."""
        number, ids, lengths = self._under_way.pop(started.number)
        if next(self._trouble, False):
            self.failed.append((len(ids), len(self._under_way)))
            raise OutOfMemory(f"{ids.size} tokens, while they were read")
        assert number == min([number, *self._under_way]), "not in the order they were started"
        self.answered.extend(ids[:, 0].tolist())
        real = np.arange(ids.shape[1]) < lengths[:, None]
        return np.stack([ids[:, 0], (ids * real).sum(1), lengths], axis=1).astype(np.float64)

    def relieve(self) -> None:
        """As of Device."""
        self.relieved += 1

    def free(self) -> int:
        """As of Tried."""
        return self._memory * BYTES

    def trial(self, rows: int, width: int) -> Trial:
        """As of Tried."""
        if rows * width > self._memory:
            raise OutOfMemory(f"{rows} texts of {width} tokens")
        return Trial(self._overhead + self._seconds * rows * width, rows * width * BYTES)
