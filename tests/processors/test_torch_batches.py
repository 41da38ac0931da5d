"""Texts are cut into blocks and batches, and none is left out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.torch_batches import LEAST_TEXTS, Item, Padding, blocks, pad, take

COUNTS = st.lists(st.integers(1, 512), min_size=1, max_size=60)


@given(st.lists(st.integers(0, 2_000), max_size=900), st.integers(1, 20_000))
def test_blocks_hold_every_row_once_the_longest_first(lengths: list[int], tokens: int) -> None:
    cut = blocks(lengths, tokens=tokens)
    rows = [row for block in cut for row in block]
    assert sorted(rows) == list(range(len(lengths)))
    assert [lengths[row] for row in rows] == sorted(lengths, reverse=True)
    assert all(len(block) >= LEAST_TEXTS for block in cut[:-1])


@given(COUNTS, st.integers(1, 4_096), st.sampled_from([1, 8]))
def test_batches_fit_and_hold_all(lengths: list[int], tokens: int, step: int) -> None:
    padding = Padding(token=0, step=step, longest=512)
    waiting = [Item(row, [1] * length) for row, length in enumerate(sorted(lengths))]
    seen = []
    while waiting:
        items, width = take(waiting, tokens=tokens, padding=padding)
        assert width <= 512
        assert width % step == 0
        assert max(len(item.ids) for item in items) <= width
        assert len(items) == 1 or len(items) * width <= tokens
        seen += [item.row for item in items]
    assert sorted(seen) == list(range(len(lengths)))


def test_a_batch_is_filled_up_behind() -> None:
    ids, lengths = pad([Item(0, [5, 6]), Item(1, [7])], width=4, padding=1)
    assert ids.tolist() == [[5, 6, 1, 1], [7, 1, 1, 1]]
    assert (lengths.tolist(), ids.dtype) == ([2, 1], np.int64)


def test_a_width_is_never_more_than_the_model_takes() -> None:
    assert Padding(token=0, step=8, longest=63).width(60) == 63
