"""Words of a 4-bit file go back into its blocks exactly, and no others do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from processors.train.four_bits import BLOCK, Array, pack


def unpacked(pairs: NDArray[np.uint8], scales: NDArray[np.float16]) -> Array:
    """The words, by what `pack` says of its blocks."""
    count = len(pairs)
    blocks = pairs.reshape(count, -1, BLOCK // 2)
    numbers = np.concatenate([blocks & 15, blocks >> 4], 2).astype(np.float32) - 8
    return (numbers * scales.astype(np.float32)[..., None]).reshape(count, -1)


@st.composite
def words(draw: st.DrawFn) -> Array:
    """Some of a 4-bit file: in a block the number farthest from zero is always -8 there."""
    count, blocks = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    numbers = draw(hnp.arrays(np.int8, (count, blocks, BLOCK), elements=st.integers(-8, 7)))
    places = draw(hnp.arrays(np.int8, (count, blocks, 1), elements=st.integers(0, BLOCK - 1)))
    np.put_along_axis(numbers, places.astype(np.int64), -8, 2)
    scale = st.floats(-4_000, 4_000, width=16)  # zero and the least ones, too
    scales = draw(hnp.arrays(np.float16, (count, blocks, 1), elements=scale))
    return (numbers.astype(np.float32) * scales.astype(np.float32)).reshape(count, -1)


@given(words())
def test_words_of_a_4_bit_file_come_back_exactly(table: Array) -> None:
    packed = pack(table)
    assert packed is not None
    pairs, scales = packed
    assert (str(pairs.dtype), pairs.shape) == ("uint8", (len(table), table.shape[1] // 2))
    assert (str(scales.dtype), scales.shape) == ("float16", (len(table), table.shape[1] // BLOCK))
    np.testing.assert_array_equal(unpacked(pairs, scales), table)


@given(table=words(), data=st.data())
def test_one_number_off_the_grid_is_noticed(table: Array, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.integers(0, table.shape[1] - 1))
    block = table[row, column // BLOCK * BLOCK :][:BLOCK]
    step = np.abs(block).max() / 8
    # A quarter of a step towards zero: the largest stays the largest unless it is the one moved.
    inward = -np.sign(table[row, column]) or np.float32(1)
    table[row, column] += np.float32(inward * step / 4)
    if step and np.abs(block).max() == 8 * step:
        assert pack(table) is None


@given(
    hnp.arrays(np.float32, (2, BLOCK), elements=st.floats(width=32)),
)
def test_any_other_words_are_left_alone_or_come_back_exactly(table: Array) -> None:
    packed = pack(table)
    if packed is not None:
        np.testing.assert_array_equal(unpacked(*packed), table)


@pytest.mark.parametrize("width", [1, 16, 33])
def test_a_width_of_broken_blocks_is_none(width: int) -> None:
    assert pack(np.zeros((2, width), np.float32)) is None


def test_trained_words_are_none() -> None:
    rng = np.random.default_rng(0)
    assert pack(rng.normal(0, 0.3, (40, 64)).astype(np.float32)) is None
