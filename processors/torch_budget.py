"""How many tokens a batch may hold: found by trying, fewer where memory is short, then more."""

from dataclasses import dataclass
from typing import Final, Protocol

LEAST: Final = 2_048
"""Tokens that a probe begins with."""
MOST: Final = 262_144
"""Tokens at which it ends: a batch of a second would only make posts wait."""
GAIN: Final = 1.05
"""Times as many tokens a second a batch of twice the size must read to be worth its memory."""
SHARE: Final = 0.6
"""Of the memory that is free when a probe begins, how much a batch may take: others come and go."""
WIDTH: Final = 64
"""Tokens of a usual post: what the speed is measured with."""
FINE_BEFORE_MORE: Final = 50
"""Batches that fit, after which a lowered budget is raised by a STEP."""
STEP: Final = 8


class OutOfMemory(Exception):
    """A batch does not fit into the memory there is. A smaller one may."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a batch took: seconds, and bytes of memory at its peak beyond what the model holds."""

    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found: tokens for a batch, and tokens a second with it; 0 if not measured."""

    tokens: int
    rate: float


class Tried(Protocol):
    """What a probe tries batches on."""

    def free(self) -> int:
        """Return the bytes of memory that this process could have."""
        ...

    def trial(self, rows: int, width: int) -> Trial:
        """Read a batch of made-up tokens (rows, width). Raises OutOfMemory."""
        ...


class TokenBudget:
    """How many tokens the next batch may hold, 1 to `most`."""

    def __init__(self, most: int) -> None:
        self.most = self.tokens = most
        self._fine = 0

    def short(self, tokens: int) -> None:
        """A batch of so many tokens did not fit: half of it from here on."""
        self.tokens = max(1, min(self.tokens, tokens) // 2)
        self._fine = 0

    def fine(self) -> None:
        """A batch did fit. Many of them, and the budget is raised a little."""
        if self.tokens < self.most:
            self._fine += 1
        if self._fine >= FINE_BEFORE_MORE:
            self.tokens = min(self.most, self.tokens + max(1, self.most // STEP))
            self._fine = 0


def probe(device: Tried, *, longest: int) -> Probe:
    """Double the batch until it reads no faster, or memory is short.

    The batch found was tried with texts of `longest` tokens too, which take more. Raises nothing:
    where even the smallest does not fit, that is found, and batches are halved as they come.
    """
    free = device.free()
    found = Probe(LEAST, 0.0)
    tokens = LEAST
    while tokens <= MOST:
        try:
            trial = device.trial(max(1, tokens // WIDTH), WIDTH)
        except OutOfMemory:
            break
        if trial.peak > SHARE * free:
            break
        rate = tokens / trial.seconds
        if rate < GAIN * found.rate:
            break
        found = Probe(tokens, rate)
        if 2 * trial.peak > SHARE * free:
            break
        tokens *= 2
    while found.tokens > longest and not _fits(device, found.tokens, longest, free):
        found = Probe(found.tokens // 2, found.rate)
    return found


def _fits(device: Tried, tokens: int, width: int, free: int) -> bool:
    try:
        return device.trial(max(1, tokens // width), width).peak <= SHARE * free
    except OutOfMemory:
        return False


def check_longest(device: Tried, *, longest: int) -> None:
    """Raises OutOfMemory where not even one text of `longest` tokens fits.

    Then a post of that length would end the process, and the next one, for as long as it is so.
    """
    device.trial(1, longest)
