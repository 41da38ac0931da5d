"""Names that were seen: none is missed, hardly any is made up."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sightings import Sightings, digests

NAMES = st.lists(st.text(max_size=12), max_size=40)


@given(seen=NAMES, more=NAMES, asked=NAMES)
def test_whoever_was_seen_is_found(seen: list[str], more: list[str], asked: list[str]) -> None:
    sightings = Sightings(bits=1 << 8)  # so few that most new names are taken for seen
    sightings.add(seen)
    sightings.add_digests(digests(more))
    found = sightings.among([*asked, *seen, *more])
    assert {*seen, *more} <= {*found}
    assert found == [name for name in [*asked, *seen, *more] if name in {*found}]


def test_new_names_are_hardly_ever_taken_for_seen() -> None:
    sightings = Sightings(bits=1 << 20)
    sightings.add([f"x:{number}" for number in range(39_000)])  # as 10 million in the usual bits
    new = [f"y:{number}" for number in range(20_000)]
    assert len(sightings.among(new)) < 20


def test_nothing_was_seen_at_first() -> None:
    sightings = Sightings(bits=8)
    assert sightings.among(["", "x"]) == []
    sightings.add([])
    assert sightings.among(["", "x"]) == []


def test_digests_are_those_that_databases_make() -> None:
    assert digests(["", "é"]) == md5(b"").digest() + md5("é".encode()).digest()
    assert digests(["\ud800"]) == digests(["?"])


@pytest.mark.parametrize("bits", [0, 4, 12, 100])
def test_bits_are_a_power_of_two(bits: int) -> None:
    with pytest.raises(ValueError, match=str(bits)):
        Sightings(bits=bits)
