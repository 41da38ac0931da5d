"""What is said to have grown, and when one part alone is said to have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.evidence import Part
from forecasting.growth import Hours, deviation, only_one, parts

DAY = Hours(1.0, 24.0)


def test_parts_stand_beside_what_was_usual() -> None:
    found = parts(["x"] * 90 + ["y"] * 3 + ["z"], ["x"] * 48 + ["y"] * 72, DAY)
    assert found == (
        Part(name="x", count=90, expected=2.0, grew=True),
        Part(name="y", count=3, expected=3.0, grew=False),
        Part(name="z", count=1, expected=0.0, grew=False),
    )


def test_without_a_before_nothing_is_expected_and_nothing_grew() -> None:
    assert parts(["x"] * 90, [], DAY) == (Part(name="x", count=90),)
    assert only_one(["x"] * 90, [], DAY) == ""
    assert only_one([], ["x"] * 90, DAY) == ""


@pytest.mark.parametrize(
    ("now", "before", "only"),
    [
        ({"x": 90, "y": 5}, {"x": 48, "y": 120}, "x"),
        ({"x": 90, "y": 20}, {"x": 48, "y": 120}, ""),  # the other has grown too
        ({"x": 90, "y": 0}, {"x": 48, "y": 10}, ""),  # of the other too little is known
        ({"x": 90}, {"x": 48}, ""),  # there is no other
        ({"x": 7, "y": 5}, {"x": 120, "y": 120}, ""),  # nothing has grown
        ({"x": 90, "y": 40}, {"x": 0, "y": 960}, "x"),  # new, beside a large one as ever
        ({"x": 60, "y": 60}, {"x": 48, "y": 48}, ""),
    ],
)
def test_one_alone_is_named_only_where_that_is_true(
    now: dict[str, int], before: dict[str, int], only: str
) -> None:
    def spread(counts: dict[str, int]) -> list[str]:
        return [name for name, n in counts.items() for _ in range(n)]

    assert only_one(spread(now), spread(before), DAY) == only


@given(
    now=st.lists(st.sampled_from("abcdefg"), max_size=80),
    before=st.lists(st.sampled_from("abcdefg"), max_size=80),
    hours=st.floats(0.1, 48),
)
def test_parts_whatever_comes(now: list[str], before: list[str], hours: float) -> None:
    found = parts(now, before, Hours(1.0, hours))
    assert len(found) == min(5, len(set(now)))
    assert sum(p.count for p in found) <= len(now)
    assert all(not p.grew or (p.expected is not None and p.count > p.expected) for p in found)
    assert only_one(now, before, Hours(1.0, hours)) in {"", *now}
    assert found == parts(now[::-1], before[::-1], Hours(1.0, hours))


@given(n=st.integers(0, 10_000), ratio=st.floats(0.01, 10))
def test_more_deviates_more(n: int, ratio: float) -> None:
    assert deviation(n + 1, 50, ratio) > deviation(n, 50, ratio)
    assert deviation(n, 51, ratio) < deviation(n, 50, ratio)
