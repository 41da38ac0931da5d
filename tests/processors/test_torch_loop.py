"""Whenever memory is short, every text is read once, or the call says which one cannot be."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.torch_batches import Item, Padding
from processors.torch_budget import TokenBudget
from processors.torch_device_double import DoubleDevice
from processors.torch_loop import TRIES, Floats, Loop, TooLargeError, UnreadableError

LONGEST = 40
PADDING = Padding(token=0, step=8, longest=LONGEST)
LENGTHS = st.lists(st.lists(st.integers(1, LONGEST), max_size=12), max_size=4)


def blocks_of(lengths: Sequence[Sequence[int]]) -> list[list[Item]]:
    """Texts of so many tokens; the first token of each is its own."""
    rows = iter(range(sum(map(len, lengths))))
    return [
        [
            Item(row, [1000 + row, *[7] * (length - 1)])
            for length, row in zip(block, rows, strict=False)
        ]
        for block in lengths
    ]


def read(
    lengths: Sequence[Sequence[int]], device: DoubleDevice, budget: TokenBudget
) -> tuple[Floats, Floats]:
    """What is found, and what should be."""
    flat = list(chain.from_iterable(lengths))
    found = np.full((len(flat), 3), np.nan)
    Loop(device, budget, found, padding=PADDING).read(blocks_of(lengths))
    wanted = [[1000 + row, 1000 + row + 7 * (n - 1), n] for row, n in enumerate(flat)]
    return found, np.array(wanted, np.float64).reshape(-1, 3)


def texts_of(device: DoubleDevice) -> list[int]:
    """What it answered, without made-up texts that were tried in between."""
    return [first for first in device.answered if first != PADDING.token]


@given(LENGTHS, st.integers(LONGEST, 400), st.integers(1, 400), st.lists(st.booleans()))
def test_each_text_is_read_once_however_often_memory_is_short(
    lengths: list[list[int]], memory: int, tokens: int, trouble: list[bool]
) -> None:
    device = DoubleDevice(memory=memory, trouble=trouble)
    budget = TokenBudget(tokens)
    try:
        found, wanted = read(lengths, device, budget)
    except (TooLargeError, UnreadableError):
        # Then a text did not fit though it had the device to itself.
        assert device.failed[-1] == (1, 0)
        assert any(trouble)
    else:
        assert (found == wanted).all()
        assert sorted(texts_of(device)) == wanted[:, 0].tolist()
    assert len(texts_of(device)) == len(set(texts_of(device)))
    assert 1 <= budget.tokens <= budget.most
    assert device.relieved <= len(device.failed)


@given(LENGTHS, st.integers(LONGEST, 400), st.integers(1, 4_000))
def test_memory_for_the_longest_text_is_memory_for_all(
    lengths: list[list[int]], memory: int, tokens: int
) -> None:
    device = DoubleDevice(memory=memory)
    found, wanted = read(lengths, device, TokenBudget(tokens))
    assert (found == wanted).all()


def test_a_text_that_does_not_fit_alone_is_named() -> None:
    device = DoubleDevice(memory=16)
    with pytest.raises(TooLargeError, match=r"a text of 30 tokens does not fit .* of double"):
        read([[3, 30, 4]], device, TokenBudget(400))


def test_a_text_that_never_fits_where_others_of_its_length_do_is_to_blame() -> None:
    # Row 2, whose first token is 1002.
    device = DoubleDevice(never={1002})
    with pytest.raises(UnreadableError, match=r"a text of 8 tokens .* others of its length do"):
        read([[8] * 6], device, TokenBudget(400))
    assert not issubclass(UnreadableError, MemoryError), "which would be the process's illness"
    assert device.answered.count(PADDING.token) == TRIES


def test_a_text_that_fits_once_it_is_tried_again_is_read() -> None:
    # Alone it does not fit, a made-up one does, and then it does.
    device = DoubleDevice(memory=40, trouble=[True, True, False, False, False])
    found, wanted = read([[8]], device, TokenBudget(400))
    assert (found == wanted).all()
    assert device.answered == [PADDING.token, 1000]


def test_the_next_batch_is_started_before_the_last_is_waited_for() -> None:
    class Watched(DoubleDevice):
        most = 0

        def finish(self, started):  # type: ignore[no-untyped-def]
            self.most = max(self.most, len(self._under_way))
            return super().finish(started)

    device = Watched()
    read([[8] * 12, [8] * 12], device, TokenBudget(16))
    assert device.most == 2
    assert len(device.answered) == 24


def test_what_comes_while_a_batch_is_read_is_asked_for_then() -> None:
    """The next block is tokenised while the device is at work."""
    device = DoubleDevice()
    under_way = []

    def coming() -> Iterator[list[Item]]:
        for block in blocks_of([[8] * 4] * 3):
            under_way.append(len(device._under_way))
            yield block

    found = np.full((12, 3), np.nan)
    Loop(device, TokenBudget(64), found, padding=PADDING).read(coming())
    assert under_way == [0, 1, 2]


def test_a_lowered_budget_comes_back_slowly() -> None:
    budget = TokenBudget(1_024)
    budget.short(1_024)
    budget.short(900)
    assert budget.tokens == 256
    steps = []
    for _ in range(1_000):
        budget.fine()
        steps.append(budget.tokens)
    assert steps[0] == 256
    assert steps[-1] == 1_024
    assert max(b - a for a, b in pairwise(steps)) == 128
    assert steps.index(1_024) >= 200
