"""Nothing given before the mark is still on its way, whatever the stages do and when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.watermark import Hop, Watermark

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOPS = 3


class Line:
    """Three topics in a row. A message is the moment it was given."""

    def __init__(self) -> None:
        self.topics: list[list[datetime]] = [[] for _ in range(HOPS + 1)]  # the last is the disk
        self.done = [0] * HOPS

    def give(self, now: datetime) -> None:
        self.topics[0].append(now)

    def work(self, hop: int, most: int) -> None:
        some = self.topics[hop][self.done[hop] : self.done[hop] + most]
        self.topics[hop + 1] += some
        self.done[hop] += len(some)

    def read(self) -> list[Hop]:
        return [Hop((self.done[hop],), (len(self.topics[hop]),)) for hop in range(HOPS)]

    def on_the_way(self) -> list[datetime]:
        return [at for hop in range(HOPS) for at in self.topics[hop][self.done[hop] :]]


def second(number: int) -> datetime:
    return NOON + timedelta(seconds=number)


STEPS = st.lists(
    st.one_of(
        st.just(("give", 0, 0)),
        st.just(("look", 0, 0)),
        st.tuples(st.just("work"), st.integers(0, HOPS - 1), st.integers(1, 3)),
    ),
    max_size=60,
)


@given(STEPS)
def test_all_that_was_given_before_the_mark_is_on_disk(steps: list[tuple[str, int, int]]) -> None:
    line, mark = Line(), Watermark()
    for number, (what, hop, most) in enumerate(steps):
        if what == "give":
            line.give(second(number))
        elif what == "work":
            line.work(hop, most)
        else:
            mark.take(second(number), line.read())
        at = mark.at
        assert at is None or all(given >= at for given in line.on_the_way())


def test_it_moves_on_while_posts_never_stop() -> None:
    line, mark = Line(), Watermark()
    for number in range(60):
        line.give(second(number))
        for hop in range(HOPS):
            line.work(hop, 1)
        line.give(second(number))
        mark.take(second(number), line.read())
        for hop in range(HOPS):
            line.work(hop, 1)
    assert mark.at is not None
    assert mark.at >= second(55)


def test_a_stage_that_stops_holds_it_up_and_frees_it_when_it_goes_on() -> None:
    line, mark = Line(), Watermark()
    line.give(second(0))
    line.work(0, 9)
    for number in range(1, 20):
        mark.take(second(number), line.read())
    assert mark.at is None
    line.work(1, 9)
    line.work(2, 9)
    mark.take(second(20), line.read())
    assert mark.at == second(1)


def test_an_empty_line_is_done_at_the_second_look() -> None:
    mark = Watermark()
    mark.take(second(0), Line().read())
    mark.take(second(2), Line().read())
    assert mark.at == second(0)


def test_every_partition_counts() -> None:
    mark = Watermark()
    mark.take(second(0), [Hop((0, 0), (1, 1))])
    mark.take(second(1), [Hop((1, 0), (1, 1))])
    assert mark.at is None
    mark.take(second(2), [Hop((1, 1), (1, 1))])
    assert mark.at == second(0)


def test_topics_that_begin_anew_do_not_hold_it_up_for_ever() -> None:
    """A broker that keeps nothing was restarted, or a topic was made again."""
    mark = Watermark()
    mark.take(second(0), [Hop((5,), (9,)), Hop((2,), (4,))])
    mark.take(second(2), [Hop((0,), (1,)), Hop((0,), (0,))])
    mark.take(second(4), [Hop((1,), (1,)), Hop((1,), (1,))])
    assert mark.at is not None
    assert mark.at >= second(2)


def test_a_later_topic_that_begins_anew_does_not_hold_it_up_for_ever() -> None:
    mark = Watermark()
    mark.take(second(0), [Hop((5,), (5,)), Hop((2,), (4,))])
    mark.take(second(2), [Hop((5,), (5,)), Hop((2,), (4,))])
    mark.take(second(4), [Hop((5,), (5,)), Hop((0,), (0,))])
    mark.take(second(6), [Hop((5,), (5,)), Hop((0,), (0,))])
    assert mark.at == second(4)
