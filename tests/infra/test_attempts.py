"""Marks that outlive their process."""

from infra.attempts import WHOLE, Attempts
from infra.store import Store


def attempts(store: Store, stage: str = "score", clock: int = 1000) -> Attempts:
    return Attempts(store, stage=stage, consumers="1", nanoseconds=lambda: clock)


def test_the_first_process_has_none_before_it_and_the_second_its_marks(store: Store) -> None:
    first = attempts(store)
    assert first.begin() is None
    key, other = ("posts.clean", 3, 7, WHOLE), ("posts.clean", 3, 7, 12)
    first.write({key: 1, other: 3})
    first.write({key: 2})
    first.write({})
    assert attempts(store).begin() == {key: 2, other: 3}
    assert attempts(store, stage="refine").begin() is None
    first.write({key: 0, other: 0})
    assert attempts(store).begin() == {}


def test_the_last_mark_counts_though_the_clock_jumps_back(store: Store) -> None:
    key = ("posts.clean", 0, 0, WHOLE)
    late = attempts(store, clock=5000)
    late.begin()
    late.write({key: 1})
    early = attempts(store, clock=10)
    early.begin()
    early.write({key: 2})
    early.write({key: 0})
    assert attempts(store).begin() == {}
