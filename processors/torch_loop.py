"""Batches through a device: the next one is made while one is read, and none is lost for memory.

Where a batch does not fit, what is under way is finished first, and the same texts are tried again
in halves, down to one text with the device to itself.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from processors.torch_batches import Integers, Item, Padding, pad, take
from processors.torch_budget import OutOfMemory, TokenBudget

Floats = NDArray[np.float64]
AHEAD: Final = 2
"""Batches under way: one that is read, and one that waits on the device for its turn."""
TRIES: Final = 3
"""How often another text of its length must fit where a text does not, before it is to blame."""


class TooLargeError(MemoryError):
    """One text alone does not fit into the memory that the device has left.

    A MemoryError: others on the device may have taken it, which is no fault of the text.
    """


class UnreadableError(Exception):
    """One text alone does not fit again and again, while others of its length do."""


class Device(Protocol):
    """Reads batches, in the order they are started. Start and finish may raise OutOfMemory."""

    @property
    def name(self) -> str: ...

    def start(self, ids: Integers, lengths: Integers) -> Any:
        """Begin with padded tokens (rows, width), of which `lengths` (rows,) count; what to finish.

        It may return before the batch is read.
        """
        ...

    def finish(self, started: Any) -> Floats:
        """Wait for a batch, and return its logits (rows, outputs)."""
        ...

    def relieve(self) -> None:
        """Give back memory that is held for later."""
        ...


class _Flight(NamedTuple):
    items: list[Item]
    width: int
    alone: bool
    started: Any


class Loop:
    """Reads every item of the blocks once. For one call; `found` (rows, outputs) is written to."""

    def __init__(
        self, device: Device, budget: TokenBudget, found: Floats, *, padding: Padding
    ) -> None:
        self.shortages = 0
        self._device = device
        self._budget = budget
        self._found = found
        self._padding = padding
        self._waiting: list[Item] = []
        self._flying: deque[_Flight] = deque()
        self._alone = False
        self._tries = 0  # at a text that did not fit alone

    def read(self, blocks: Iterable[list[Item]]) -> None:
        """Read all. Raises TooLargeError and UnreadableError; what was written is then useless."""
        for block in blocks:
            self._waiting = sorted(block, key=lambda item: len(item.ids))
            while self._waiting:
                self._start()
        # What is finished may turn out not to have fitted, and wait again.
        while self._flying or self._waiting:
            if self._flying:
                self._finish()
            else:
                self._start()

    def _start(self) -> None:
        alone = self._alone
        while self._flying and (alone or len(self._flying) >= AHEAD):
            self._finish()
            alone = alone or self._alone
        items, width = take(self._waiting, tokens=self._budget.tokens, padding=self._padding)
        ids, lengths = pad(items, width=width, padding=self._padding.token)
        try:
            started = self._device.start(ids, lengths)
        except OutOfMemory as error:
            self._short(items, width, alone=alone, said=str(error))
            return
        self._flying.append(_Flight(items, width, alone, started))
        if alone:
            self._finish()

    def _finish(self) -> None:
        flight = self._flying.popleft()
        try:
            logits = self._device.finish(flight.started)
        except OutOfMemory as error:
            self._short(flight.items, flight.width, alone=flight.alone, said=str(error))
            return
        self._found[[item.row for item in flight.items]] = logits
        self._budget.fine()
        self._alone = False
        self._tries = 0

    def _short(self, items: list[Item], width: int, *, alone: bool, said: str) -> None:
        self._device.relieve()
        if alone and len(items) == 1:
            self._judge(items[0], width, said)
        self.shortages += 1
        self._waiting.extend(items)
        self._budget.short(len(items) * width)
        self._alone = True

    def _judge(self, item: Item, width: int, said: str) -> None:
        """Returns if the text may be tried again; raises what it is if it may not."""
        which = f"a text of {len(item.ids)} tokens does not fit into the memory of"
        other = np.full((1, width), self._padding.token, np.int64)
        try:
            self._device.finish(self._device.start(other, np.array([width])))
        except OutOfMemory:
            raise TooLargeError(f"{which} {self._device.name}: {said}") from None
        self._tries += 1
        if self._tries == TRIES:
            raise UnreadableError(
                f"{which} {self._device.name}, though others of its length do: {said}"
            )
