"""The double and torch itself keep the contract of `processors.torch_loop.Device`, and a loop over
either reads everything. Torch runs on the CPU, where memory is made short as that of a GPU is."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from processors.torch_batches import Item, Padding, pad
from processors.torch_budget import OutOfMemory, TokenBudget
from processors.torch_device_double import DoubleDevice
from processors.torch_loop import Device, Floats, Loop, TooLargeError

ROOM = 64
"""Tokens, padding included, that fit into the memory of a device here."""
PADDING = Padding(token=0, step=8, longest=48)
TEXTS = [[5 + n, *range(10, 10 + n % 11)] for n in range(40)]


def torch_device() -> Any:
    """A small BERT in torch; above ROOM it says what torch says of a GPU whose memory is full."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from processors.torch_device import TorchDevice

    class Small(BertForSequenceClassification):  # type: ignore[misc,unused-ignore]
        def forward(self, input_ids: Any, **rest: Any) -> Any:
            if input_ids.numel() > ROOM:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate\n 20.00 MiB.")
            return super().forward(input_ids=input_ids, **rest)

    config = BertConfig(
        vocab_size=99,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=3,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        return TorchDevice(Small(config), device="cpu")


DEVICES = [
    pytest.param(lambda: DoubleDevice(memory=ROOM), id="double"),
    pytest.param(torch_device, id="torch", marks=pytest.mark.train),
]


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> Device:
    made: Callable[[], Device] = request.param
    return made()


def alone(device: Device, ids: Sequence[int]) -> Floats:
    return device.finish(device.start(*pad([Item(0, ids)], width=len(ids), padding=0)))


def test_logits_are_one_row_a_text_and_do_not_depend_on_padding(device: Device) -> None:
    items = [Item(row, ids) for row, ids in enumerate(TEXTS[:4])]
    logits = device.finish(device.start(*pad(items, width=16, padding=0)))
    assert (logits.shape, logits.dtype) == ((4, 3), np.float64)
    for item, row in zip(items, logits, strict=True):
        assert alone(device, item.ids)[0] == pytest.approx(row, abs=1e-5)


def test_batches_may_be_started_before_the_first_is_finished(device: Device) -> None:
    pairs = [[Item(0, TEXTS[n]), Item(1, TEXTS[n + 1])] for n in (0, 2)]
    started = [device.start(*pad(items, width=8, padding=0)) for items in pairs]
    finished = [device.finish(one) for one in started]
    for items, logits in zip(pairs, finished, strict=True):
        for item, row in zip(items, logits, strict=True):
            assert alone(device, item.ids)[0] == pytest.approx(row, abs=1e-5)


def test_what_does_not_fit_is_told_in_a_line_and_leaves_it_usable(device: Device) -> None:
    items = [Item(row, [9] * 40) for row in range(4)]
    with pytest.raises(OutOfMemory) as caught:
        device.start(*pad(items, width=40, padding=0))
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None  # what failed is not kept alive
    device.relieve()
    assert alone(device, TEXTS[3]).shape == (1, 3)


@pytest.mark.parametrize("tokens", [10_000, 64, 1])
def test_a_loop_over_it_reads_every_text_whatever_the_budget(device: Device, tokens: int) -> None:
    found = np.full((len(TEXTS), 3), np.nan)
    loop = Loop(device, TokenBudget(tokens), found, padding=PADDING)
    loop.read([[Item(row, ids) for row, ids in enumerate(TEXTS)]])
    for row, ids in zip(found, TEXTS, strict=True):
        assert alone(device, ids)[0] == pytest.approx(row, abs=1e-5)
    assert loop.shortages > 0 or tokens < 10_000
    assert loop.shortages == 0 or tokens > 1


def test_a_text_too_large_for_it_is_an_error(device: Device) -> None:
    found = np.full((2, 3), np.nan)
    padding = Padding(token=0, step=8, longest=512)
    loop = Loop(device, TokenBudget(512), found, padding=padding)
    with pytest.raises(TooLargeError, match="a text of 90 tokens"):
        loop.read([[Item(0, [9] * 90), Item(1, [8])]])
