"""Many who ask at once are answered by one reading, and never with what was before the news."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from infra.page.once import KEPT, Once


def numbers() -> Callable[[], int]:
    """1, 2, 3, one a call."""
    found = iter(range(1, 1_000))
    return lambda: next(found)


def test_it_is_read_again_when_it_is_too_old() -> None:
    now = [0.0]
    once, work = Once(lambda: now[0]), numbers()
    assert [once.read("a", 2.0, work), once.read("a", 2.0, work)] == [1, 1]
    assert once.read("b", 2.0, work) == 2
    now[0] = 2.0
    assert once.read("a", 2.0, work) == 3


def test_news_lets_go_of_all_but_what_lasts() -> None:
    now = [0.0]
    once, work = Once(lambda: now[0]), numbers()
    once.read("overview", 0.5, work)
    once.read("past", 300.0, work, lasts=True)
    once.forget()
    assert once.kept == 1
    assert once.read("overview", 0.5, work) == 3
    assert once.read("past", 300.0, work, lasts=True) == 2
    now[0] = 300.0
    once.forget()
    assert once.kept == 0


def test_no_more_is_kept_than_a_few() -> None:
    once, work = Once(lambda: 0.0), numbers()
    for key in range(3 * KEPT):
        once.read(key, 300.0, work, lasts=True)
    assert once.kept == KEPT


def test_what_took_so_long_that_others_came_in_its_place_is_not_kept() -> None:
    once, work = Once(lambda: 0.0), numbers()

    def slow() -> int:
        for key in range(KEPT):
            once.read(key, 300.0, work, lasts=True)
        return work()

    assert once.read("slow", 300.0, slow, lasts=True) == KEPT + 1
    assert once.kept == KEPT
    assert once.read("slow", 300.0, work, lasts=True) == KEPT + 2


def test_who_comes_after_the_news_waits_for_one_reading_that_has_it() -> None:
    once, began, go_on, work = Once(lambda: 0.0), Event(), Event(), numbers()

    def slow() -> int:
        began.set()
        go_on.wait(30)
        return work()

    with ThreadPoolExecutor(12) as pool:
        before = pool.submit(once.read, "a", 1.0, slow)
        assert began.wait(30)
        once.forget()  # what is being read may miss it
        after = [pool.submit(once.read, "a", 1.0, work) for _ in range(10)]
        go_on.set()
        assert before.result(30) == 1
        assert {one.result(30) for one in after} == {2}
