"""The budget of tokens is what is fastest within the memory that is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.torch_budget import (
    GAIN,
    LEAST,
    MOST,
    SHARE,
    OutOfMemory,
    Probe,
    Trial,
    check_longest,
    probe,
)
from processors.torch_device_double import BYTES, DoubleDevice


def test_it_ends_where_more_tokens_read_no_faster() -> None:
    # A millisecond for each batch and a microsecond a token.
    found = probe(DoubleDevice(overhead=1e-3, seconds=1e-6), longest=512)
    larger = 2 * found.tokens / (1e-3 + 2e-6 * found.tokens)
    assert found.tokens == 16_384
    assert larger < GAIN * found.rate
    assert round(found.rate) == round(16_384 / (1e-3 + 16_384e-6))


def test_where_every_doubling_pays_it_ends_all_the_same() -> None:
    assert probe(DoubleDevice(overhead=1e3), longest=512).tokens == MOST


@given(st.integers(1, 1 << 20), st.floats(0, 1e3))
def test_it_keeps_a_margin_of_the_memory(memory: int, overhead: float) -> None:
    found = probe(DoubleDevice(memory=memory, overhead=overhead), longest=512)
    assert found.tokens * BYTES <= SHARE * memory * BYTES or found.tokens <= LEAST


def test_the_longest_texts_must_fit_too() -> None:
    class Square(DoubleDevice):
        """Attention that keeps a square for each text."""

        def trial(self, rows: int, width: int) -> Trial:
            return Trial(1.0 + rows * width * 1e-9, rows * width * width * 64)

    found = probe(Square(memory=200_000), longest=512)
    assert found.tokens * 512 * 64 <= SHARE * 200_000 * BYTES
    assert found.tokens < MOST


def test_where_nothing_fits_it_begins_with_the_least() -> None:
    assert probe(DoubleDevice(memory=1), longest=512) == Probe(LEAST // 4, 0.0)


def test_one_text_of_the_greatest_length_must_fit_when_a_process_begins() -> None:
    check_longest(DoubleDevice(memory=512), longest=512)
    with pytest.raises(OutOfMemory):
        check_longest(DoubleDevice(memory=511), longest=512)
