"""When too many posts cannot be read."""

from processors.unreadable import LEAST, Unreadable


def test_nothing_is_said_of_a_few() -> None:
    unreadable = Unreadable(0.5)
    assert unreadable.add(["not_json"] * (LEAST - 1)) == ""
    told = unreadable.add(["wrong_type"])
    assert told.startswith("2,000 of the last 2,000 posts could not be read (not_json 1,999, wrong")
    assert "GROUNDSWELL_DEAD_SHARE=1" in told


def test_half_is_allowed_and_more_is_not() -> None:
    unreadable = Unreadable(0.5)
    for _ in range(100):
        assert unreadable.add(["", "not_json"] * 50) == ""
    assert unreadable.add(["not_json"] * 2)


def test_what_lies_far_back_counts_no_more() -> None:
    unreadable = Unreadable(0.5)
    assert unreadable.add(["not_json"] * 1900) == ""
    assert unreadable.add([""] * LEAST) == ""
    assert unreadable.add(["not_json"] * 900) == ""
    assert unreadable.add(["not_json"] * 1200)


def test_all_may_be_allowed() -> None:
    unreadable = Unreadable(1.0)
    assert unreadable.add(["not_json"] * 10_000) == ""
