"""When a feed looks at what has become of its rows."""

from hypothesis import given
from hypothesis import strategies as st

from streams.feed import LOOK_EVERY, MOST_IN_FLIGHT, PORTION, pause_before

LEAST, MOST = LOOK_EVERY


@given(in_flight=st.integers(0, MOST_IN_FLIGHT), rate=st.floats(0.0, 1e6))
def test_a_pause_is_long_enough_for_a_portion_or_for_all(in_flight: int, rate: float) -> None:
    pause = pause_before(in_flight, rate)
    assert LEAST <= pause <= MOST
    if LEAST < pause < MOST:
        assert round(pause * rate) == min(in_flight, PORTION)


def test_the_last_rows_are_looked_at_soon() -> None:
    assert pause_before(100, 1_000.0) == LEAST
    assert pause_before(12_000, 1_400.0) == MOST
    assert pause_before(12_000, 14_000.0) == LEAST
